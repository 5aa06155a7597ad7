// SPDX-License-Identifier: BSD-2-Clause
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "sink/output.h"

/* Losses are looked at this long after records came, and not while nothing happens. */
#define LOSSES_AFTER_NS NS_PER_S

/* After records came, others are left to gather this long. */
#define GATHER_MS 1

/* How often it is looked whether a sink that had no room has some. */
#define BEHIND_MS 100

/* Once told to stop, writes that block are interrupted this often: one can begin to block between
 * a signal and the look at output_stop. */
#define NUDGE_NS 50000000L

static int wake_fd = -1;
static volatile sig_atomic_t hung_up;
static struct {
	void (*hangup)(void *context);
	void (*tick)(void *context);
	bool (*settle)(void *context, struct tracer *tracer);
	uint64_t every_ns;
	void *context;
} added;
static timer_t nudge_timer;

static void on_signal(int number)
{
	const struct itimerspec often = { { 0, NUDGE_NS }, { 0, NUDGE_NS } };
	const uint64_t one = 1;
	int saved = errno;

	(void)number;
	output_stop = 1;
	(void)timer_settime(nudge_timer, 0, &often, NULL);
	if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		errno = saved;
	errno = saved;
}

static void on_hangup(int number)
{
	const uint64_t one = 1;
	int saved = errno;

	(void)number;
	hung_up = 1;
	if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		errno = saved;
	errno = saved;
}

static void on_nudge(int number)
{
	(void)number; /* that write() was interrupted is all */
}

void watch_catch_signals(bool keep_hangups)
{
	/* no SA_RESTART: a write to a reader that takes nothing has to give up */
	struct sigaction stop = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
	struct sigaction hangup = { .sa_handler = keep_hangups ? on_hangup : on_signal };
	struct sigaction nudge = { .sa_handler = on_nudge }, inherited;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	(void)sigaction(SIGALRM, &nudge, NULL);
	(void)timer_create(CLOCK_MONOTONIC, &event, &nudge_timer);

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)sigaction(SIGINT, &stop, NULL);
	(void)sigaction(SIGTERM, &stop, NULL);
	/* nohup(1) */
	if (keep_hangups ||
	    (!sigaction(SIGHUP, NULL, &inherited) && inherited.sa_handler != SIG_IGN))
		(void)sigaction(SIGHUP, &hangup, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

void watch_add(void (*hangup)(void *context), void (*tick)(void *context),
	       bool (*settle)(void *context, struct tracer *tracer), uint64_t every_ns,
	       void *context)
{
	added.hangup = hangup;
	added.tick = tick;
	added.settle = settle;
	added.every_ns = every_ns;
	added.context = context;
}

static struct timespec in_ns(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / (uint64_t)NS_PER_S),
				  .tv_nsec = (long)(ns % (uint64_t)NS_PER_S) };
}

static int arm(int fd, uint64_t ns)
{
	struct itimerspec when = { .it_value = in_ns(ns) };

	return timerfd_settime(fd, 0, &when, NULL) ? -errno : 0;
}

static void acknowledge(int fd)
{
	uint64_t ignored;

	if (read(fd, &ignored, sizeof(ignored)) < 0)
		return; /* nothing to take is as good */
}

/* Milliseconds to the next one; -1: there is none. */
static int tick_if_due(void)
{
	static uint64_t due;
	uint64_t now = clock_boottime_ns();

	if (!added.every_ns)
		return -1;
	if (now >= due) {
		added.tick(added.context);
		due = now + added.every_ns;
	}
	return (int)((due - now) / (uint64_t)(NS_PER_S / 1000)) + 1;
}

struct loss_watch {
	struct losses before;
	int timer_fd;
	bool armed;
};

/* Looks after those who were killed; only while there are any. */
struct stuck_watch {
	int timer_fd;
	bool armed;
};

static void watch_doomed(const struct tracer *tracer, struct stuck_watch *watch)
{
	if (!watch->armed && tracer_has_doomed(tracer))
		watch->armed = !arm(watch->timer_fd, STUCK_AFTER_NS);
}

static void look_for_stuck(struct tracer *tracer, struct stuck_watch *watch)
{
	uint64_t again_ns = 0;
	int error;

	acknowledge(watch->timer_fd);
	watch->armed = false;
	error = tracer_tell_stuck(tracer, &again_ns);
	if (error)
		say_detail("cannot look for processes that do not die: %s, ignoring",
			   strerror(-error));
	else if (again_ns)
		watch->armed = !arm(watch->timer_fd, again_ns);
}

/* Whether somebody wants records again. */
static bool settle(struct tracer *tracer)
{
	return added.settle && added.settle(added.context, tracer);
}

