// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/fanout.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "fold/fold.h"

/* A file on a working disk is written by then. */
#define SUM_NS ((uint64_t)NS_PER_S / 5)

struct fanout {
	struct metrics *metrics;
	struct fold *fold; /* NULL: all deaths stay whole */
	uint64_t sequence; /* of the newest event */
	uint64_t lost;     /* before there was an event to offer */
	bool hangs;        /* an outlet that was stopped hangs */
	unsigned int count;
	struct outlet_thread *threads[FANOUT_MOST];
};

static void offer(struct fanout *fanout, struct event *event)
{
	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_thread_offer(fanout->threads[i], event);
	event_unref(event);
}

/* Without memory for the event, at least the metrics count it. */
static void lose(struct fanout *fanout, uint64_t deaths)
{
	struct losses losses = { .count = { [LOSS_OUTPUT] = deaths * fanout->count } };

	fanout->lost += deaths * fanout->count;
	if (fanout->metrics)
		metrics_count_losses(fanout->metrics, &losses);
}

void fanout_close_rows(struct fanout *fanout)
{
	struct event *rows;
	uint64_t lost;

	if (!fanout->fold || !fold_first(fanout->fold))
		return;
	rows = fold_close(fanout->fold, &lost);
	if (rows)
		offer(fanout, rows);
	if (lost)
		lose(fanout, lost);
}

/* The outlets that want it, a bit for each: an event that comes again for one is not made for all.
 */
static uint32_t wanted_by(const struct fanout *fanout, uint64_t sequence)
{
	uint32_t wanted = 0;

	for (unsigned int i = 0; i < fanout->count; i++)
		if (outlet_thread_wants(fanout->threads[i], sequence))
			wanted |= 1U << i;
	return wanted;
}

/* Whether it is in a row now. A record that comes again does so for outlets that took none of it,
 * or not all. */
static bool fold(struct fanout *fanout, const struct report *report, uint32_t wanted)
{
	if (!fold_takes(fanout->fold, report))
		return false;
	if (!fold_joins(fanout->fold, report, wanted))
		fanout_close_rows(fanout);
	return !fold_add(fanout->fold, report, wanted);
}

void fanout_death(struct fanout *fanout, const struct report *report)
{
	const bool is_new = report->death->sequence > fanout->sequence;
	uint32_t wanted;
	struct event *event;

	if (is_new)
		fanout->sequence = report->death->sequence;
	/* first, so that it is counted in what an outlet writes because of this event */
	if (fanout->metrics)
		metrics_count_death(fanout->metrics, report);
	wanted = wanted_by(fanout, report->death->sequence);
	if (!wanted && fanout->count)
		return;
	if (fanout->fold && is_new && fanout->count && fold(fanout, report, wanted))
		return;
	fanout_close_rows(fanout);
	event = fanout->count ? event_of_death(report) : NULL;
	if (event)
		offer(fanout, event);
	else
		lose(fanout, 1);
}

void fanout_losses(struct fanout *fanout, const struct origin *origin, const struct losses *losses,
		   int64_t realtime_ns)
{
	struct event *event = NULL;

	fanout_close_rows(fanout);
	/* After the newest death and before the next, however many there are: no record is so
	 * short. */
	if (fanout->count)
		event = event_of_losses(origin, losses, realtime_ns, fanout->sequence + 1);

	if (fanout->metrics)
		metrics_count_losses(fanout->metrics, losses);
	if (event)
		offer(fanout, event);
}

static int receive_death(void *context, const struct report *report)
{
	fanout_death(context, report);
	return 0;
}

static int receive_losses(void *context, const struct origin *origin, const struct losses *losses,
			  int64_t realtime_ns)
{
	fanout_losses(context, origin, losses, realtime_ns);
	return 0;
}

struct report_receiver fanout_receiver(struct fanout *fanout)
{
	return (struct report_receiver){
		.death = receive_death,
		.losses = receive_losses,
		.context = fanout,
	};
}

struct fanout *fanout_new(struct metrics *metrics)
{
	struct fanout *fanout = calloc(1, sizeof(*fanout));

	if (fanout)
		fanout->metrics = metrics;
	return fanout;
}

void fanout_free(struct fanout *fanout)
{
	if (!fanout)
		return;
	fold_free(fanout->fold);
	free(fanout);
}

bool fanout_add(struct fanout *fanout, struct outlet_thread *thread)
{
	if (!thread || fanout->count == FANOUT_MOST)
		return false;
	fanout->threads[fanout->count++] = thread;
	return true;
}

bool fanout_fold(struct fanout *fanout, uint64_t span)
{
	fanout->fold = fold_new(span, FOLD_OPEN_NS);
	return fanout->fold != NULL;
}

bool fanout_close_due(struct fanout *fanout, uint64_t newest)
{
	if (!fanout->fold)
		return false;
	if (fold_is_due(fanout->fold, newest, clock_boottime_ns()))
		fanout_close_rows(fanout);
	return fold_first(fanout->fold) != 0;
}

