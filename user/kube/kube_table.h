/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Events of a node that are being counted: equal deaths of one pod are one Event, whose count
 * grows. What cannot be sent yet, because the API server is away or a rate is reached, is held here
 * as a number, so it takes no more memory in a storm.
 *
 * Bounded: if every row has something to send, a new kind of death finds no room.
 *
 * Ownership: rows belong to the table. Threads: one.
 */
#ifndef KT_KUBE_KUBE_TABLE_H
#define KT_KUBE_KUBE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/kube_event.h"
#include "kube/kube_rate.h"

#define KUBE_TABLE_ROWS 256
/* What could not be sent for so long is given up: the API server itself forgets an Event after an
 * hour. */
#define KUBE_TABLE_OLDEST_NS (3600 * (uint64_t)NS_PER_S)

/* Deaths that no Event shows, or will show. */
struct kube_lost {
	uint64_t deaths, folded; /* as in struct outlet */
};

struct kube_row {
	struct kube_event event; /* all zero: the row is free */
	char *object_name;       /* of the Event in the API server; NULL: it is not there */
	uint64_t sent;           /* the count that is there */
	uint64_t sending;        /* the count that is on its way */
	bool on_its_way;
	uint64_t since_ns; /* of the first death that is not sent; 0: all is sent */
	uint64_t turn;     /* who waited longest goes first */
	uint64_t used;     /* when it was used last, as a counter */
	/* Deaths that are lost if the row is given up now, and those of them that the outlet has
	 * already reported as written: they are held back by a rate. */
	struct kube_lost owed, released;
	struct kube_lost on_way; /* of those, what is on its way */
};

struct kube_table {
	struct kube_row rows[KUBE_TABLE_ROWS];
	struct kube_rate rate;
	uint64_t turns;
};

/* NULL when out of memory. */
struct kube_table *kube_table_new(void);
/* NULL is fine. */
void kube_table_free(struct kube_table *table);

/* Takes over the Events of one row of deaths, and counts what is lost in *lost. */
void kube_table_add(struct kube_table *table, const struct event *event, struct kube_events *events,
		    uint64_t now_ns, struct kube_lost *lost);

/* The row that may send now. NULL: none; *ret_wait_ns is then how long to wait; 0: there is nothing
 * to send. */
struct kube_row *kube_table_next(struct kube_table *table, uint64_t now_ns, uint64_t *ret_wait_ns);

/* The row is sent: until its answer, or kube_table_failed(), it stays where it is. */
void kube_table_begin(struct kube_row *row);
/* The API server has dealt with it, which counts for the rates. */
void kube_table_answered(struct kube_table *table, const struct kube_row *row, uint64_t now_ns);
/* What was sent is there, as `object_name`, which is taken over. */
void kube_table_arrived(struct kube_row *row, char *object_name, uint64_t now_ns);
/* It is not there any more: it is to be created again. */
void kube_table_vanished(struct kube_row *row);
/* It is still to be sent, after the others. */
void kube_table_failed(struct kube_table *table, struct kube_row *row);

/* The row is given up, with what is not sent. */
void kube_table_give_up(struct kube_row *row, struct kube_lost *lost);
/* The same for rows that waited for too long. */
void kube_table_give_up_old(struct kube_table *table, uint64_t now_ns, struct kube_lost *lost);

/* The outlet reports all deaths so far as written. */
void kube_table_release(struct kube_table *table);
/* At the end: deaths that were reported as written, and are not sent, are lost after all. */
void kube_table_give_up_released(struct kube_table *table, struct kube_lost *lost);

#endif
