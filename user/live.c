// SPDX-License-Identifier: BSD-2-Clause
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/confine.h"
#include "base/lock.h"
#include "base/say.h"
#include "source/pins.h"
#include "watch.h"

#define KALLSYMS "/proc/kallsyms"

/* "killtrace: tracing signal_generate mark_victim …; without page_fault_user (…)" */
static void say_attached(const struct tracer *tracer)
{
	char line[512] = "tracing";
	size_t used = strlen(line);

	for (int i = 0; i < HOOK_COUNT; i++)
		if (tracer_is_attached(tracer, (enum hook)i))
			used += (size_t)snprintf(line + used, sizeof(line) - used, " %s",
						 hook_name((enum hook)i));
	say("%s", line);
	for (int i = 0; i < HOOK_COUNT; i++) {
		int error = tracer_hook_error(tracer, (enum hook)i);

		/* the extra tier is doctor's to tell: most locked-down kernels refuse it */
		if (error < 0 && i != HOOK_OOM_KILL_PROCESS && i != HOOK_OOPS_ENTER)
			say("cannot attach %s (%s): %s, ignoring", hook_name((enum hook)i),
			    strerror(-error), hook_cost((enum hook)i));
	}
}

/* In a storm of crashes everybody wants the CPU, and what is not read in time is lost. The tracer
 * needs little of it, and only as long as processes die. */
#define LIVE_NICE (-15)

/* Before anything else is done: somebody asked for it, and mistook it. */
static bool host_root_is_there(const char *path)
{
	AUTO_CLOSE int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!path || fd >= 0)
		return true;
	say("cannot read below --host-root '%s': %s", path, strerror(errno));
	return false;
}

static void load_symbols(const struct options *options, struct live *live)
{
	int error;

	if (options->tracer.without[HOOK_KERNEL_STACK])
		return;
	error = symbols_load(KALLSYMS, &live->symbols);
	if (error)
		say("no names of kernel functions from " KALLSYMS
		    " (%s): causes are told by state, ignoring",
		    error == -EACCES
			    ? "addresses are hidden: kernel.kptr_restrict, or no CAP_SYSLOG"
			    : strerror(-error));
}

static void start_naming(const struct options *options, struct live *live)
{
	int error = naming_start(options->host_root, &live->naming);

	if (error)
		say("no names of containers and pods (%s), ignoring", strerror(-error));
}

/* An agent that cannot pin is better than none. */
static int start_tracer(const struct tracer_options *options, struct tracer **ret)
{
	struct tracer_options unpinned = *options;
	int failure;

	errno = 0;
	failure = tracer_start(options, ret);
	if (failure != -TRACER_NO_PINS || options->pin_use != PIN_KEEP)
		return failure;
	say("cannot pin below '%s' (%s): who dies while no agent runs will not be known, ignoring",
	    options->pin, pins_error_text(errno));
	unpinned.pin = NULL;
	errno = 0;
	return tracer_start(&unpinned, ret);
}

/* The verifier gives up on a program when a signal is pending (kernel/bpf/verifier.c:do_check(), all
 * versions), and one that ends us is followed by many (watch.c). */
static int start_undisturbed(const struct tracer_options *options, struct tracer **ret)
{
	sigset_t nudge, before;
	int failure, saved;

	(void)sigemptyset(&nudge);
	(void)sigaddset(&nudge, SIGALRM);
	(void)sigprocmask(SIG_BLOCK, &nudge, &before);
	failure = start_tracer(options, ret);
	saved = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return failure;
}

/* One line about why there is no tracer. */
static void say_failure(const struct tracer_options *options, int failure)
{
	AUTO_CLOSE int fd = -1;

	if (failure == -TRACER_PINS_BUSY) {
		fd = open(options->pin, O_RDONLY | O_CLOEXEC);
		say("another killtrace (pid %d) reads what is pinned at '%s': end it first, or pin "
		    "elsewhere",
		    fd < 0 ? 0 : (int)lock_holder(fd), options->pin);
	} else if (failure == -TRACER_NO_PINS) {
		say("cannot pin at '%s': %s", options->pin, pins_error_text(errno));
	} else if (errno) {
		say("cannot trace (%s): %s", strerror(errno), tracer_failure_text(failure));
	} else {
		say("cannot trace: %s", tracer_failure_text(failure));
	}
}

int live_start(const struct options *options, struct live *ret)
{
	int failure;

	memset(ret, 0, sizeof(*ret));
	if (!host_root_is_there(options->host_root))
		return EXIT_FAILED;
	if (setpriority(PRIO_PROCESS, 0, LIVE_NICE))
		say_detail("cannot raise the priority: %s, ignoring", strerror(errno));
	if (options->confine)
		confine_protect();
	failure = start_undisturbed(&options->tracer, &ret->tracer);
	if (failure) {
		say_failure(&options->tracer, failure);
		return EXIT_FAILED;
	}
	say_attached(ret->tracer);
	/* after attaching: deaths that come meanwhile wait in the ring buffer */
	load_symbols(options, ret);
	if (options->confine)
		confine_drop_privileges();
	start_naming(options, ret);
	return EXIT_DONE;
}

void live_done(struct live *live)
{
	tracer_free(live->tracer);
	symbols_free(live->symbols);
	naming_stop(live->naming);
}
