/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that answers questions which may take long, for one thread that cannot wait long.
 *
 * It has one question at a time. The asking thread waits until the given time. A later answer is
 * dropped, so the job itself must keep what is worth keeping. While one question takes longer than
 * `hangs_ns`, no other one is waited for at all.
 *
 * Ownership: worker_start() gives an object to be ended with worker_stop(). The context belongs to
 * the caller, and is in use until worker_stop() says that the thread has ended. One thread may ask.
 * Invariants: bounded in memory; the thread wakes up for a question, for the job's descriptor and
 * when the job asks for it, never by itself.
 */
#ifndef KT_BASE_WORKER_H
#define KT_BASE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The work of the thread, which calls all of these, without a lock. */
struct worker_job {
	const char *name; /* of the thread: 15 bytes at most */
	size_t stack_size;
	size_t question_size, answer_size;
	uint64_t hangs_ns;
	/* Before the first question. NULL: nothing. */
	void (*begin)(void *context);
	void (*answer)(void *context, const void *question, void *ret);
	/* After an answer was given. NULL: nothing. */
	void (*answered)(void *context);
	/* Work of its own, which a question interrupts between two calls: if `fd` is readable, or
	 * wait_ms() has passed (-1: never). NULL: none. */
	void (*work)(void *context, bool is_readable);
	int (*wait_ms)(void *context);
	int fd; /* -1: none */
};

struct worker;

/* Waits for begin(), `patience_ns` at most. 0 or -errno. `job` outlives the worker. */
int worker_start(const struct worker_job *job, void *context, uint64_t patience_ns,
		 struct worker **ret);

/* Waits for the thread's end in the same way. False: it hangs, is left behind, and still uses the
 * context. */
bool worker_stop(struct worker *worker, uint64_t patience_ns);

/* Waits until `until_ns` (clock_monotonic_ns()). False: no answer came in time, and *ret is
 * untouched. */
bool worker_ask(struct worker *worker, const void *question, uint64_t until_ns, void *ret);

#endif
