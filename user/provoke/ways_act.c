// SPDX-License-Identifier: BSD-2-Clause
/* What others do to a victim that waits. */
#include "provoke/ways.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int send_kill(const struct victim *victim)
{
	return kill(victim->pid, SIGKILL) ? -errno : 0;
}

static int kill_place(const struct victim *victim)
{
	return place_kill(&victim->place);
}

/* In another process: that a parent kills the child that it forked is ordinary. */
static int by_another(const struct victim *victim, int (*act)(const struct victim *victim))
{
	const pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		(void)prctl(PR_SET_NAME, "kt-provoker");
		_exit(-act(victim));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECANCELED;
}

int act_kill(struct victim *victim)
{
	return by_another(victim, send_kill);
}

int act_cgroup_kill(struct victim *victim)
{
	return by_another(victim, kill_place);
}

static int send(const struct victim *victim, int number)
{
	return kill(victim->pid, number) ? -errno : 0;
}

int act_signal(struct victim *victim)
{
	return send(victim, SIGUSR1);
}

int act_abort(struct victim *victim)
{
	return send(victim, SIGABRT);
}

/* The first process of its pid namespace ends, and the kernel kills the others. */
int act_end_namespace(struct victim *victim)
{
	(void)close(victim->init_gate);
	victim->init_gate = -1;
	return 0;
}

int act_end_thread(struct victim *victim)
{
	victim_close_nursery(victim);
	return 0;
}

/* A tracer is a thread, and this one ends at once. */
static void *trace_and_end(void *context)
{
	const struct victim *victim = context;
	static int error;

	error = ptrace(PTRACE_SEIZE, victim->pid, NULL, PTRACE_O_EXITKILL) ? -errno : 0;
	return &error;
}

int act_end_tracer(struct victim *victim)
{
	pthread_t thread;
	void *error;
	int failure = pthread_create(&thread, NULL, trace_and_end, victim);

	if (failure)
		return -failure;
	failure = pthread_join(thread, &error);
	return failure ? -failure : *(const int *)error;
}
