/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an outlet has still to write, and how far it has come: bounded, and in the order of the
 * events.
 *
 * All queues of the process share one bound in bytes, in which an event that waits in several
 * counts once. A queue takes no more than four times of what is free then, so that one that is
 * stuck leaves a fifth to the others; and a little it may always take, so that several that are
 * stuck take nothing from one that works. Source: Choudhury and Hahne, Dynamic Queue Length
 * Thresholds for Shared-Memory Packet Switches, 1998.
 *
 * An event that finds no room is lost, or comes again: where there is a next agent (a `mark` in the
 * ledger), the ring buffer is read anew from that event on when there is room.
 *
 * Ownership: the queue holds a reference to each event in it. Threads: the outlet's lock; the
 * shared bound needs none.
 */
#ifndef KT_OUTLET_OUTLET_QUEUE_H
#define KT_OUTLET_OUTLET_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line/event.h"
#include "source/ledger.h"

/* Of one queue. */
#define OUTLET_QUEUE_MOST 4096
/* Of all queues: some thousand ordinary events. */
#define OUTLET_QUEUES_BYTES ((size_t)3 << 20)
/* What each may take in spite of that: so much comes in a storm while a disk writes once. */
#define OUTLET_QUEUE_SURE_BYTES ((size_t)512 << 10)

/* Rows of events that found no room and will come again, oldest first: so that of them a part can
 * be given up, and it is known how many that are. More events make the rows longer, not more. */
#define OUTLET_QUEUE_ROWS 64

struct outlet_queue_row {
	uint64_t first, last; /* sequences */
	uint64_t count;
};

/* All zero at first. */
struct outlet_queue {
	struct event *events[OUTLET_QUEUE_MOST];
	unsigned int first, count;
	size_t bytes;
	uint64_t deaths;     /* for which those stand */
	uint64_t held;       /* of them, delivered since the last flush */
	uint64_t held_first; /* sequence of the first that is safe when flushed; 0: there is none */
	uint64_t held_last;  /* of the newest that was delivered */
	uint64_t has;        /* deaths up to this sequence were written before it began */
	uint64_t offered;    /* sequence of the newest that was taken or is lost */
	uint64_t behind;     /* of the first that found no room and will come again; 0: none */
	bool refusing;       /* whatever comes before that one */
	uint64_t skipped;    /* how many that are, in rows */
	struct outlet_queue_row rows[OUTLET_QUEUE_ROWS];
	unsigned int row_count;
	uint64_t row_most; /* events of one row */
	uint64_t released; /* up to here nobody else has the events */
	uint64_t given_up; /* rows up to this sequence are lost, whether or not somebody has them */
	struct ledger_outlet *mark; /* NULL: there is no next agent */
	/* What was written for good, ever; of the queue itself where there is no ledger. */
	struct ledger_counts *counts, own_counts;
	struct outlet_queue_counts {
		uint64_t reported, folded;
	} held_counts; /* of what is safe when flushed */
};

/* `has`: deaths up to this sequence are written. `counts` may be NULL. How many were lost with an
 * earlier agent. */
uint64_t outlet_queue_begin(struct outlet_queue *queue, uint64_t has, struct ledger_outlet *mark,
			    struct ledger_counts *counts);

/* False: a death of this sequence would change nothing. */
bool outlet_queue_wants(const struct outlet_queue *queue, uint64_t sequence);

/* Takes a reference if there is room and it is the event's turn. False: it is lost. */
bool outlet_queue_offer(struct outlet_queue *queue, struct event *event, bool ending);

/* So many deaths that were delivered are given up after all. */
void outlet_queue_give_up(struct outlet_queue *queue, uint64_t deaths);

/* The first was delivered: it may be `safe` by that, or when what was gathered is flushed. */
void outlet_queue_delivered(struct outlet_queue *queue, bool gathered, bool safe);
void outlet_queue_flushed(struct outlet_queue *queue);

/* Sequence of the first event that is not written for good; 0: there is none. */
uint64_t outlet_queue_first_unsafe(const struct outlet_queue *queue);

/* How many are not written for good; *ret_room: half of the queue is free, as to events and to
 * bytes. */
uint64_t outlet_queue_waiting(const struct outlet_queue *queue, bool *ret_room);

/* How many would be lost if the process ended now. */
uint64_t outlet_queue_risked(const struct outlet_queue *queue);

/* Whether what is behind can come again. */
bool outlet_queue_is_ready(const struct outlet_queue *queue);

/* Events up to this sequence are nowhere else any more. How many are lost by that: rows go as a
 * whole. */
uint64_t outlet_queue_risk(struct outlet_queue *queue, uint64_t sequence);

void outlet_queue_free(struct outlet_queue *queue);

#endif
