// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/handback.h"

const struct handback_source handback_from_tracer = {
	.keep = tracer_keep,
	.release = tracer_release,
	.crowded = tracer_crowded,
	.rewind = tracer_rewind,
	.newest = tracer_newest,
	.losses_are_safe = tracer_losses_are_safe,
};

void handback_begin(struct handback *handback, const struct handback_source *source,
		    struct tracer *tracer, struct fanout *fanout)
{
	source->keep(tracer);
	*handback = (struct handback){
		.source = source,
		.tracer = tracer,
		.fanout = fanout,
		.waited = source->newest(tracer),
	};
}

bool handback_note(struct handback *handback, uint64_t sequence)
{
	if (sequence <= handback->read)
		return false;
	handback->read = sequence;
	return true;
}

/* queued → at risk, behind → given up. Records that waited for this agent are kept for its outlets,
 * which have not reached them yet. */
static void make_room(const struct handback *handback)
{
	const uint64_t needed = fanout_needs(handback->fanout);
	const bool patient = needed && needed <= handback->waited;
	const uint64_t gone = handback->source->crowded(handback->tracer, needed, patient);
	uint64_t given_up;

	if (!gone)
		return;
	given_up = fanout_risk(handback->fanout, gone);
	handback->source->release(handback->tracer, gone + 1);
	/* what counts as lost must not come again to the next agent, unless an outlet still has to
	 * take it */
	if (given_up > gone && (!needed || needed > given_up)) {
		handback->source->release(handback->tracer, given_up + 1);
		(void)fanout_risk(handback->fanout, given_up);
	}
}

/* `first` is the first record that is neither safe nor lost, 0: there is none. The next agent does
 * not need earlier ones. */
static void let_go(const struct handback *handback, uint64_t first)
{
	handback->source->release(handback->tracer, first);
	if (!first)
		handback->source->losses_are_safe(handback->tracer);
}

bool handback_settle(struct handback *handback)
{
	const uint64_t newest = handback->source->newest(handback->tracer);
	const bool open = fanout_close_due(handback->fanout, newest);
	uint64_t behind;
	bool ready;

	let_go(handback, fanout_first_unsafe(handback->fanout));
	fanout_wake(handback->fanout);
	make_room(handback);
	behind = fanout_behind(handback->fanout, &ready);
	if (behind && ready)
		handback->source->rewind(handback->tracer, behind);
	return behind != 0 || open;
}

void handback_end(struct handback *handback, uint64_t patience_ns, uint64_t *ret_lost)
{
	let_go(handback, fanout_stop(handback->fanout, patience_ns, ret_lost));
}
