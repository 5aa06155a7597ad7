/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that leave signals to the main thread, and waits with an end. */
#ifndef KT_BASE_THREAD_H
#define KT_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The thread begins with every signal blocked. 0 or -errno. */
int thread_start(size_t stack_size, void *(*run)(void *context), void *context, pthread_t *ret);

/* Makes a condition for thread_condition_wait(). */
void thread_condition_init(pthread_cond_t *ret);

/* With the lock. False: `until_ns` (clock_monotonic_ns()) was reached, and nothing has been
 * signalled. */
bool thread_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ns);

#endif
