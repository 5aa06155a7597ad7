/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thread ends its process by a signal while another leaves by exit_group(). The other then
 * carries the signal's status too, although it got no signal (do_group_exit()). It must be on its
 * way into the kernel at that moment: a filter makes this take long, and it starts at many
 * different moments. Prints a JSON line for each round with the signal that the process died of; 0:
 * none, it left in time.
 */
#include "zoo.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN_US = 50, STEP_NS = 500, STEPS = 400, DIVISIONS = 2000 };

static atomic_long meet_ns; /* 0: not known yet */
static atomic_bool running; /* the other thread, on a processor of its own */
static bool aborts;

static long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void wait_until(long ns)
{
	while (now_ns() < ns)
		;
}

/* Allows every call, slowly; only for the calling thread. */
static void make_calls_slow(void)
{
	static struct sock_filter code[DIVISIONS + 1];
	const struct sock_fprog program = { .len = DIVISIONS + 1, .filter = code };

	for (int i = 0; i < DIVISIONS; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3);
	code[DIVISIONS] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(1);
}

static void *crash(void *unused)
{
	(void)unused;
	running = true;
	while (!meet_ns)
		;
	wait_until(meet_ns);
	if (aborts)
		abort();
	(void)kill(getpid(), SIGSEGV);
	return NULL;
}

static void race(long round)
{
	pthread_t thread;

	prctl(PR_SET_NAME, "kz-race");
	aborts = round % 2;
	if (pthread_create(&thread, NULL, crash, NULL))
		_exit(1);
	make_calls_slow();
	while (!running)
		;
	meet_ns = now_ns() + BEGIN_US * 1000;
	wait_until(meet_ns + round / 2 % STEPS * STEP_NS);
	_exit(0);
}

int loop_races(long rounds)
{
	for (long round = 0; round < rounds; round++) {
		pid_t pid;
		int status;

		fflush(stdout);
		pid = fork();
		if (pid == 0)
			race(round);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		printf("{\"pid\":%d,\"signal\":%d}\n", (int)pid,
		       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	}
	return 0;
}
