// SPDX-License-Identifier: BSD-2-Clause
/* The event loop: any number of clients, their times, hang-ups and its end. */
#include "unit.h"

#include "base/clock.h"
#include "base/output.h"
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY 100
#define NS_PER_MS ((uint64_t)NS_PER_S / 1000)
#define ENOUGH (-7)

static struct watch watch;

static int begin(void **state)
{
	(void)state;
	output_stop = 0;
	memset(&watch, 0, sizeof(watch));
	watch_catch_signals(true);
	(void)alarm(0); /* the alarm of an earlier test's order to stop may still be pending */
	return 0;
}

static int end(void **state)
{
	(void)state;
	watch_done(&watch);
	return 0;
}

/* A client with a pipe. */
struct piped {
	struct watch_client client;
	int write_fd;
	unsigned int calls, hangups, most;
	short revents;
	unsigned int *order, place; /* the number of clients called before, in this round */
};

static int take_byte(void *context, short revents)
{
	struct piped *piped = context;
	char byte;

	piped->revents = revents;
	piped->calls++;
	if (revents & POLLIN)
		assert_int_equal(read(piped->client.fd, &byte, 1), 1);
	if (piped->order)
		piped->place = (*piped->order)++;
	return piped->most && piped->calls >= piped->most ? ENOUGH : 0;
}

static void count_hangup(void *context)
{
	((struct piped *)context)->hangups++;
}

static void make(struct piped *piped)
{
	int fds[2];

	memset(piped, 0, sizeof(*piped));
	assert_int_equal(pipe(fds), 0);
	piped->write_fd = fds[1];
	piped->client = (struct watch_client){
		.fd = fds[0],
		.events = POLLIN,
		.ready = take_byte,
		.hangup = count_hangup,
		.context = piped,
	};
	assert_int_equal(watch_add(&watch, &piped->client), 0);
}

static void drop(struct piped *piped)
{
	(void)close(piped->client.fd);
	if (piped->write_fd >= 0)
		(void)close(piped->write_fd);
}

static void send(const struct piped *piped)
{
	assert_int_equal(write(piped->write_fd, "x", 1), 1);
}

/*
 * All clients that are ready are called in one round, in the order in which they were added; the
 * others are not.
 */
static void test_many(void **state)
{
	static struct piped clients[MANY];
	unsigned int order = 0;

	(void)state;
	for (unsigned int i = 0; i < MANY; i++) {
		make(&clients[i]);
		clients[i].order = &order;
	}
	for (unsigned int i = 0; i < MANY; i += 2)
		send(&clients[i]);
	clients[MANY - 2].most = 1;
	assert_int_equal(watch_run(&watch), ENOUGH);
	for (unsigned int i = 0; i < MANY; i++) {
		assert_int_equal(clients[i].calls, i % 2 == 0);
		if (i % 2 == 0)
			assert_int_equal(clients[i].place, i / 2);
		drop(&clients[i]);
	}
}

/* The first one that ends the loop ends it at once: later clients keep their events. */
static void test_end_at_once(void **state)
{
	struct piped first, second;

	(void)state;
	make(&first);
	make(&second);
	send(&first);
	send(&second);
	first.most = 1;
	assert_int_equal(watch_run(&watch), ENOUGH);
	assert_int_equal(second.calls, 0);
	drop(&first);
	drop(&second);
}

/* Waits for no events: it only learns that the other end is closed. */
static void test_other_end_gone(void **state)
{
	struct piped piped;
	int read_fd;

	(void)state;
	make(&piped);
	read_fd = piped.client.fd;
	piped.client.fd = piped.write_fd;
	piped.client.events = 0;
	piped.most = 1;
	(void)close(read_fd);
	assert_int_equal(watch_run(&watch), ENOUGH);
	assert_true(piped.revents & POLLERR);
	piped.write_fd = -1;
	drop(&piped);
}

struct timed {
	struct watch_client client;
	unsigned int calls, most;
	uint64_t every_ns, early;
};

