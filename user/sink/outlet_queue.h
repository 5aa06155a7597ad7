/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an outlet has still to write, and how far it has come: bounded, and in the order of the events.
 *
 * An event that finds no room is lost, or comes again: where there is a next agent (a `mark` in the
 * ledger), the ring buffer is read anew from that event on when there is room.
 *
 * Ownership: the queue holds a reference to each event in it. Threads: the outlet's lock.
 */
#ifndef KT_SINK_OUTLET_QUEUE_H
#define KT_SINK_OUTLET_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink/event.h"
#include "source/ledger.h"

/* Some thousand ordinary events. */
#define OUTLET_QUEUE_MOST 4096
#define OUTLET_QUEUE_BYTES (4U << 20)

/* All zero at first. */
struct outlet_queue {
	struct event *events[OUTLET_QUEUE_MOST];
	unsigned int first, count;
	size_t bytes;
	uint64_t held;       /* delivered since the last flush */
	uint64_t held_first; /* sequence of the first that is safe when flushed; 0: there is none */
	uint64_t has;        /* deaths up to this sequence were written before it began */
	uint64_t offered;    /* sequence of the newest that was taken or is lost */
	uint64_t behind;     /* of the first that found no room and will come again; 0: none */
	bool refusing;       /* whatever comes before that one */
	uint64_t skipped;    /* how many that are */
	uint64_t skipped_last;    /* sequence of the last of them */
	uint64_t released;        /* up to here nobody else has the events */
	struct ledger_sink *mark; /* NULL: there is no next agent */
};

/* `has`: deaths up to this sequence are written. How many were lost with an earlier agent. */
uint64_t outlet_queue_begin(struct outlet_queue *queue, uint64_t has, struct ledger_sink *mark);

/* Takes a reference if there is room and it is the event's turn. False: it is lost. */
bool outlet_queue_offer(struct outlet_queue *queue, struct event *event, bool ending);

/* The first was delivered: it may be `safe` by that, or when what was gathered is flushed. */
void outlet_queue_delivered(struct outlet_queue *queue, bool gathered, bool safe);
void outlet_queue_flushed(struct outlet_queue *queue);

/* Sequence of the first event that is not written for good; 0: there is none. */
uint64_t outlet_queue_first_unsafe(const struct outlet_queue *queue);

/* How many are not written for good; *ret_room: half of the queue is free, as to events and to bytes. */
uint64_t outlet_queue_waiting(const struct outlet_queue *queue, bool *ret_room);

/* How many would be lost if the process ended now. */
uint64_t outlet_queue_risked(const struct outlet_queue *queue);

/* Whether what is behind can come again. */
bool outlet_queue_is_ready(const struct outlet_queue *queue);

/* Events up to this sequence are nowhere else any more. How many are lost by that. */
uint64_t outlet_queue_risk(struct outlet_queue *queue, uint64_t sequence);

void outlet_queue_free(struct outlet_queue *queue);

#endif
