// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/outlet_queue.h"

#include <stdatomic.h>
#include <string.h>

/* One queue may hold this many bytes for each byte that is free in total. */
#define SHARE 4

/* Of the whole process, which has one memory. */
static atomic_size_t queued_bytes;

/* How much may wait in one queue now. */
static size_t allowed_bytes(void)
{
	const size_t queued = atomic_load(&queued_bytes);
	const size_t free_bytes = queued < OUTLET_QUEUES_BYTES ? OUTLET_QUEUES_BYTES - queued : 0;

	return SHARE * free_bytes > OUTLET_QUEUE_SURE_BYTES ? SHARE * free_bytes
							    : OUTLET_QUEUE_SURE_BYTES;
}

static void count_in(struct outlet_queue *queue, struct event *event)
{
	queue->count++;
	queue->deaths += event_deaths(event);
	queue->bytes += event_bytes(event);
	if (!atomic_fetch_add(&event->queues, 1))
		atomic_fetch_add(&queued_bytes, event_bytes(event));
}

static void count_out(struct outlet_queue *queue, struct event *event)
{
	queue->count--;
	queue->deaths -= event_deaths(event);
	queue->bytes -= event_bytes(event);
	if (atomic_fetch_sub(&event->queues, 1) == 1)
		atomic_fetch_sub(&queued_bytes, event_bytes(event));
}

static struct event *first_of(const struct outlet_queue *queue)
{
	return queue->events[queue->first];
}

uint64_t outlet_queue_first_unsafe(const struct outlet_queue *queue)
{
	if (queue->held_first)
		return queue->held_first;
	return queue->count ? event_first(first_of(queue)) : queue->behind;
}

/* What would be lost if the process ended now, in whole events: if one stands for many deaths, it
 * is not known which of them are still in the ring buffer. */
struct risk {
	uint64_t deaths;
	uint64_t last; /* sequence */
};

static struct risk risk_of(const struct outlet_queue *queue)
{
	struct risk risk = { 0 };

	if (queue->held_first && queue->held_first <= queue->released)
		risk = (struct risk){ queue->held, queue->held_last };
	for (unsigned int i = 0; i < queue->count; i++) {
		const struct event *event = queue->events[(queue->first + i) % OUTLET_QUEUE_MOST];

		if (event_first(event) > queue->released)
			break;
		risk.deaths += event_deaths(event);
		risk.last = event->sequence;
	}
	/* lost after those, and counted */
	if (risk.last && queue->given_up > risk.last)
		risk.last = queue->given_up;
	return risk;
}

uint64_t outlet_queue_risked(const struct outlet_queue *queue)
{
	return risk_of(queue).deaths;
}

uint64_t outlet_queue_waiting(const struct outlet_queue *queue, bool *ret_room)
{
	*ret_room = queue->count < OUTLET_QUEUE_MOST / 2 && queue->bytes < allowed_bytes() / 2;
	return queue->deaths + (queue->held_first ? queue->held : 0);
}

/* Something was written, dropped or put at risk. What is counted as at risk must not come again,
 * even if it is still in the ring buffer. */
static void note_progress(const struct outlet_queue *queue)
{
	const uint64_t first = outlet_queue_first_unsafe(queue);
	uint64_t safe = first ? first - 1 : queue->offered;
	struct risk risk = { 0 };

	if (!queue->mark)
		return;
	if (first && first <= queue->released)
		risk = risk_of(queue);
	if (risk.last > safe)
		safe = risk.last;
	/* better to count an event twice than not at all: a higher number is stored before the
	 * other value, a lower one after it */
	if (risk.deaths > queue->mark->risked)
		atomic_store(&queue->mark->risked, risk.deaths);
	if (safe > queue->mark->safe)
		atomic_store(&queue->mark->safe, safe);
	atomic_store(&queue->mark->risked, risk.deaths);
}

uint64_t outlet_queue_begin(struct outlet_queue *queue, uint64_t has, struct ledger_outlet *mark,
			    struct ledger_counts *counts)
{
	queue->counts = counts ? counts : &queue->own_counts;
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
	count_out(queue, event);
	event_unref(event);
}

/* Losses are no deaths, and a stuck process has not died yet. */
static struct outlet_queue_counts counts_of(const struct event *event)
{
	struct outlet_queue_counts counts = { 0 };

	for (; event; event = event->next)
		if (event->is_death && !event->reported->stuck) {
			counts.reported++;
			counts.folded += event->folded;
		}
	return counts;
}

/* Before they are noted as safe: they stay counted if the agent is killed in between. */
static void count_written(const struct outlet_queue *queue, const struct outlet_queue_counts *more)
{
	atomic_fetch_add(&queue->counts->reported, more->reported);
	atomic_fetch_add(&queue->counts->folded, more->folded);
}

/* Some can be of an earlier run. */
static void take_from(atomic_uint_least64_t *count, uint64_t number)
{
	const uint64_t before = *count;

	atomic_store(count, number < before ? before - number : 0);
}

/* What waits to be counted is taken first: a flush gives up what it has just been given. */
static void take_back(uint64_t *waiting, atomic_uint_least64_t *count, uint64_t number)
{
	const uint64_t from_waiting = number < *waiting ? number : *waiting;

	*waiting -= from_waiting;
	take_from(count, number - from_waiting);
}

void outlet_queue_give_up(struct outlet_queue *queue, uint64_t deaths, uint64_t folded)
{
	take_back(&queue->held_counts.reported, &queue->counts->reported, deaths - folded);
	take_back(&queue->held_counts.folded, &queue->counts->folded, folded);
}