static int take_time(void *context, short revents)
{
	struct timed *timed = context;
	const uint64_t now_ns = clock_boottime_ns();

	assert_int_equal(revents, 0);
	timed->early += now_ns < timed->client.due_ns;
	timed->client.due_ns = timed->every_ns ? now_ns + timed->every_ns : 0;
	return ++timed->calls >= timed->most ? ENOUGH : 0;
}

static void make_timed(struct timed *timed, uint64_t every_ns, unsigned int most)
{
	*timed = (struct timed){
		.client = { .fd = -1, .ready = take_time, .context = timed },
		.most = most,
		.every_ns = every_ns,
	};
	timed->client.due_ns = clock_boottime_ns() + every_ns;
	assert_int_equal(watch_add(&watch, &timed->client), 0);
}

/* Each is called at its time and not before; one without a time is not called any more. */
static void test_times(void **state)
{
	struct timed often, seldom, once;

	(void)state;
	make_timed(&seldom, 40 * NS_PER_MS, 3);
	make_timed(&often, 5 * NS_PER_MS, 1000);
	make_timed(&once, 0, 2);
	assert_int_equal(watch_run(&watch), ENOUGH);
	assert_int_equal(seldom.calls, 3);
	assert_int_equal(once.calls, 1);
	assert_true(often.calls > seldom.calls);
	assert_int_equal(often.early + seldom.early + once.early, 0);
}

struct changing {
	struct watch_client client;
	struct piped *one, *other;
};

/* Removes itself and one client, and adds another. */
static int change(void *context, short revents)
{
	struct changing *changing = context;

	(void)revents;
	watch_remove(&watch, &changing->client);
	watch_remove(&watch, &changing->one->client);
	make(changing->other);
	changing->other->most = 1;
	send(changing->other);
	return 0;
}

static void test_change_while_it_runs(void **state)
{
	struct piped one, other;
	struct changing changing = {
		.client = { .fd = -1, .ready = change, .context = &changing, .due_ns = 1 },
		.one = &one,
		.other = &other,
	};

	(void)state;
	assert_int_equal(watch_add(&watch, &changing.client), 0);
	make(&one);
	send(&one);
	assert_int_equal(watch_run(&watch), ENOUGH);
	assert_int_equal(one.calls, 0);
	assert_int_equal(other.calls, 1);
	assert_int_equal(watch.count, 1);
	watch_remove(&watch, &one.client);
	drop(&one);
	drop(&other);
}

/* Every client is told of a hang-up, and it does not end the loop. */
static void test_hangup(void **state)
{
	struct piped one, other;

	(void)state;
	make(&one);
	make(&other);
	assert_int_equal(raise(SIGHUP), 0);
	send(&other);
	other.most = 1;
	assert_int_equal(watch_run(&watch), ENOUGH);
	assert_int_equal(one.hangups, 1);
	assert_int_equal(other.hangups, 1);
	drop(&one);
	drop(&other);
}

static int stop(void *context, short revents)
{
	(void)context;
	(void)revents;
	(void)raise(SIGTERM);
	watch_rest(60000); /* not after a signal */
	return 0;
}

static void test_order_to_stop(void **state)
{
	struct watch_client client = { .fd = -1, .ready = stop, .due_ns = 1 };

	(void)state;
	assert_int_equal(watch_add(&watch, &client), 0);
	assert_int_equal(watch_run(&watch), 0);
	assert_int_equal(output_stop, 1);
}

static void test_end_after(void **state)
{
	const uint64_t begin_ns = clock_boottime_ns();

	(void)state;
	assert_int_equal(watch_end_after(20 * NS_PER_MS), 0);
	assert_int_equal(watch_run(&watch), 0);
	assert_true(clock_boottime_ns() - begin_ns >= 20 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_end_at_once, begin, end),
		cmocka_unit_test_setup_teardown(test_other_end_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_times, begin, end),
		cmocka_unit_test_setup_teardown(test_change_while_it_runs, begin, end),
		cmocka_unit_test_setup_teardown(test_hangup, begin, end),
		cmocka_unit_test_setup_teardown(test_order_to_stop, begin, end),
		cmocka_unit_test_setup_teardown(test_end_after, begin, end),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
