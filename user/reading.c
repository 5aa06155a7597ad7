// SPDX-License-Identifier: BSD-2-Clause
#include "reading.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/say.h"
#include "stdout/printing.h"

/* Losses are checked so long after records came, and not while nothing happens. */
#define LOSSES_AFTER_NS NS_PER_S

/*
 * After records came, others may gather: for as many milliseconds as there were records, within
 * these bounds. So a single death does not delay another one, and in a storm the reader is not
 * woken for each. It looks this often whether something cannot wait.
 */
#define GATHER_LEAST_MS 1
#define GATHER_MOST_MS 20
#define GATHER_LOOK_MS 2
/* A program can be held up between its look at the time and its record: so long after a nap there
 * are more looks. */
static const uint64_t late_ms[] = { 0, 100, 1000 };

/* How often to check whether an outlet that had no room has room again, or a row of folded deaths
 * is due. */
#define WAITS_MS 100

#define NS_PER_MS ((uint64_t)NS_PER_S / 1000)

struct reading {
	const struct reading_of *of;
	struct watch_client reader, ring, stuck, losses;
	bool stuck_armed; /* only while a process was killed and may not be dead */
	bool losses_armed;
	bool busy;            /* records came while others were gathered */
	uint64_t nap_end_ns;  /* 0: there was none */
	struct losses before; /* totals at the last look */
};

static int arm(int fd, uint64_t ns)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(ns / (uint64_t)NS_PER_S),
						 .tv_nsec = (long)(ns % (uint64_t)NS_PER_S) } };

	return timerfd_settime(fd, 0, &when, NULL) ? -errno : 0;
}

static void acknowledge(int fd)
{
	uint64_t ignored;

	if (read(fd, &ignored, sizeof(ignored)) < 0)
		return; /* nothing to read is fine, too */
}

static void look_for_losses_later(struct reading *reading)
{
	if (!reading->losses_armed)
		reading->losses_armed = !arm(reading->losses.fd, LOSSES_AFTER_NS);
}

static void watch_doomed(struct reading *reading)
{
	if (!reading->stuck_armed && tracer_has_doomed(reading->of->tracer))
		reading->stuck_armed = !arm(reading->stuck.fd, STUCK_AFTER_NS);
}

static int on_stuck(void *context, short revents)
{
	struct reading *reading = context;
	uint64_t again_ns = 0;
	int error;

	(void)revents;
	acknowledge(reading->stuck.fd);
	reading->stuck_armed = false;
	error = tracer_tell_stuck(reading->of->tracer, &again_ns);
	if (error)
		say_detail("cannot look for processes that do not die: %s, ignoring",
			   strerror(-error));
	else if (again_ns)
		reading->stuck_armed = !arm(reading->stuck.fd, again_ns);
	return 0;
}

static int settle(const struct reading *reading)
{
	return reading->of->settle ? reading->of->settle(reading->of->settle_context) : 0;
}

static int report_losses(struct reading *reading, bool last)
{
	const struct frame_receiver *receiver = reading->of->receiver;
	struct losses now, fresh;
	int error, result;

	if (tracer_losses(reading->of->tracer, last, &now))
		look_for_losses_later(reading);
	losses_since(&now, &reading->before, &fresh);
	reading->before = now;
	error = receiver->losses(receiver->context, &fresh,
				 (int64_t)clock_boottime_ns() + clock_realtime_offset_ns());
	if (!error && !reading->of->settle)
		tracer_losses_are_safe(reading->of->tracer);
	result = error ? error : settle(reading);
	return result < 0 ? result : 0;
}

static int on_losses(void *context, short revents)
{
	struct reading *reading = context;

	(void)revents;
	acknowledge(reading->losses.fd);
	reading->losses_armed = false;
	return report_losses(reading, false);
}

/* Looks at the ring buffer then, whether or not something new is there, or earlier if that is
 * planned. */
static void look_at(struct reading *reading, uint64_t due_ns)
{
	if (!reading->ring.due_ns || reading->ring.due_ns > due_ns)
		reading->ring.due_ns = due_ns;
}

static void look_in(struct reading *reading, uint64_t ms)
{
	look_at(reading, clock_boottime_ns() + ms * NS_PER_MS);
}

static void look_after_nap(struct reading *reading)
{
	const uint64_t now_ns = clock_boottime_ns();

	for (size_t i = 0; i < ARRAY_SIZE(late_ms) && reading->nap_end_ns; i++) {
		const uint64_t due_ns = reading->nap_end_ns + late_ms[i] * NS_PER_MS;

		if (due_ns > now_ns) {
			look_at(reading, due_ns);
			return;
		}
	}
}

