// SPDX-License-Identifier: BSD-2-Clause
#include "pipeline.h"

#include "attribute/named_frame.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/memo.h"
#include "base/say.h"
#include "decode/decode.h"
#include "explain/explain.h"
#include "outlet/handback.h"
#include "source/feed.h"

/* A message for each would make an overload worse. `again`: they were counted when this record came
 * the first time. */
static int note_losses(struct pipeline *pipeline, const struct losses *losses, bool again,
		       int64_t realtime_ns)
{
	if (!pipeline->live)
		return pipeline_tell_losses(pipeline, losses, realtime_ns);
	if (!again)
		losses_add(&pipeline->pending, losses);
	return 0;
}

/* A record that cannot be read has no time: it is reported with that of the record before it, so
 * that every replay gives the same result. */
static int count_undecodable(struct pipeline *pipeline, const struct frame *frame, int failure,
			     bool again)
{
	struct losses one = { .count = { [LOSS_UNDECODABLE] = 1 } };

	say_detail("a record of %zu bytes is %s, ignoring", frame->record_size,
		   decode_failure_text(failure));
	return note_losses(pipeline, &one, again,
			   pipeline->last_ns ? pipeline->last_ns : frame->realtime_offset_ns);
}

/* Counts what could not be read while this death was attributed. */
static int note_troubles(struct pipeline *pipeline, bool again)
{
	struct losses fresh;

	naming_fresh_losses(pipeline->naming, &pipeline->troubles, &fresh);
	return note_losses(pipeline, &fresh, again, pipeline->last_ns);
}

static bool is_own_parser(const struct pipeline *pipeline)
{
	const struct kt_record *record = &pipeline->death.record;

	return pipeline->parser &&
	       (record->tgid == (uint32_t)pipeline->parser ||
		((record->valid & KT_VALID_PARENT) && record->ppid == (uint32_t)pipeline->parser));
}

static void attribute(struct pipeline *pipeline, const struct frame *frame)
{
	attribution_recall(&pipeline->death, pipeline->owners, &pipeline->whose);
	if (frame->names)
		attribution_read_names(&pipeline->whose, frame->names, frame->names_size);
	else
		attribution_find_names(&pipeline->whose, &pipeline->death, pipeline->naming);
	pipeline->whose.is_own_parser = is_own_parser(pipeline);
	pipeline->whose.is_replaced_parser =
		pipeline->whose.is_own_parser && pipeline->death.has_signal &&
		pipeline->death.signal.sender_pid == (uint32_t)pipeline->parser;
	/* only here and now, not when a recording is replayed */
	if (pipeline->live)
		invocation_find(pipeline->host_root, pipeline->whose.owner.unit, pipeline->last_ns,
				pipeline->whose.invocation);
}

/* Sends all of them: clients have filters of their own. Ordinary ends are not kept for later. */
static void feed(struct pipeline *pipeline, const struct frame *frame)
{
	const struct feed_share share = { pipeline->report.share.holder,
					  pipeline->report.share.workload };
	const bool routine = pipeline->report.verdict.routine;

	if (pipeline->feed && feed_wants(pipeline->feed, frame->sequence, !routine))
		feed_frame(pipeline->feed,
			   named_frame_make(pipeline->named, frame, &pipeline->death,
					    &pipeline->whose,
					    pipeline->options->tracer.no_addresses),
			   routine ? NULL : &share);
}

/* Without a filter, the form that filters use is not made, since most readers want everything.
 * Without memory for it, a death is reported rather than hidden. */
static bool is_asked_for(const struct pipeline *pipeline, const struct selection *selection)
{
	AUTO_FREE struct reported *reported = NULL;

	if (selection_is_open(selection))
		return selection->all || !pipeline->report.verdict.routine;
	reported = reported_of_report(&pipeline->report);
	return !reported || selection_takes(selection, reported);
}

/* An ordinary end that only --all shows, or a death that another filter excludes. */
static void count_hidden(struct pipeline *pipeline, bool again)
{
	struct selection others = pipeline->options->selection;
	bool routine;

	others.all = true;
	routine = is_asked_for(pipeline, &others);
	if (pipeline->metrics && routine)
		metrics_count_hidden(pipeline->metrics, &pipeline->report);
	if (!again)
		tally_count_hidden(&pipeline->tally, &pipeline->report, routine);
}

/* Returns the same as a receiver of frames. */
static int hand_on(struct pipeline *pipeline, bool again)
{
	const unsigned long most = pipeline->options->count;
	int result = pipeline->reports.death(pipeline->reports.context, &pipeline->report);

	if (result)
		return result < 0 ? result : 0;
	if (!again)
		tally_count(&pipeline->tally, &pipeline->report);
	return most && pipeline->tally.deaths >= most ? FRAME_ENOUGH : 0;
}

static int take_frame(void *context, const struct frame *frame)
{
	struct pipeline *pipeline = context;
	const struct options *options = pipeline->options;
	const struct explain_way way = {
		.runtime_window_ns = options->tracer.runtime_window_ns,
		.fingerprints = pipeline->fingerprints,
		.without_summary = options->fold,
	};
	const bool again = pipeline->handback &&
			   !handback_note(pipeline->handback, frame->sequence);
	int error = decode_frame(frame, pipeline->symbols, &pipeline->death);

	if (error)
		return count_undecodable(pipeline, frame, error, again);
	if (options->tracer.no_addresses)
		decode_hide_addresses(&pipeline->death);
	pipeline->last_ns =
		clock_realtime_ns(pipeline->death.record.time_ns, frame->realtime_offset_ns);
	attribute(pipeline, frame);
	error = note_troubles(pipeline, again);
	if (error)
		return error;
	pipeline->whose.child = kin_find(&pipeline->kin, &pipeline->death, &pipeline->child);
	explain_in_storm(&way, &pipeline->origin, &pipeline->death, &pipeline->whose,
			 &pipeline->report);
	kin_note(&pipeline->kin, &pipeline->death, cause_name(pipeline->report.verdict.cause),
		 pipeline->report.copy_of);
	feed(pipeline, frame);
	if (is_asked_for(pipeline, &options->selection))
		return hand_on(pipeline, again);
	count_hidden(pipeline, again);
	return 0;
}

int pipeline_tell_losses(struct pipeline *pipeline, const struct losses *losses,
			 int64_t realtime_ns)
{
	if (!losses_any(losses))
		return 0;
	losses_add(&pipeline->tally.losses, losses);
	if (pipeline->feed)
		feed_losses(pipeline->feed, losses, realtime_ns);
	return pipeline->reports.losses(pipeline->reports.context, &pipeline->origin, losses,
					realtime_ns);
}

static int take_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct pipeline *pipeline = context;
	struct losses sum = pipeline->pending;

	losses_add(&sum, losses);
	pipeline->pending = (struct losses){ 0 };
	pipeline->last_ns = realtime_ns;
	return pipeline_tell_losses(pipeline, &sum, realtime_ns);
}

void pipeline_remember(struct pipeline *pipeline)
{
	pipeline->owners = memo_new(sizeof(struct owner));
	pipeline->fingerprints = memo_new(DIGEST_BYTES);
}

void pipeline_forget(struct pipeline *pipeline)
{
	memo_free(pipeline->owners);
	memo_free(pipeline->fingerprints);
	pipeline->owners = pipeline->fingerprints = NULL;
}

struct frame_receiver pipeline_receiver(struct pipeline *pipeline)
{
	return (struct frame_receiver){
		.frame = take_frame,
		.losses = take_losses,
		.context = pipeline,
	};
}
