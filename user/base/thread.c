// SPDX-License-Identifier: BSD-2-Clause
#include "base/thread.h"

#include <signal.h>
#include <time.h>

#include "base/clock.h"

int thread_start(size_t stack_size, void *(*run)(void *context), void *context, pthread_t *ret)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int error;

	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, stack_size);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(ret, &attr, run, context);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return -error;
}

void thread_condition_init(pthread_cond_t *ret)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(ret, &attr);
	(void)pthread_condattr_destroy(&attr);
}

bool thread_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ns / (uint64_t)NS_PER_S),
		.tv_nsec = (long)(until_ns % (uint64_t)NS_PER_S),
	};

	return !pthread_cond_timedwait(condition, lock, &until);
}
