// SPDX-License-Identifier: BSD-2-Clause
/* killtrace arm, disarm: programs that record without a resident process, and their end. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/say.h"
#include "base/text.h"
#include "commands.h"
#include "live.h"
#include "source/pins.h"
#include "source/unpin.h"
#include "watch.h"

int cmd_arm(const struct options *options)
{
	struct live live;
	int code;

	watch_catch_signals(false);
	code = live_start(options, &live);
	if (code)
		return code;
	live_done(&live);
	say("armed at '%s': the next 'killtrace' or 'killtrace daemon --pin' there reports the "
	    "deaths since now; 'killtrace disarm' removes the programs",
	    options->tracer.pin);
	return EXIT_DONE;
}

int cmd_disarm(const struct options *options)
{
	const char *path = options->tracer.pin;
	uint64_t waiting = 0;
	pid_t pid = 0;

	errno = -unpin(path, &waiting, &pid);
	switch (errno) {
	case 0:
		say("removed what was pinned at '%s'; %" PRIu64 " %s had not been read", path,
		    waiting, text_plural(waiting, "death", "deaths"));
		return EXIT_DONE;
	case ENOENT:
		say("nothing is pinned at '%s'", path);
		return EXIT_DONE;
	case EBUSY:
		say("a killtrace (pid %d) reads what is pinned at '%s': end that process first",
		    (int)pid, path);
		return EXIT_FAILED;
	default:
		say("cannot remove what is pinned at '%s': %s", path, pins_error_text(errno));
		return EXIT_FAILED;
	}
}
