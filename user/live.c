// SPDX-License-Identifier: BSD-2-Clause
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attribute/parser.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/lock.h"
#include "base/say.h"
#include "destinations.h"
#include "source/pins.h"
#include "watch.h"

#define KALLSYMS "/proc/kallsyms"

void live_hooks(const struct tracer *tracer, char *ret_names, size_t size)
{
	size_t used = 0;

	*ret_names = '\0';
	for (int i = 0; i < HOOK_COUNT && used < size; i++)
		if (tracer_is_attached(tracer, (enum hook)i))
			used += (size_t)snprintf(ret_names + used, size - used, "%s%s",
						 used ? " " : "", hook_name((enum hook)i));
}

/* "killtrace: tracing signal_generate mark_victim …; without page_fault_user (…)" */
static void say_attached(const struct tracer *tracer)
{
	char hooks[512];

	live_hooks(tracer, hooks, sizeof(hooks));
	say("tracing %s", hooks);
	for (int i = 0; i < HOOK_COUNT; i++) {
		int error = tracer_hook_error(tracer, (enum hook)i);

		/* doctor reports the extra tier: most locked-down kernels refuse it */
		if (error < 0 && hook_tier((enum hook)i) == HOOK_BASE)
			say("cannot attach %s (%s): %s, ignoring", hook_name((enum hook)i),
			    strerror(-error), hook_cost((enum hook)i));
	}
}

/* In a storm of crashes many processes want the CPU, and what is not read in time is lost. The
 * tracer needs little CPU time, and only while processes die. */
#define LIVE_NICE (-15)

/* Before anything else: the option is explicit, so a wrong path is an error. */
static bool open_host_root(const char *path, struct live *live)
{
	if (!path)
		return true;
	live->host_root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(live->host_root, sizeof(live->host_root), "/proc/self/fd/%d",
		       live->host_root_fd);
	if (live->host_root_fd >= 0)
		return true;
	say("cannot read below --host-root '%s': %s", path, strerror(errno));
	return false;
}

static void load_symbols(const struct options *options, struct live *live)
{
	int error;

	if (options->tracer.without[HOOK_KERNEL_STACK])
		return;
	error = kallsyms_load(KALLSYMS, &live->symbols);
	if (error)
		say("no names of kernel functions from " KALLSYMS
		    " (%s): causes come from the process state only, ignoring",
		    error == -EACCES
			    ? "addresses are hidden: kernel.kptr_restrict, or no CAP_SYSLOG"
			    : strerror(-error));
}

/* While there is one thread and little memory, since the child gets a copy of it. */
static void start_parser(struct live *live)
{
	int error;

	/* the starter of this process may ignore it: then the pid of a parser that ended could be
	 * that of another process */
	(void)signal(SIGCHLD, SIG_DFL);
	error = parser_start(&live->parser);
	if (error)
		say("cannot start the process that reads names of containers and pods: %s; containers "
		    "and pods have no names, ignoring",
		    strerror(-error));
	live->starter = parser_starter(live->parser);
}

static void say_fences(const struct powerless *state)
{
	static const char what[] = "the process that reads names of containers and pods";

	if (state->refused & POWERLESS_OWN_UID)
		say_detail("%s has no user of its own: no CAP_SETUID and CAP_SETGID, ignoring",
			   what);
	if (state->refused & POWERLESS_NO_FILES)
		say_detail("%s has no Landlock, ignoring", what);
	if (state->refused & POWERLESS_FEW_CALLS)
		say_detail("%s has no seccomp filter, ignoring", what);
}

/* It had time to start while the programs were loaded. If it needs more, the first file waits for
 * it. */
static void look_at_parser(struct live *live)
{
	struct powerless state;
	int error = live->parser ? parser_state(live->parser, &state) : -ETIMEDOUT;

	if (!error)
		say_fences(&state);
	if (!error || error == -ETIMEDOUT)
		return;
	say("cannot start the process that reads names of containers and pods: it ended; containers and "
	    "pods have no names, ignoring");
	parser_stop(live->parser);
	live->parser = NULL;
	live->starter = 0;
}

static int on_parser_end(void *context, short revents)
{
	struct live *live = context;

	(void)revents;
	say("cannot read names of containers and pods: the process 'killtrace-start' died; restart "
	    "killtrace");
	(void)close(live->parser_end.fd);
	live->parser_end.fd = -1;
	if (live->parser_ended)
		live->parser_ended(live->parser_context);
	return 0;
}

static void start_naming(struct live *live)
{
	int error;

	look_at_parser(live);
	/* now, since the thread that asks may close its own descriptor at any time */
	if (live->parser)
		live->parser_end.fd = parser_end_fd(live->parser);
	error = live->parser ? naming_start(live->host_root[0] ? live->host_root : NULL,
					    live->parser, &live->naming)
			     : -ECHILD;

	if (!error)
		live->parser = NULL; /* naming owns it now */
	else if (live->parser)
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
	say("cannot pin below '%s' (%s): deaths while no agent runs will be lost, ignoring",
	    options->pin, pins_error_text(errno));
	unpinned.pin = NULL;
	errno = 0;
	return tracer_start(&unpinned, ret);
}

/* The verifier gives up on a program if a signal is pending (kernel/bpf/verifier.c:do_check(), all
 * versions), and a signal that ends this process is followed by many others (watch.c). */
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

/* One line that says why there is no tracer. */
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
	ret->host_root_fd = -1;
	ret->began_ns = clock_boottime_ns();
	ret->parser_end = (struct watch_client){ .fd = -1, .ready = on_parser_end, .context = ret };
	if (!open_host_root(options->host_root, ret))
		return EXIT_FAILED;
	if (setpriority(PRIO_PROCESS, 0, LIVE_NICE))
		say_detail("cannot raise the priority: %s, ignoring", strerror(errno));
	if (options->protect)
		confine_protect();
	start_parser(ret);
	confine_allow_descriptors();
	failure = start_undisturbed(&options->tracer, &ret->tracer);
	if (failure) {
		say_failure(&options->tracer, failure);
		parser_stop(ret->parser);
		return EXIT_FAILED;
	}
	say_attached(ret->tracer);
	/* after attaching: deaths that come meanwhile wait in the ring buffer */
	load_symbols(options, ret);
	tracer_set_stats_places(ret->tracer, kallsyms_stats_places(ret->symbols));
	tracer_look_at_limits(ret->tracer, ret->host_root[0] ? ret->host_root : NULL);
	destinations_confine(options, true, options->argument);
	start_naming(ret);
	return EXIT_DONE;
}

int live_watch(struct live *live, struct watch *watch)
{
	return live->parser_end.fd < 0 ? 0 : watch_add(watch, &live->parser_end);
}

void live_done(struct live *live)
{
	tracer_free(live->tracer);
	kallsyms_free(live->symbols);
	naming_stop(live->naming);
	parser_stop(live->parser);
	if (live->parser_end.fd >= 0)
		(void)close(live->parser_end.fd);
	if (live->host_root_fd >= 0)
		(void)close(live->host_root_fd);
}
