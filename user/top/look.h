/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person has chosen to see of a snapshot: order, filter, selection, and a text over it. Keys
 * change it. It knows neither a terminal nor a clock.
 *
 * Ownership: top_look_done() frees the text. Invariants: selections are by identity, so they stay
 * on an owner or a death when rows move.
 */
#ifndef KT_TOP_LOOK_H
#define KT_TOP_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "top/model.h"

enum top_sort { TOP_BY_RATE, TOP_BY_DEATHS, TOP_BY_LAST, TOP_BY_NAME, TOP_SORTS };
enum top_pane { TOP_PANE_OWNERS, TOP_PANE_DEATHS };
enum top_over { TOP_OVER_NOTHING, TOP_OVER_FILTER, TOP_OVER_HELP, TOP_OVER_TEXT };

/* Keys that are no character. */
enum top_key {
	TOP_KEY_UP = 0x110000, /* behind all characters */
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
	TOP_KEY_TAB,
	TOP_KEY_OTHER,
};

/* What the caller has to do after a key. */
enum top_action { TOP_GO_ON, TOP_EXPLAIN, TOP_QUIT };

#define TOP_FILTER_SIZE 64
#define TOP_MESSAGE_SIZE 256

struct top_look {
	enum top_sort sort;
	enum top_pane pane; /* that keys move in */
	enum top_over over;
	bool is_paused;
	char filter[TOP_FILTER_SIZE]; /* "": none */
	char message[TOP_MESSAGE_SIZE];
	uint64_t owner, death; /* the selected ones; 0: the first */
	/* what is shown of the snapshot, in this order */
	unsigned int owner_count, death_count;
	uint16_t owners[TOP_OWNERS], deaths[TOP_DEATHS];
	char *text; /* lines; NULL: none */
	unsigned int text_first, text_lines, text_page;
	unsigned int page; /* rows of the pane, as drawn last */
};

void top_look_done(struct top_look *look);

/* Chooses and sorts the rows of a snapshot. */
void top_look_at(struct top_look *look, const struct top_snapshot *snapshot);

/* The place of the selected row; 0 if there is none. */
unsigned int top_look_selected(const struct top_look *look, const struct top_snapshot *snapshot,
			       enum top_pane pane);

/* A character, or an enum top_key. */
enum top_action top_look_key(struct top_look *look, const struct top_snapshot *snapshot,
			     uint32_t key);

/* Shows a text; it is freed here. NULL is none. */
void top_look_show(struct top_look *look, char *text);

/* "rate" */
const char *top_sort_name(enum top_sort sort);

#endif
