// SPDX-License-Identifier: BSD-2-Clause
/* killtrace arm, disarm: programs that record with nothing resident, and their end. */
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "unpin.h"

int cmd_arm(const struct options *options)
{
	struct live live;
	int code = live_start(options, &live);

	if (code)
		return code;
	live_done(&live);
	say("armed at '%s': the next 'killtrace' or 'killtrace daemon --pin' there tells who died; "
	    "'killtrace disarm' ends it",
	    options->tracer.pin);
	return EXIT_DONE;
}

int cmd_disarm(const struct options *options)
{
	return unpin(options->tracer.pin);
}
