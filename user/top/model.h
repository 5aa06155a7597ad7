/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a full-screen view knows: owners with their deaths, the newest deaths, causes and losses.
 *
 * Ownership: the model owns everything; a snapshot is a copy. Threads: any; nothing here waits for
 * a screen. Invariants: bounded, however many owners and deaths there are: what finds no room is
 * counted. All texts are safe for a terminal.
 */
#ifndef KT_TOP_MODEL_H
#define KT_TOP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explain/cause.h"
#include "source/losses.h"
#include "stdout/row.h"

#define TOP_OWNERS 256
#define TOP_DEATHS 200
/* Longer lines are counted and listed, but not kept to explain them. */
#define TOP_LINE_MOST 16384
#define TOP_NAME_SIZE 320
#define TOP_REASON_SIZE 400
#define TOP_WORD_SIZE 128
/* How far back rates look. */
#define TOP_SECONDS 60
/* Causes that this version does not know are counted together, behind the others. */
#define TOP_CAUSES (CAUSE_COUNT + 1)

struct top_owner {
	uint64_t id;              /* of its whole name; never 0 */
	char name[TOP_NAME_SIZE]; /* cut, if it is longer */
	uint64_t deaths;
	uint64_t causes[TOP_CAUSES];
	int64_t first_ns, last_ns; /* wall clock */
	uint64_t minute;           /* deaths of the last TOP_SECONDS */
	enum row_class class;      /* of the newest */
	bool routine;
	char process[TOP_WORD_SIZE], reason[TOP_REASON_SIZE]; /* of the newest */
};

struct top_death {
	uint64_t number; /* growing; never 0 */
	int64_t time_ns; /* wall clock; of the last, if it stands for several */
	uint64_t repeats;
	enum row_class class;
	bool routine;
	char cause[TOP_WORD_SIZE], owner[TOP_NAME_SIZE], process[TOP_WORD_SIZE];
	char reason[TOP_REASON_SIZE];
};

/* How many events were lost, and how many found no room here. */
struct top_missing {
	struct losses losses;
	uint64_t owners, deaths;  /* that had to make room for others, and their deaths */
	uint64_t unreadable;      /* lines that are no record of ours */
	uint64_t routine, others; /* hidden by --all, and by other filters */
};

struct top_snapshot {
	bool is_reading; /* what was before is not all there yet */
	uint64_t deaths;
	uint64_t causes[TOP_CAUSES];
	uint64_t second, ten_seconds, minute; /* deaths of that time */
	struct top_missing missing;
	unsigned int owner_count, death_count;
	struct top_owner owners[TOP_OWNERS];
	struct top_death list[TOP_DEATHS]; /* the newest first */
};

struct top_model;

/* NULL when out of memory. */
struct top_model *top_model_new(void);
/* NULL is fine. */
void top_model_free(struct top_model *model);

/* Deaths that one line of JSON stands for. */
struct top_news {
	const char *line;
	size_t size;
	uint64_t deaths;
	int64_t first_ns, last_ns; /* wall clock */
	bool counts;               /* they are added to the counts */
	bool is_listed;            /* they are a row of the newest deaths */
};

/* `now_ns`: clock_boottime_ns(), for rates. 0, -ENOMEM, or -EINVAL: it is no death, and was counted
 * as unreadable. */
int top_model_add(struct top_model *model, const struct top_news *news, uint64_t now_ns);

void top_model_add_losses(struct top_model *model, const struct losses *losses);
void top_model_set_hidden(struct top_model *model, uint64_t routine, uint64_t others);

void top_model_set_reading(struct top_model *model, bool is_reading);

void top_model_look(struct top_model *model, uint64_t now_ns, struct top_snapshot *ret);

/* The line of a death, or of an owner's newest, to be freed. NULL: it is gone, was too long, or
 * there is no memory. */
char *top_model_line_of_death(struct top_model *model, uint64_t number);
char *top_model_line_of_owner(struct top_model *model, uint64_t id);

#endif