void outlet_queue_delivered(struct outlet_queue *queue, bool gathered, bool safe)
{
	const struct outlet_queue_counts counts = counts_of(first_of(queue));

	if (!safe && !queue->held_first)
		queue->held_first = event_first(first_of(queue));
	queue->held_last = first_of(queue)->sequence;
	if (gathered)
		queue->held += event_deaths(first_of(queue));
	if (safe) {
		count_written(queue, &counts);
	} else {
		queue->held_counts.reported += counts.reported;
		queue->held_counts.folded += counts.folded;
	}
	drop_first(queue);
	note_progress(queue);
}

void outlet_queue_flushed(struct outlet_queue *queue)
{
	count_written(queue, &queue->held_counts);
	queue->held_counts = (struct outlet_queue_counts){ 0 };
	queue->held = queue->held_first = 0;
	note_progress(queue);
}

/* It has been here before, or will come again in its turn. In a recording everything comes once, in
 * any order. */
static bool is_out_of_turn(const struct outlet_queue *queue, const struct event *event)
{
	return (queue->mark || queue->has) && event->is_death && event->sequence &&
	       event->sequence <= queue->offered;
}

/* The sequence of losses is near that of the last death that was read, which may have been here
 * before. */
static void note_offered(struct outlet_queue *queue, const struct event *event)
{
	if (event->sequence > queue->offered)
		queue->offered = event->sequence;
}

bool outlet_queue_wants(const struct outlet_queue *queue, uint64_t sequence)
{
	if (!queue->mark || !sequence)
		return true;
	if (sequence <= queue->offered)
		return false;
	return !queue->refusing || sequence == queue->behind ||
	       sequence > queue->rows[queue->row_count - 1].last;
}

static bool has_room(const struct outlet_queue *queue, const struct event *event)
{
	if (queue->count == OUTLET_QUEUE_MOST ||
	    queue->bytes + event_bytes(event) > allowed_bytes())
		return false;
	if (queue->behind && !event->is_death)
		return false;
	return !queue->refusing || event->sequence == queue->behind;
}

/* Joins each pair of rows. */
static void join_rows(struct outlet_queue *queue)
{
	for (size_t i = 0; i < OUTLET_QUEUE_ROWS / 2; i++) {
		const struct outlet_queue_row *left = &queue->rows[2 * i], *right = left + 1;

		queue->rows[i] = (struct outlet_queue_row){ left->first, right->last,
							    left->count + right->count };
	}
	queue->row_count = OUTLET_QUEUE_ROWS / 2;
	queue->row_most *= 2;
}

static void skip(struct outlet_queue *queue, const struct outlet_queue_row *row)
{
	struct outlet_queue_row *last = queue->rows + queue->row_count - 1;

	if (!queue->row_count)
		queue->row_most = OUTLET_QUEUE_ROWS;
	if (queue->row_count && row->last <= last->last)
		return; /* it was already skipped */
	queue->skipped += row->count;
	if (queue->row_count && last->count < queue->row_most) {
		last->last = row->last;
		last->count += row->count;
		return;
	}
	if (queue->row_count == OUTLET_QUEUE_ROWS)
		join_rows(queue);
	queue->rows[queue->row_count++] = *row;
}

static void drop_row(struct outlet_queue *queue)
{
	queue->skipped -= queue->rows[0].count;
	queue->row_count--;
	memmove(queue->rows, queue->rows + 1, queue->row_count * sizeof(queue->rows[0]));
}

/* The first of the skipped events has come again. */
static void take_skipped(struct outlet_queue *queue, uint64_t sequence)
{
	queue->refusing = false;
	queue->skipped--;
	queue->rows[0].first = sequence + 1;
	if (!--queue->rows[0].count)
		drop_row(queue);
	queue->behind = queue->skipped ? queue->rows[0].first : 0;
}

/* There is no room for it, or for one before it. False: it does not come again. */
static bool turn_away(struct outlet_queue *queue, const struct event *event)
{
	const struct outlet_queue_row row = { event_first(event), event->sequence,
					      event_deaths(event) };

	if (!queue->mark || !event->is_death) {
		if (!queue->behind)
			note_offered(queue, event);
		note_progress(queue);
		return false;
	}
	if (!queue->refusing) {
		queue->behind = row.first;
		if (queue->row_count) /* some events of the row were taken */
			queue->rows[0].first = row.first;
	}
	queue->refusing = true;
	skip(queue, &row);
	return true;
}

static void take(struct outlet_queue *queue, struct event *event)
{
	note_offered(queue, event);
	if (queue->behind)
		take_skipped(queue, event->sequence);
	queue->events[(queue->first + queue->count) % OUTLET_QUEUE_MOST] = event_ref(event);
	count_in(queue, event);
}

bool outlet_queue_offer(struct outlet_queue *queue, struct event *event, bool ending)
{
	if (is_out_of_turn(queue, event))
		return true;
	if (ending || !has_room(queue, event))
		return turn_away(queue, event);
	take(queue, event);
	return true;
}

bool outlet_queue_is_ready(const struct outlet_queue *queue)
{
	return queue->behind && queue->count < OUTLET_QUEUE_MOST / 4 &&
	       queue->bytes < allowed_bytes() / 4;
}

uint64_t outlet_queue_risk(struct outlet_queue *queue, uint64_t sequence)
{
	uint64_t lost = 0;

	queue->released = sequence;
	while (queue->row_count && queue->rows[0].first <= sequence) {
		lost += queue->rows[0].count;
		queue->offered = queue->given_up = queue->rows[0].last;
		drop_row(queue);
	}
	if (lost) {
		queue->behind = queue->skipped ? queue->rows[0].first : 0;
		queue->refusing = queue->skipped != 0;
	}
	note_progress(queue);
	return lost;
}

void outlet_queue_free(struct outlet_queue *queue)
{
	while (queue->count)
		drop_first(queue);
}
