// SPDX-License-Identifier: BSD-2-Clause
#include "sink/fanout.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"

/* A file on a disk that works is written by then. */
#define SUM_NS ((uint64_t)NS_PER_S / 5)

struct fanout {
	struct sink sink;
	struct metrics *metrics;
	uint64_t sequence; /* of the newest event */
	uint64_t lost;     /* before there was an event to offer */
	bool hangs;        /* an outlet that was stopped */
	unsigned int count;
	struct outlet *outlets[FANOUT_MOST];
};

static void offer(struct fanout *fanout, struct event *event)
{
	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_offer(fanout->outlets[i], event);
	event_unref(event);
}

/* Without memory for the event the metrics still know of it. */
static void lose(struct fanout *fanout)
{
	struct losses losses = { .count = { [LOSS_OUTPUT] = fanout->count } };

	fanout->lost += fanout->count;
	if (fanout->metrics)
		metrics_count_losses(fanout->metrics, &losses);
}

static int fanout_death(struct sink *sink, const struct report *report)
{
	struct fanout *fanout = (struct fanout *)sink;
	struct event *event = fanout->count ? event_of_death(report) : NULL;

	if (report->death->sequence > fanout->sequence)
		fanout->sequence = report->death->sequence;

	/* first, so that what an outlet writes because of this event has it counted */
	if (fanout->metrics)
		metrics_count_death(fanout->metrics, report);
	if (event)
		offer(fanout, event);
	else
		lose(fanout);
	return 0;
}

static int fanout_losses(struct sink *sink, const struct origin *origin,
			 const struct losses *losses, int64_t realtime_ns)
{
	struct fanout *fanout = (struct fanout *)sink;
	struct event *event = NULL;

	/* records are longer than that */
	if (fanout->count)
		event = event_of_losses(origin, losses, realtime_ns, ++fanout->sequence);

	if (fanout->metrics)
		metrics_count_losses(fanout->metrics, losses);
	if (event)
		offer(fanout, event);
	return 0;
}

static void fanout_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_fanout_new(struct metrics *metrics)
{
	static const struct sink_ops ops = { fanout_death, fanout_losses, fanout_free };
	struct fanout *fanout = calloc(1, sizeof(*fanout));

	if (!fanout)
		return NULL;
	fanout->sink.ops = &ops;
	fanout->metrics = metrics;
	return (struct sink *)fanout;
}

bool sink_fanout_add(struct sink *sink, struct outlet *outlet)
{
	struct fanout *fanout = (struct fanout *)sink;

	if (!outlet || fanout->count == FANOUT_MOST)
		return false;
	fanout->outlets[fanout->count++] = outlet;
	return true;
}

void sink_fanout_wake(struct sink *sink)
{
	struct fanout *fanout = (struct fanout *)sink;

	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_wake(fanout->outlets[i]);
}

void sink_fanout_reopen(struct sink *sink)
{
	struct fanout *fanout = (struct fanout *)sink;

	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_reopen(fanout->outlets[i]);
}

uint64_t sink_fanout_first_unsafe(struct sink *sink)
{
	struct fanout *fanout = (struct fanout *)sink;
	uint64_t first = 0;

	for (unsigned int i = 0; i < fanout->count; i++) {
		uint64_t one = outlet_first_unsafe(fanout->outlets[i]);

		if (one && (!first || one < first))
			first = one;
	}
	return first;
}

uint64_t sink_fanout_waiting(struct sink *sink, bool *ret_room)
{
	struct fanout *fanout = (struct fanout *)sink;
	uint64_t waiting = 0;

	*ret_room = true;
	for (unsigned int i = 0; i < fanout->count; i++) {
		bool room;

		waiting += outlet_waiting(fanout->outlets[i], &room);
		*ret_room &= room;
	}
	return waiting;
}

uint64_t sink_fanout_behind(struct sink *sink, bool *ret_ready)
{
	struct fanout *fanout = (struct fanout *)sink;
	uint64_t first = 0;

	*ret_ready = false;
	for (unsigned int i = 0; i < fanout->count; i++) {
		bool ready;
		uint64_t one = outlet_behind(fanout->outlets[i], &ready);

		if (!one || (*ret_ready && !ready))
			continue;
		if (!first || ready > *ret_ready || one < first)
			first = one;
		*ret_ready = ready;
	}
	return first;
}

void sink_fanout_risk(struct sink *sink, uint64_t sequence)
{
	struct fanout *fanout = (struct fanout *)sink;

	for (unsigned int i = 0; i < fanout->count; i++)
		outlet_risk(fanout->outlets[i], sequence);
}

/* What the outlets have left and lost, in all. */
struct remains {
	uint64_t first_unsafe; /* 0: nothing is left */
	uint64_t lost;
	bool hangs;
};

static void stop_one(struct outlet *outlet, struct remains *remains)
{
	const char *name = outlet_name(outlet);
	struct outlet_counts counts;

	outlet_stop(outlet, &counts);
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
		if (outlet_sums_up(fanout->outlets[i]) == sum_up)
			outlet_order_end(fanout->outlets[i], patience_ns);
	for (unsigned int i = 0; i < fanout->count; i++) {
		struct outlet *outlet = fanout->outlets[i];

		if (outlet_sums_up(outlet) == sum_up)
			stop_one(outlet, remains);
		else
			fanout->outlets[left++] = outlet;
	}
	fanout->count = left;
}

uint64_t sink_fanout_stop(struct sink *sink, uint64_t patience_ns, uint64_t *ret_lost)
{
	struct fanout *fanout = (struct fanout *)sink;
	struct remains remains = { .lost = fanout->lost };

	stop_those(fanout, false, patience_ns, &remains);
	stop_those(fanout, true, patience_ns < SUM_NS ? patience_ns : SUM_NS, &remains);
	fanout->hangs = remains.hangs;
	*ret_lost = remains.lost;
	return remains.first_unsafe;
}

bool sink_fanout_hangs(const struct sink *sink)
{
	return ((const struct fanout *)sink)->hangs;
}
