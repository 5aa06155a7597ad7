// SPDX-License-Identifier: BSD-2-Clause
#include "sink/outlet_queue.h"

#include <stdatomic.h>

static struct event *first_of(const struct outlet_queue *queue)
{
	return queue->events[queue->first];
}

uint64_t outlet_queue_first_unsafe(const struct outlet_queue *queue)
{
	if (queue->held_first)
		return queue->held_first;
	return queue->count ? first_of(queue)->sequence : queue->behind;
}

uint64_t outlet_queue_risked(const struct outlet_queue *queue)
{
	uint64_t risked = queue->held_first && queue->held_first <= queue->released ? queue->held
										    : 0;

	for (unsigned int i = 0; i < queue->count; i++) {
		if (queue->events[(queue->first + i) % OUTLET_QUEUE_MOST]->sequence >
		    queue->released)
			break;
		risked++;
	}
	return risked;
}

uint64_t outlet_queue_waiting(const struct outlet_queue *queue, bool *ret_room)
{
	*ret_room = queue->count < OUTLET_QUEUE_MOST / 2 && queue->bytes < OUTLET_QUEUE_BYTES / 2;
	return queue->count + (queue->held_first ? queue->held : 0);
}

/* Something was written, dropped or put at risk. */
static void note_progress(const struct outlet_queue *queue)
{
	uint64_t first = outlet_queue_first_unsafe(queue);
	uint64_t safe = first ? first - 1 : queue->offered;

	if (!queue->mark)
		return;
	/* before the other: an event that is counted twice is better than one that is not */
	if (safe > queue->mark->safe)
		atomic_store(&queue->mark->safe, safe);
	atomic_store(&queue->mark->risked,
		     first && first <= queue->released ? outlet_queue_risked(queue) : 0);
}

uint64_t outlet_queue_begin(struct outlet_queue *queue, uint64_t has, struct ledger_sink *mark)
{
	queue->offered = queue->has = has;
	queue->mark = mark;
	if (!mark)
		return 0;
	if (mark->safe > queue->offered)
		queue->offered = mark->safe;
	return atomic_exchange(&mark->risked, 0);
}

static void drop_first(struct outlet_queue *queue)
{
	struct event *event = first_of(queue);

	queue->first = (queue->first + 1) % OUTLET_QUEUE_MOST;
	queue->count--;
	queue->bytes -= event->size;
	event_unref(event);
}

void outlet_queue_delivered(struct outlet_queue *queue, bool gathered, bool safe)
{
	if (!safe && !queue->held_first)
		queue->held_first = first_of(queue)->sequence;
	if (gathered)
		queue->held++;
	drop_first(queue);
	note_progress(queue);
}

void outlet_queue_flushed(struct outlet_queue *queue)
{
	queue->held = queue->held_first = 0;
	note_progress(queue);
}

/* It has been there before, or will come again in its turn; in a recording all comes once, in any order. */
static bool is_out_of_turn(const struct outlet_queue *queue, const struct event *event)
{
	return (queue->mark || queue->has) && event->is_death && event->sequence &&
	       event->sequence <= queue->offered;
}

/* The sequence of losses lies near that of the death that was read last, which may be one that has been
 * here before. */
static void note_offered(struct outlet_queue *queue, const struct event *event)
{
	if (event->sequence > queue->offered)
		queue->offered = event->sequence;
}

static bool has_room(const struct outlet_queue *queue, const struct event *event)
{
	if (queue->count == OUTLET_QUEUE_MOST || queue->bytes + event->size > OUTLET_QUEUE_BYTES)
		return false;
	if (queue->behind && !event->is_death)
		return false;
	return !queue->refusing || event->sequence == queue->behind;
}

/* There is no room for it, or for one before it. False: it does not come again. */
static bool turn_away(struct outlet_queue *queue, const struct event *event)
{
	if (!queue->mark || !event->is_death) {
		if (!queue->behind)
			note_offered(queue, event);
		note_progress(queue);
		return false;
	}
	if (!queue->refusing)
		queue->behind = event->sequence;
	queue->refusing = true;
	if (event->sequence > queue->skipped_last) {
		queue->skipped_last = event->sequence;
		queue->skipped++;
	}
	return true;
}

bool outlet_queue_offer(struct outlet_queue *queue, struct event *event, bool ending)
{
	if (is_out_of_turn(queue, event))
		return true;
	if (ending || !has_room(queue, event))
		return turn_away(queue, event);
	note_offered(queue, event);
	if (queue->behind) {
		queue->refusing = false;
		queue->skipped--;
		queue->behind = queue->skipped ? event->sequence + 1 : 0;
	}
	queue->events[(queue->first + queue->count) % OUTLET_QUEUE_MOST] = event_ref(event);
	queue->count++;
	queue->bytes += event->size;
	return true;
}

bool outlet_queue_is_ready(const struct outlet_queue *queue)
{
	return queue->behind && queue->count < OUTLET_QUEUE_MOST / 4 &&
	       queue->bytes < OUTLET_QUEUE_BYTES / 4;
}

uint64_t outlet_queue_risk(struct outlet_queue *queue, uint64_t sequence)
{
	uint64_t lost = 0;

	queue->released = sequence;
	if (queue->behind && queue->behind <= sequence) {
		lost = queue->skipped;
		queue->offered = queue->skipped_last;
		queue->behind = queue->skipped = 0;
		queue->refusing = false;
	}
	note_progress(queue);
	return lost;
}

void outlet_queue_free(struct outlet_queue *queue)
{
	while (queue->count)
		drop_first(queue);
}
