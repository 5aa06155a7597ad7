/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crowds: thousands of processes that one act ends, and thousands that do not die and only fill
 * what a tracer keeps about them. Each command prints one JSON line.
 */
#include "zoo.h"

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void print_pids(const pid_t *pids, long count)
{
	fputs("\"pids\":[", stdout);
	for (long i = 0; i < count; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	fputs("]", stdout);
}

static long reap(const pid_t *pids, long count, int sig)
{
	long wrong = 0;

	for (long i = 0; i < count; i++) {
		int status;

		if (waitpid(pids[i], &status, 0) != pids[i] || !WIFSIGNALED(status) ||
		    WTERMSIG(status) != sig)
			wrong++;
	}
	return wrong;
}

static uint64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* One process group, one kill(). */
int crowd_group(long count)
{
	pid_t *pids = calloc((size_t)count + 1, sizeof(*pids)), group = 0;
	uint64_t took;
	long wrong;

	prctl(PR_SET_NAME, "kz-crowd");
	for (long i = 0; i < count; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(1);
		}
		if (pids[i] < 0 || setpgid(pids[i], group ? group : pids[i]))
			return 1;
		if (!group)
			group = pids[0];
	}
	took = monotonic();
	if (kill(-group, SIGKILL))
		return 1;
	took = monotonic() - took;
	wrong = reap(pids, count, SIGKILL);
	printf("{\"crowd\":%ld,\"wrong\":%ld,\"sender\":%d,\"nanoseconds\":%llu,", count, wrong,
	       getpid(), (unsigned long long)took);
	print_pids(pids, count);
	puts("}");
	free(pids);
	return wrong ? 1 : 0;
}

struct family {
	volatile long made;
	volatile int ended;
};

static void be_init(struct family *family, long count)
{
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(1);
		}
		if (pid < 0)
			_exit(1);
		family->made++;
	}
	_exit(0);
}

/*
 * The init of a pid namespace ends, and takes the other processes with it. Only the kernel knows
 * their numbers here.
 */
int crowd_namespace(long count)
{
	struct family *family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t init;
	int status;

	prctl(PR_SET_NAME, "kz-crowd");
	if (family == MAP_FAILED || unshare(CLONE_NEWPID))
		return 1;
	init = fork();
	if (init == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_init(family, count);
	}
	if (init < 0 || waitpid(init, &status, 0) != init || status || family->made != count)
		return 1;
	printf("{\"crowd\":%ld,\"init\":%d}\n", count, init);
	return 0;
}

/*
 * Stopped, with a pending SIGTERM: a stopped task does not take it
 * (kernel/signal.c:wants_signal()).
 */
static pid_t hold_stopped(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || kill(pid, SIGTERM))
		return -1;
	return pid;
}

/* Killed, but held by its tracer while it exits. */
static pid_t hold_traced(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) ||
	    kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
		return -1;
	return pid;
}

/*
 * Runs unprivileged until its standard input ends. Prints the number of processes when all are
 * there.
 */
int crowd_hold(const char *how, long count)
{
	const struct rlimit many = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t *pids = calloc((size_t)count + 1, sizeof(*pids));
	long made = 0;
	char byte;

	prctl(PR_SET_NAME, "kz-holder");
	/* the default for a user depends on the memory, and a guest has little */
	(void)setrlimit(RLIMIT_NPROC, &many);
	if (!geteuid() && (setgroups(0, NULL) || setgid(ZOO_NOBODY) || setuid(ZOO_NOBODY)))
		return 1;
	for (; made < count; made++) {
		pids[made] = !strcmp(how, "traced") ? hold_traced() : hold_stopped();
		if (pids[made] < 0)
			break;
	}
	printf("{\"held\":%ld}\n", made);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	for (long i = 0; i < made; i++) {
		kill(pids[i], SIGKILL);
		if (!strcmp(how, "traced"))
			ptrace(PTRACE_DETACH, pids[i], 0, 0);
	}
	for (long i = 0; i < made; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
	return made == count ? 0 : 1;
}
