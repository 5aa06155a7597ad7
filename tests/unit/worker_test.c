// SPDX-License-Identifier: BSD-2-Clause
/* Questions that take long, and a thread that asks but does not wait long. */
#include "unit.h"

#include "base/clock.h"
#include "base/worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS UINT64_C(1000000)
#define LONG_NS (20000 * MS) /* never waited for to the end, unless something is wrong */

/* The thread's input and actions. */
static struct desk {
	atomic_int begun, answered, worked, readable;
	atomic_bool blocks; /* an answer waits for `go_on` */
	sem_t blocked, go_on;
	int wait_ms, pipe[2];
} desk;

static struct worker *worker, *left_behind; /* static, so that the latter is no leak */

static void begin(void *context)
{
	struct desk *of = context;

	of->begun++;
}

static void answer(void *context, const void *question, void *ret)
{
	struct desk *of = context;
	int number;

	if (of->blocks) {
		(void)sem_post(&of->blocked);
		(void)sem_wait(&of->go_on);
	}
	memcpy(&number, question, sizeof(number));
	number *= 2;
	memcpy(ret, &number, sizeof(number));
}

static void answered(void *context)
{
	struct desk *of = context;

	of->answered++;
}

static void work(void *context, bool is_readable)
{
	struct desk *of = context;
	char byte;

	of->worked++;
	if (is_readable && read(of->pipe[0], &byte, 1) == 1)
		of->readable++;
}

static int wait_ms(void *context)
{
	const struct desk *of = context;

	return of->wait_ms;
}

static struct worker_job job = {
	.name = "kt-test",
	.stack_size = 256 << 10,
	.question_size = sizeof(int),
	.answer_size = sizeof(int),
	.hangs_ns = LONG_NS,
	.begin = begin,
	.answer = answer,
	.answered = answered,
	.fd = -1,
};

static int start(void **state)
{
	(void)state;
	memset(&desk, 0, sizeof(desk));
	desk.wait_ms = -1;
	job.hangs_ns = LONG_NS;
	job.work = NULL;
	job.wait_ms = NULL;
	job.fd = -1;
	return sem_init(&desk.blocked, 0, 0) || sem_init(&desk.go_on, 0, 0);
}

static uint64_t after(uint64_t ns)
{
	return clock_monotonic_ns() + ns;
}

static bool ask(int number, uint64_t until_ns, int *ret)
{
	return worker_ask(worker, &number, until_ns, ret);
}

/* Without a time limit of its own: the runner has one. */
static void wait_for(const atomic_int *counter, int least)
{
	while (*counter < least)
		(void)usleep(1000);
}

static void test_answers(void **state)
{
	int got = 0;

	(void)state;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	assert_int_equal(desk.begun, 1);
	for (int i = 1; i < 100; i++) {
		assert_true(ask(i, after(LONG_NS), &got));
		assert_int_equal(got, 2 * i);
	}
	assert_true(worker_stop(worker, LONG_NS));
	assert_int_equal(desk.answered, 99);
}

/* The late answer is dropped, and the next question gets its own. */
static void test_late(void **state)
{
	uint64_t began_ns;
	int got = -1;

	(void)state;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	desk.blocks = true;
	began_ns = clock_monotonic_ns();
	assert_false(ask(1, after(20 * MS), &got));
	assert_true(clock_monotonic_ns() - began_ns >= 20 * MS);
	assert_int_equal(got, -1);
	assert_false(ask(2, after(20 * MS), &got));
	assert_int_equal(got, -1);
	desk.blocks = false;
	assert_int_equal(sem_post(&desk.go_on), 0);
	assert_true(ask(3, after(LONG_NS), &got));
	assert_int_equal(got, 6);
	assert_true(worker_stop(worker, LONG_NS));
}