void fanout_wake(struct fanout *fanout)
{
	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_thread_wake(fanout->threads[i]);
}

void fanout_reopen(struct fanout *fanout)
{
	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_thread_reopen(fanout->threads[i]);
}

/* The lowest value of any outlet that is not 0; 0: there is none. */
static uint64_t first_of_all(struct fanout *fanout,
			     uint64_t (*first_of)(struct outlet_thread *thread))
{
	uint64_t first = 0;

	for (unsigned int i = 0; i < fanout->count; i++) {
		uint64_t one = first_of(fanout->threads[i]);

		if (one && (!first || one < first))
			first = one;
	}
	return first;
}

uint64_t fanout_first_unsafe(struct fanout *fanout)
{
	const uint64_t first = first_of_all(fanout, outlet_thread_first_unsafe);
	const uint64_t open = fanout->fold ? fold_first(fanout->fold) : 0;

	return open && (!first || open < first) ? open : first;
}

uint64_t fanout_needs(struct fanout *fanout)
{
	return first_of_all(fanout, outlet_thread_needs);
}

uint64_t fanout_waiting(struct fanout *fanout, bool *ret_room)
{
	uint64_t waiting = 0;

	*ret_room = true;
	for (unsigned int i = 0; i < fanout->count; i++) {
		bool room;

		waiting += outlet_thread_waiting(fanout->threads[i], &room);
		*ret_room &= room;
	}
	return waiting;
}

uint64_t fanout_behind(struct fanout *fanout, bool *ret_ready)
{
	uint64_t first = 0;

	*ret_ready = false;
	for (unsigned int i = 0; i < fanout->count; i++) {
		bool ready;
		uint64_t one = outlet_thread_behind(fanout->threads[i], &ready);

		if (!one || (*ret_ready && !ready))
			continue;
		if (!first || ready > *ret_ready || one < first)
			first = one;
		*ret_ready = ready;
	}
	return first;
}

/* What is lost by that is noted at once: another agent continues from there. */
uint64_t fanout_risk(struct fanout *fanout, uint64_t sequence)
{
	uint64_t given_up = 0;

	/* the outlets must count what only they have */
	if (fanout->fold && fold_first(fanout->fold) && fold_first(fanout->fold) <= sequence)
		fanout_close_rows(fanout);
	for (unsigned int i = 0; i < fanout->count; i++) {
		const uint64_t one = outlet_thread_risk(fanout->threads[i], sequence);

		given_up = one > given_up ? one : given_up;
	}
	for (unsigned int i = 0; given_up && i < fanout->count; i++)
		if (outlet_thread_sums_up(fanout->threads[i]))
			outlet_thread_touch(fanout->threads[i]);
	return given_up;
}

/* What the outlets have left and lost, in total. */
struct remains {
	uint64_t first_unsafe; /* 0: nothing is left */
	uint64_t lost;
	bool hangs;
};

static void stop_one(struct outlet_thread *thread, struct remains *remains)
{
	const char *name = outlet_thread_name(thread);
	struct outlet_counts counts;

	outlet_thread_stop(thread, &counts);
	if (counts.dropped)
		say("%s: %" PRIu64 " %s not written", name, counts.dropped,
		    text_plural(counts.dropped, "event was", "events were"));
	if (counts.left)
		say("%s: %" PRIu64 " %s left to the next agent", name, counts.left,
		    text_plural(counts.left, "event is", "events are"));
	if (counts.first_unsafe &&
	    (!remains->first_unsafe || counts.first_unsafe < remains->first_unsafe))
		remains->first_unsafe = counts.first_unsafe;
	remains->lost += counts.dropped;
	remains->hangs = remains->hangs || counts.hangs;
}

static void stop_those(struct fanout *fanout, bool sum_up, uint64_t patience_ns,
		       struct remains *remains)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < fanout->count; i++)
		if (outlet_thread_sums_up(fanout->threads[i]) == sum_up)
			outlet_thread_order_end(fanout->threads[i], patience_ns);
	for (unsigned int i = 0; i < fanout->count; i++) {
		struct outlet_thread *thread = fanout->threads[i];

		if (outlet_thread_sums_up(thread) == sum_up)
			stop_one(thread, remains);
		else
			fanout->threads[left++] = thread;
	}
	fanout->count = left;
}

uint64_t fanout_stop(struct fanout *fanout, uint64_t patience_ns, uint64_t *ret_lost)
{
	struct remains remains = { 0 };

	fanout_close_rows(fanout);
	remains.lost = fanout->lost;
	stop_those(fanout, false, patience_ns, &remains);
	stop_those(fanout, true, patience_ns < SUM_NS ? patience_ns : SUM_NS, &remains);
	fanout->hangs = remains.hangs;
	*ret_lost = remains.lost;
	return remains.first_unsafe;
}

bool fanout_hangs(const struct fanout *fanout)
{
	return fanout->hangs;
}