static int tell_new_losses(struct tracer *tracer, const struct frame_receiver *receiver,
			   struct loss_watch *watch, bool last)
{
	struct losses now, fresh;
	int error;

	if (tracer_losses(tracer, last, &now) && !watch->armed)
		watch->armed = !arm(watch->timer_fd, LOSSES_AFTER_NS);
	losses_since(&now, &watch->before, &fresh);
	watch->before = now;
	error = receiver->losses(receiver->context, &fresh,
				 (int64_t)clock_boottime_ns() + clock_realtime_offset_ns());
	if (!error && !receiver->later)
		tracer_losses_are_safe(tracer);
	(void)settle(tracer);
	return error;
}

enum { POLL_RING, POLL_WAKE, POLL_LOSSES, POLL_STUCK, POLL_READER, POLL_COUNT };

static int loop(struct tracer *tracer, const struct frame_receiver *receiver, int reader_fd,
		struct loss_watch *watch, struct stuck_watch *stuck)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_RING] = { .fd = tracer_fd(tracer), .events = POLLIN },
		[POLL_WAKE] = { .fd = wake_fd, .events = POLLIN },
		[POLL_LOSSES] = { .fd = watch->timer_fd, .events = POLLIN },
		[POLL_STUCK] = { .fd = stuck->timer_fd, .events = POLLIN },
		/* no events: only POLLERR, when the reader of a pipe has left */
		[POLL_READER] = { .fd = reader_fd },
	};

	bool behind = false;

	/* the notice of one that was killed before may have gone to an earlier agent */
	watch_doomed(tracer, stuck);
	while (!output_stop) {
		int error, timeout_ms;

		if (hung_up) {
			hung_up = 0;
			acknowledge(wake_fd);
			added.hangup(added.context);
		}
		timeout_ms = tick_if_due();
		/* both short enough for that */
		if (behind)
			timeout_ms = BEHIND_MS;
		if (tracer_is_handing_over(tracer))
			timeout_ms = TRACER_STEP_MS;
		if (poll(fds, POLL_COUNT, timeout_ms) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (fds[POLL_READER].revents & POLLNVAL)
			return -EBADF;
		if (fds[POLL_READER].revents & (POLLERR | POLLHUP))
			return -EPIPE;
		if (fds[POLL_RING].revents || behind || tracer_is_handing_over(tracer)) {
			error = tracer_drain(tracer, receiver);
			if (error)
				return error;
			behind = settle(tracer);
			if (!watch->armed)
				watch->armed = !arm(watch->timer_fd, LOSSES_AFTER_NS);
			watch_doomed(tracer, stuck);
			/* where one died more may follow: in a storm a wake-up each is dear */
			(void)poll(&fds[POLL_WAKE], 1, GATHER_MS);
		}
		if (fds[POLL_STUCK].revents)
			look_for_stuck(tracer, stuck);
		if (fds[POLL_LOSSES].revents) {
			acknowledge(watch->timer_fd);
			watch->armed = false;
			error = tell_new_losses(tracer, receiver, watch, false);
			if (error)
				return error;
		}
	}
	return 0;
}

/* By the same signal that an administrator would send: it also ends a write that blocks. */
static int arm_end(uint64_t duration_ns)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM };
	struct itimerspec when = { .it_value = in_ns(duration_ns) };
	timer_t timer;

	if (timer_create(CLOCK_BOOTTIME, &event, &timer) || timer_settime(timer, 0, &when, NULL))
		return -errno;
	return 0;
}

int watch_run(struct tracer *tracer, const struct frame_receiver *receiver, uint64_t duration_ns,
	      int reader_fd)
{
	AUTO_CLOSE int losses_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	AUTO_CLOSE int stuck_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct loss_watch watch = { .timer_fd = losses_fd };
	struct stuck_watch stuck = { .timer_fd = stuck_fd };
	int result, error;

	if (losses_fd < 0 || stuck_fd < 0 || wake_fd < 0)
		return -errno;
	if (duration_ns && arm_end(duration_ns))
		return -errno;
	/* once at the start: what is counted while all is being attached is no loss */
	watch.armed = !arm(losses_fd, LOSSES_AFTER_NS);
	result = loop(tracer, receiver, reader_fd, &watch, &stuck);
	/* What came in before the end belongs to the story; and where the output took no more, the
	 * receiver counts what it has missed, or leaves it to the next. */
	error = result == FRAME_ENOUGH || (result && tracer_ledger(tracer))
			? 0
			: tracer_drain(tracer, receiver);
	if (!error)
		error = tell_new_losses(tracer, receiver, &watch, true);
	return result ? result : error;
}