static void plan_next(struct reading *reading, bool waits)
{
	reading->ring.due_ns = 0;
	if (waits)
		look_in(reading, WAITS_MS);
	if (tracer_is_handing_over(reading->of->tracer))
		look_in(reading, TRACER_STEP_MS);
}

static bool nap(struct reading *reading, int ms)
{
	const uint64_t end_ns = clock_boottime_ns() + (uint64_t)ms * NS_PER_MS;

	if (!tracer_nap(reading->of->tracer, end_ns))
		return false;
	reading->nap_end_ns = end_ns;
	return true;
}

/* After each nap comes a look at the ring buffer, and later others. `newest`: the record that was
 * the newest before the drain. */
static void gather(struct reading *reading, uint64_t newest, bool was_woken, bool waits)
{
	const struct tracer *tracer = reading->of->tracer;
	const uint64_t records = tracer_drained(tracer);
	int left_ms = records < GATHER_MOST_MS ? (int)records : GATHER_MOST_MS;
	bool naps;

	if (left_ms < GATHER_LEAST_MS)
		left_ms = GATHER_LEAST_MS;
	naps = (records || was_woken || tracer_has_unread(tracer)) && nap(reading, left_ms);
	for (; left_ms > 0 && !output_stop && !tracer_cannot_wait(tracer);
	     left_ms -= GATHER_LOOK_MS)
		watch_rest(left_ms < GATHER_LOOK_MS ? left_ms : GATHER_LOOK_MS);
	/* what an outlet has no room for stays unread */
	reading->busy = naps && tracer_has_unread(tracer) &&
			(!waits || tracer_newest(tracer) != newest);
	if (reading->busy)
		look_in(reading, 0);
	look_after_nap(reading);
}

static int on_records(void *context, short revents)
{
	struct reading *reading = context;
	const struct tracer *tracer = reading->of->tracer;
	const uint64_t newest = tracer_newest(tracer);
	int result;

	if (reading->busy)
		(void)nap(reading, GATHER_MOST_MS);
	result = tracer_drain(reading->of->tracer, reading->of->receiver);
	if (!result)
		result = settle(reading);
	if (result < 0)
		return result;
	plan_next(reading, result != 0);
	if (revents || tracer_drained(tracer))
		look_for_losses_later(reading);
	watch_doomed(reading);
	gather(reading, newest, revents != 0, result != 0);
	return 0;
}

static int on_reader(void *context, short revents)
{
	(void)context;
	return printing_reader(revents);
}

static int add_clients(struct watch *watch, struct reading *reading)
{
	struct watch_client *const clients[] = { &reading->reader, &reading->ring, &reading->stuck,
						 &reading->losses };
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(clients) && !error; i++) {
		clients[i]->context = reading;
		error = watch_add(watch, clients[i]);
	}
	return error;
}

static void remove_clients(struct watch *watch, const struct reading *reading)
{
	watch_remove(watch, &reading->reader);
	watch_remove(watch, &reading->ring);
	watch_remove(watch, &reading->stuck);
	watch_remove(watch, &reading->losses);
}

static int loop(struct watch *watch, struct reading *reading)
{
	int result = add_clients(watch, reading);

	/* once at the start: what is counted during the attachment is no loss */
	look_for_losses_later(reading);
	/* the notice of an earlier kill may have gone to an earlier agent */
	watch_doomed(reading);
	plan_next(reading, false);
	/* the nap of a reader that was killed */
	(void)nap(reading, 0);
	look_after_nap(reading);
	if (!result)
		result = watch_run(watch);
	remove_clients(watch, reading);
	return result;
}

int reading_run(struct watch *watch, const struct reading_of *of)
{
	AUTO_CLOSE int losses_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	AUTO_CLOSE int stuck_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct reading reading = {
		.of = of,
		/* no events: only whether the reader of a pipe has left */
		.reader = { .fd = of->reader_fd, .ready = on_reader },
		.ring = { .fd = tracer_fd(of->tracer), .events = POLLIN, .ready = on_records },
		.stuck = { .fd = stuck_fd, .events = POLLIN, .ready = on_stuck },
		.losses = { .fd = losses_fd, .events = POLLIN, .ready = on_losses },
	};
	int result, error;

	if (losses_fd < 0 || stuck_fd < 0)
		return -errno;
	if (of->duration_ns && watch_end_after(of->duration_ns))
		return -errno;
	result = loop(watch, &reading);
	/* What came in before the end is still reported. If the output takes no more, the receiver
	 * counts what it has missed, or leaves it to the next one. */
	error = result == FRAME_ENOUGH || (result && tracer_ledger(of->tracer))
			? 0
			: tracer_drain(of->tracer, of->receiver);
	if (!result)
		result = error;
	error = report_losses(&reading, true);
	return result ? result : error;
}
