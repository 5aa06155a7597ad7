/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control group is killed while its process forks: the new child dies too, on another path
 * through the kernel (cgroup_post_fork()). Only the last few microseconds of a fork are open to
 * this, so it is tried many times, each time at another moment. The forking and the killing process
 * have a processor each. The group is as small as possible, so that a kill takes no time. Prints
 * the killed processes, one JSON line for each round.
 */
#include "zoo.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FORKS = 200, LATEST_US = 400, STEP_US = 37, AGAIN_US = 100000, PATIENCE_US = 20000000 };

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Pins to the first or the second processor that this process may use. */
static void pin(const cpu_set_t *allowed, int which)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, allowed) || which--)
			continue;
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static void pause_for_ever(void)
{
	for (;;)
		pause();
}

static void join_and_fork(const char *group, const cpu_set_t *allowed, int ready)
{
	pin(allowed, 1);
	cgroup_join(group);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (int i = 0; i < FORKS; i++)
		if (fork() == 0)
			pause_for_ever();
	pause_for_ever();
}

/* It is in the group when this returns: a process that joins after the kill would live on. */
static bool start(const char *group, const cpu_set_t *allowed)
{
	int ready[2];
	bool started;
	char byte;

	if (pipe(ready))
		return false;
	if (fork() == 0)
		join_and_fork(group, allowed, ready[1]);
	close(ready[1]);
	started = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	return started;
}

static bool kill_group(const char *group)
{
	/* absent before 5.14 */
	return !cgroup_write(group, "cgroup.kill", "1");
}

/*
 * Prints and reaps the killed processes. False: a process lives on. A kernel that counts kills
 * (kill_seq) misses a child that entered the group between its count and the end of its walk: one
 * kill in a thousand is repeated.
 */
static bool reap(const char *group)
{
	long begun = now_us(), again = begun + AGAIN_US;
	const char *separator = "";
	int status;
	pid_t pid;

	fputs("{\"killed\":[", stdout);
	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0 && now_us() < begun + PATIENCE_US) {
		if (pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			printf("%s%d", separator, (int)pid);
			separator = ",";
		} else if (now_us() > again) {
			kill_group(group);
			again += AGAIN_US;
		} else {
			sched_yield();
		}
	}
	puts("]}");
	return pid < 0;
}

/* Sleeping is not exact enough. */
static void wait_us(long us)
{
	long until = now_us() + us;

	while (now_us() < until)
		;
}

int loop_forks(long rounds)
{
	cpu_set_t allowed;
	char group[256];
	bool all = true;

	if (!cgroup_unified_root() ||
	    cgroup_make(cgroup_unified_root(), "forks", group, sizeof(group)) ||
	    sched_getaffinity(0, sizeof(allowed), &allowed))
		return 1;
	prctl(PR_SET_NAME, "kz-forks");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* no other process should run in between */
	setpriority(PRIO_PROCESS, 0, -20);
	pin(&allowed, 0);
	for (long round = 0; round < rounds && all; round++) {
		fflush(stdout);
		all = start(group, &allowed);
		wait_us(round * STEP_US % LATEST_US);
		all = kill_group(group) && reap(group) && all;
	}
	if (!all) {
		kill_group(group);
		reap(group);
	}
	cgroup_cleanup();
	return all ? 0 : 1;
}