/* A time in the past: the thread may work, but the caller does not wait. */
static void test_no_time(void **state)
{
	int got = -1;

	(void)state;
	desk.blocks = true;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	assert_false(ask(1, 0, &got));
	assert_int_equal(sem_wait(&desk.blocked), 0);
	assert_int_equal(sem_post(&desk.go_on), 0);
	wait_for(&desk.answered, 1);
	assert_int_equal(got, -1);
	assert_true(worker_stop(worker, LONG_NS));
}

static void test_hangs(void **state)
{
	uint64_t began_ns;
	int got = -1;

	(void)state;
	job.hangs_ns = 10 * MS;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	desk.blocks = true;
	assert_false(ask(1, after(20 * MS), &got));
	began_ns = clock_monotonic_ns();
	/* it would wait for ever */
	assert_false(ask(2, after(LONG_NS), &got));
	assert_true(clock_monotonic_ns() - began_ns < LONG_NS / 2);
	assert_int_equal(got, -1);
	/* when it moves again, it gets new questions */
	desk.blocks = false;
	assert_int_equal(sem_post(&desk.go_on), 0);
	wait_for(&desk.answered, 1);
	assert_true(ask(3, after(LONG_NS), &got));
	assert_int_equal(got, 6);
	assert_true(worker_stop(worker, LONG_NS));
}

static void test_hangs_at_end(void **state)
{
	int got;

	(void)state;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	desk.blocks = true;
	assert_false(ask(1, 0, &got));
	assert_int_equal(sem_wait(&desk.blocked), 0);
	left_behind = worker;
	assert_false(worker_stop(worker, 20 * MS));
	/* it was left behind, and ends by itself */
	assert_int_equal(sem_post(&desk.go_on), 0);
	wait_for(&desk.answered, 1);
}

static void hang(void *context)
{
	struct desk *of = context;

	(void)sem_post(&of->blocked);
	(void)sem_wait(&of->go_on);
	of->begun++;
}

static void test_hangs_at_begin(void **state)
{
	int got = -1;

	(void)state;
	job.begin = hang;
	assert_int_equal(worker_start(&job, &desk, 20 * MS, &worker), 0);
	/* on a busy machine the thread can begin after that time */
	assert_int_equal(sem_wait(&desk.blocked), 0);
	job.begin = begin;
	assert_int_equal(desk.begun, 0);
	assert_false(ask(1, after(20 * MS), &got));
	assert_int_equal(sem_post(&desk.go_on), 0);
	assert_true(ask(2, after(LONG_NS), &got));
	assert_int_equal(got, 4);
	assert_true(worker_stop(worker, LONG_NS));
}

/* Its own work continues between the questions. */
static void test_work(void **state)
{
	int got, worked;

	(void)state;
	assert_int_equal(pipe(desk.pipe), 0);
	job.work = work;
	job.wait_ms = wait_ms;
	job.fd = desk.pipe[0];
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	assert_int_equal(write(desk.pipe[1], "x", 1), 1);
	wait_for(&desk.readable, 1);
	assert_true(ask(4, after(LONG_NS), &got));
	assert_int_equal(got, 8);
	worked = desk.worked;
	assert_int_equal(worked, 1);
	assert_true(worker_stop(worker, LONG_NS));

	desk.wait_ms = 1;
	assert_int_equal(worker_start(&job, &desk, LONG_NS, &worker), 0);
	wait_for(&desk.worked, worked + 3);
	assert_true(ask(5, after(LONG_NS), &got));
	assert_int_equal(got, 10);
	assert_true(worker_stop(worker, LONG_NS));
	assert_int_equal(desk.readable, 1);
	assert_int_equal(close(desk.pipe[0]), 0);
	assert_int_equal(close(desk.pipe[1]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_answers, start),
		cmocka_unit_test_setup(test_late, start),
		cmocka_unit_test_setup(test_no_time, start),
		cmocka_unit_test_setup(test_hangs, start),
		cmocka_unit_test_setup(test_hangs_at_end, start),
		cmocka_unit_test_setup(test_hangs_at_begin, start),
		cmocka_unit_test_setup(test_work, start),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
