// SPDX-License-Identifier: BSD-2-Clause
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"

/* After a request to stop, writes that block are interrupted this often: one can begin to block
 * between a signal and the check of output_stop. */
#define NUDGE_NS 50000000L

#define NS_PER_MS ((uint64_t)NS_PER_S / 1000)
#define MOST_MS 1000000000 /* what poll(2) can take */

static int wake_fd = -1;
static volatile sig_atomic_t hung_up;
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
	(void)number; /* only needed to interrupt write() */
}

void watch_catch_signals(bool keep_hangups)
{
	/* no SA_RESTART: a write must give up if its reader takes nothing */
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

void watch_catch_quit(void)
{
	struct sigaction stop = { .sa_handler = on_signal };

	(void)sigaction(SIGQUIT, &stop, NULL);
}

void watch_stop(void)
{
	on_signal(0);
}

/* With the same signal that an administrator would send, which also ends a write that blocks. */
int watch_end_after(uint64_t ns)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM };
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(ns / (uint64_t)NS_PER_S),
						 .tv_nsec = (long)(ns % (uint64_t)NS_PER_S) } };
	timer_t timer;

	if (timer_create(CLOCK_BOOTTIME, &event, &timer) || timer_settime(timer, 0, &when, NULL))
		return -errno;
	return 0;
}

/* For this many clients, and for signals. */
static int make_room(struct watch *watch, unsigned int count)
{
	const unsigned int room = count > 2 * watch->room ? count : 2 * watch->room;
	struct watch_client **clients;
	struct pollfd *fds;

	if (count <= watch->room)
		return 0;
	clients = reallocarray(watch->clients, room, sizeof(struct watch_client *));
	if (clients)
		watch->clients = clients;
	fds = reallocarray(watch->fds, room + 1, sizeof(struct pollfd));
	if (fds)
		watch->fds = fds;
	if (!clients || !fds)
		return -ENOMEM;
	watch->room = room;
	return 0;
}

int watch_add(struct watch *watch, struct watch_client *client)
{
	int error = make_room(watch, watch->count + 1);

	if (error)
		return error;
	/* wherever the loop is, this client has not been waited for */
	watch->fds[watch->count] = (struct pollfd){ .fd = -1 };
	watch->clients[watch->count++] = client;
	return 0;
}

/* Its place is kept until the next round: the loop may be at this client. */
void watch_remove(struct watch *watch, const struct watch_client *client)
{
	for (unsigned int i = 0; i < watch->count; i++)
		if (watch->clients[i] == client)
			watch->clients[i] = NULL;
}

void watch_done(struct watch *watch)
{
	free(watch->clients);
	free(watch->fds);
	*watch = (struct watch){ 0 };
}

void watch_rest(int ms)
{
	struct pollfd wake = { .fd = wake_fd, .events = POLLIN };

	(void)poll(&wake, 1, ms);
}

static void forget_removed(struct watch *watch)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < watch->count; i++)
		if (watch->clients[i])
			watch->clients[left++] = watch->clients[i];
	watch->count = left;
}

static void take_hangup(const struct watch *watch)
{
	uint64_t ignored;

	if (!hung_up)
		return;
	hung_up = 0;
	if (read(wake_fd, &ignored, sizeof(ignored)) < 0)
		errno = 0; /* nothing to read is fine, too */
	for (unsigned int i = 0; i < watch->count; i++)
		if (watch->clients[i] && watch->clients[i]->hangup)
			watch->clients[i]->hangup(watch->clients[i]->context);
}

/* Milliseconds until the first client is due; -1: there is none. */
static int time_left_ms(const struct watch *watch)
{
	uint64_t due_ns = 0, now_ns, left_ms;

	for (unsigned int i = 0; i < watch->count; i++)
		if (watch->clients[i]->due_ns && (!due_ns || watch->clients[i]->due_ns < due_ns))
			due_ns = watch->clients[i]->due_ns;
	if (!due_ns)
		return -1;
	now_ns = clock_boottime_ns();
	left_ms = due_ns > now_ns ? (due_ns - now_ns) / NS_PER_MS + 1 : 0;
	return left_ms < MOST_MS ? (int)left_ms : MOST_MS;
}

/* 0 or -errno. */
static int wait_for_any(const struct watch *watch)
{
	for (unsigned int i = 0; i < watch->count; i++)
		watch->fds[i] = (struct pollfd){
			.fd = watch->clients[i]->fd,
			.events = watch->clients[i]->events,
		};
	watch->fds[watch->count] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
	return poll(watch->fds, watch->count + 1, time_left_ms(watch)) < 0 ? -errno : 0;
}

static int ask(const struct watch_client *client, short revents)
{
	if (!revents && (!client->due_ns || clock_boottime_ns() < client->due_ns))
		return 0;
	return client->ready(client->context, revents);
}

/* 0 or a client's negative return. */
static int ask_all(struct watch *watch)
{
	/* clients that are added meanwhile wait for the next round; the wake-up's entry was in
	 * their place */
	const unsigned int count = watch->count;
	int result = 0;

	for (unsigned int i = 0; i < count && result >= 0; i++)
		if (watch->clients[i])
			result = ask(watch->clients[i], watch->fds[i].revents);
	return result < 0 ? result : 0;
}

int watch_run(struct watch *watch)
{
	int error = wake_fd < 0 ? -EBADF : make_room(watch, 1);

	while (!error && !output_stop) {
		take_hangup(watch);
		forget_removed(watch);
		error = wait_for_any(watch);
		if (error == -EINTR)
			error = 0;
		else if (!error)
			error = ask_all(watch);
	}
	return error;
}
