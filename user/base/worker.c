// SPDX-License-Identifier: BSD-2-Clause
#include "base/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

struct worker {
	const struct worker_job *job;
	void *context;
	pthread_t thread;
	int wake_fd;
	void *own_question, *own_answer; /* of the thread */

	pthread_mutex_t lock; /* for all fields below */
	pthread_cond_t changed;
	void *question, *answer;
	bool asked; /* there is a question without an answer */
	uint64_t asked_at_ns;
	bool begun, ending, ended;
};

static void wake(struct worker *worker)
{
	const uint64_t one = 1;

	while (write(worker->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* With the lock, for *flag to become true. */
static bool wait_for(struct worker *worker, const bool *flag, uint64_t until_ns)
{
	while (!*flag && thread_condition_wait(&worker->changed, &worker->lock, until_ns))
		;
	return *flag;
}

static void set(struct worker *worker, bool *flag)
{
	(void)pthread_mutex_lock(&worker->lock);
	*flag = true;
	(void)pthread_cond_signal(&worker->changed);
	(void)pthread_mutex_unlock(&worker->lock);
}

static void answer(struct worker *worker)
{
	const struct worker_job *job = worker->job;
	bool asked;

	(void)pthread_mutex_lock(&worker->lock);
	asked = worker->asked;
	memcpy(worker->own_question, worker->question, job->question_size);
	(void)pthread_mutex_unlock(&worker->lock);
	if (!asked)
		return;
	job->answer(worker->context, worker->own_question, worker->own_answer);
	(void)pthread_mutex_lock(&worker->lock);
	memcpy(worker->answer, worker->own_answer, job->answer_size);
	worker->asked = false;
	(void)pthread_cond_signal(&worker->changed);
	(void)pthread_mutex_unlock(&worker->lock);
	if (job->answered)
		job->answered(worker->context);
}

static bool is_ending(struct worker *worker)
{
	bool ending;

	(void)pthread_mutex_lock(&worker->lock);
	ending = worker->ending;
	(void)pthread_mutex_unlock(&worker->lock);
	return ending;
}

static void *run(void *context)
{
	struct worker *worker = context;
	const struct worker_job *job = worker->job;
	struct pollfd fds[] = {
		{ .fd = worker->wake_fd, .events = POLLIN },
		{ .fd = job->work ? job->fd : -1, .events = POLLIN },
	};

	/* another thread's name would be written below /proc, which confine.h may forbid */
	(void)pthread_setname_np(pthread_self(), job->name);
	if (job->begin)
		job->begin(worker->context);
	set(worker, &worker->begun);
	while (!is_ending(worker)) {
		uint64_t ignored;

		if (poll(fds, 2, job->work ? job->wait_ms(worker->context) : -1) < 0)
			continue;
		if (fds[0].revents && read(worker->wake_fd, &ignored, sizeof(ignored)) > 0)
			answer(worker);
		else if (job->work)
			job->work(worker->context, fds[1].revents != 0);
	}
	set(worker, &worker->ended);
	return NULL;
}

static void release(struct worker *worker)
{
	if (worker->wake_fd >= 0)
		(void)close(worker->wake_fd);
	(void)pthread_mutex_destroy(&worker->lock);
	(void)pthread_cond_destroy(&worker->changed);
	free(worker->question);
	free(worker->answer);
	free(worker->own_question);
	free(worker->own_answer);
	free(worker);
}

int worker_start(const struct worker_job *job, void *context, uint64_t patience_ns,
		 struct worker **ret)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int error = 0;

	if (!worker)
		return -ENOMEM;
	worker->job = job;
	worker->context = context;
	(void)pthread_mutex_init(&worker->lock, NULL);
	thread_condition_init(&worker->changed);
	worker->question = calloc(1, job->question_size);
	worker->answer = calloc(1, job->answer_size);
	worker->own_question = calloc(1, job->question_size);
	worker->own_answer = calloc(1, job->answer_size);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->wake_fd < 0)
		error = -errno;
	else if (!worker->question || !worker->answer || !worker->own_question ||
		 !worker->own_answer)
		error = -ENOMEM;
	if (!error)
		error = thread_start(job->stack_size, run, worker, &worker->thread);
	if (error) {
		release(worker);
		return error;
	}
	(void)pthread_mutex_lock(&worker->lock);
	(void)wait_for(worker, &worker->begun, clock_monotonic_ns() + patience_ns);
	(void)pthread_mutex_unlock(&worker->lock);
	*ret = worker;
	return 0;
}

bool worker_stop(struct worker *worker, uint64_t patience_ns)
{
	bool ended;

	(void)pthread_mutex_lock(&worker->lock);
	worker->ending = true;
	wake(worker);
	ended = wait_for(worker, &worker->ended, clock_monotonic_ns() + patience_ns);
	(void)pthread_mutex_unlock(&worker->lock);
	if (!ended)
		return false;
	(void)pthread_join(worker->thread, NULL);
	release(worker);
	return true;
}

/* With the lock. Whether the last question is answered. */
static bool wait_for_answer(struct worker *worker, uint64_t until_ns)
{
	if (worker->asked && clock_monotonic_ns() - worker->asked_at_ns > worker->job->hangs_ns)
		return false;
	while (worker->asked && thread_condition_wait(&worker->changed, &worker->lock, until_ns))
		;
	return !worker->asked;
}

bool worker_ask(struct worker *worker, const void *question, uint64_t until_ns, void *ret)
{
	bool is_answered = false;

	(void)pthread_mutex_lock(&worker->lock);
	/* an earlier question may not be answered yet */
	if (wait_for_answer(worker, until_ns)) {
		memcpy(worker->question, question, worker->job->question_size);
		worker->asked = true;
		worker->asked_at_ns = clock_monotonic_ns();
		wake(worker);
		is_answered = wait_for_answer(worker, until_ns);
	}
	if (is_answered)
		memcpy(ret, worker->answer, worker->job->answer_size);
	(void)pthread_mutex_unlock(&worker->lock);
	return is_answered;
}
