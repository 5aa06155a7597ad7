/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an outlet still has to write, and how far it has come: bounded, and in the order of the
 * events.
 *
 * All queues of the process share one bound in bytes, in which an event that waits in several
 * queues counts once. A queue takes at most four times the bytes that are free at that time, so
 * that one stuck queue leaves a fifth to the others. It may always take a small amount, so that
 * several stuck queues take nothing from a working one. Source: Choudhury and Hahne, Dynamic Queue
 * Length Thresholds for Shared-Memory Packet Switches, 1998.
 *
 * An event that finds no room is lost, or comes again: if there is a next agent (a `mark` in the
 * ledger), the ring buffer is read again from that event on when there is room.
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

/* Events in one queue. */
#define OUTLET_QUEUE_MOST 4096
/* Of all queues: some thousand ordinary events. */
#define OUTLET_QUEUES_BYTES ((size_t)3 << 20)
/* What each may always take: so much comes in a storm during one write to the disk. */
#define OUTLET_QUEUE_SURE_BYTES ((size_t)512 << 10)

/* Rows of events that found no room and will come again, oldest first. Thanks to them, a part of
 * the events can be given up, and their number is known. More events make the rows longer, not more
 * numerous. */
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
	uint64_t deaths;     /* that those events stand for */
	uint64_t held;       /* of those, delivered since the last flush */
	uint64_t held_first; /* sequence of the first that is safe when flushed; 0: none */
	uint64_t held_last;  /* sequence of the newest that was delivered */
	uint64_t has;        /* deaths up to this sequence were written before the start */
	uint64_t offered;    /* sequence of the newest that was taken or is lost */
	uint64_t behind;     /* of the first that found no room and will come again; 0: none */
	bool refusing;       /* all events before that one */
	uint64_t skipped;    /* how many were refused, in rows */
	struct outlet_queue_row rows[OUTLET_QUEUE_ROWS];
	unsigned int row_count;
	uint64_t row_most;          /* events of one row */
	uint64_t released;          /* up to this sequence, only the outlets have the events */
	uint64_t given_up;          /* rows up to this sequence are lost, even if a copy exists */
	struct ledger_outlet *mark; /* NULL: there is no next agent */
	/* What was written for good, ever; in the queue itself if there is no ledger. */
	struct ledger_counts *counts, own_counts;
	struct outlet_queue_counts {
		uint64_t reported, folded;
	} held_counts; /* of events that are safe when flushed */
};

/* `has`: deaths up to this sequence are written. `counts` may be NULL. Returns how many were lost
 * with an earlier agent. */
uint64_t outlet_queue_begin(struct outlet_queue *queue, uint64_t has, struct ledger_outlet *mark,
			    struct ledger_counts *counts);

/* False: a death of this sequence would change nothing. */
bool outlet_queue_wants(const struct outlet_queue *queue, uint64_t sequence);

/* Takes a reference if there is room and it is the event's turn. False: it is lost. */
bool outlet_queue_offer(struct outlet_queue *queue, struct event *event, bool ending);

/* So many deaths that were delivered are now given up. */
void outlet_queue_give_up(struct outlet_queue *queue, uint64_t deaths, uint64_t folded);

/* The first was delivered: this makes it `safe`, or the flush of what was gathered does. */
void outlet_queue_delivered(struct outlet_queue *queue, bool gathered, bool safe);
void outlet_queue_flushed(struct outlet_queue *queue);

/* Sequence of the first event that is not written for good; 0: there is none. */
uint64_t outlet_queue_first_unsafe(const struct outlet_queue *queue);

/* How many are not written for good; *ret_room: half of the queue is free, both in events and in
 * bytes. */
uint64_t outlet_queue_waiting(const struct outlet_queue *queue, bool *ret_room);

/* How many would be lost if the process ended now. */
uint64_t outlet_queue_risked(const struct outlet_queue *queue);

/* Whether the events that are behind can come again. */
bool outlet_queue_is_ready(const struct outlet_queue *queue);

/* Events up to this sequence are nowhere else any more. Returns how many are lost by this: rows are
 * lost as a whole. */
uint64_t outlet_queue_risk(struct outlet_queue *queue, uint64_t sequence);

void outlet_queue_free(struct outlet_queue *queue);

#endif
