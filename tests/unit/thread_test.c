// SPDX-License-Identifier: BSD-2-Clause
/* Threads that get no signals, and waits that end. */
#include "unit.h"

#include "base/clock.h"
#include "base/thread.h"

#include <signal.h>
#include <stdlib.h>

static void *read_mask(void *context)
{
	(void)pthread_sigmask(SIG_BLOCK, NULL, context);
	return NULL;
}

static void test_signals(void **state)
{
	sigset_t before, after, of_thread;
	pthread_t thread;

	(void)state;
	(void)pthread_sigmask(SIG_BLOCK, NULL, &before);
	assert_int_equal(thread_start(64 << 10, read_mask, &of_thread, &thread), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &after);
	for (int number = 1; number < 32; number++) {
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
		if (number != SIGKILL && number != SIGSTOP)
			assert_int_equal(sigismember(&of_thread, number), 1);
	}
}

static void test_no_room(void **state)
{
	sigset_t mask;
	pthread_t thread;

	(void)state;
	assert_true(thread_start(SIZE_MAX / 2 & ~(size_t)0xffff, read_mask, &mask, &thread) < 0);
}

static void test_wait_ends(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition;
	const uint64_t until_ns = clock_monotonic_ns() + 20000000;

	(void)state;
	thread_condition_init(&condition);
	(void)pthread_mutex_lock(&lock);
	while (thread_condition_wait(&condition, &lock, until_ns))
		;
	(void)pthread_mutex_unlock(&lock);
	assert_true(clock_monotonic_ns() >= until_ns);
	(void)pthread_cond_destroy(&condition);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_wait_ends),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
