/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control group is killed while its processes fork: those who are just being made die too, by another
 * way through the kernel (cgroup_post_fork()). That is a matter of luck, and so tried many times.
 * Prints who was killed, one JSON line for each round.
 */
#include "zoo.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kill meets the sleepers first, and takes its time with them. */
enum { SLEEPERS = 200, FORKERS = 1, FORKS = 200, PATIENCE_MS = 20000 };

static void pause_for_ever(void)
{
	for (;;)
		pause();
}

static void fork_some(int count)
{
	for (int i = 0; i < count; i++)
		if (fork() == 0)
			pause_for_ever();
}

static void sleep_and_fork(const char *group, int sleepers, int forks, int ready)
{
	cgroup_join(group);
	fork_some(sleepers);
	if (write(ready, "", 1) != 1)
		_exit(1);
	fork_some(forks);
	pause_for_ever();
}

/* All are in the group when this returns: whoever came later would live on. */
static void start(const char *group, int sleepers, int forks, int count)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		return;
	for (int i = 0; i < count; i++)
		if (fork() == 0)
			sleep_and_fork(group, sleepers, forks, ready[1]);
	close(ready[1]);
	for (int i = 0; i < count && read(ready[0], &byte, 1) == 1; i++)
		;
	close(ready[0]);
}

/* Prints and reaps those who were killed. False: somebody lives on. */
static bool reap(void)
{
	const char *separator = "";
	long waited = 0;
	int status;
	pid_t pid;

	fputs("{\"killed\":[", stdout);
	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0 && waited < PATIENCE_MS) {
		if (pid == 0) {
			sleep_ms(1);
			waited++;
		} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			printf("%s%d", separator, (int)pid);
			separator = ",";
		}
	}
	puts("]}");
	return pid < 0;
}

int loop_forks(long rounds)
{
	char group[256];
	bool all = true;

	if (!cgroup_unified_root() ||
	    cgroup_make(cgroup_unified_root(), "forks", group, sizeof(group)))
		return 1;
	prctl(PR_SET_NAME, "kz-forks");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* who kills and who forks must run at the very same time */
	setpriority(PRIO_PROCESS, 0, -20);
	for (long round = 0; round < rounds && all; round++) {
		fflush(stdout);
		start(group, SLEEPERS, 0, 1);
		start(group, 0, FORKS, FORKERS);
		usleep((useconds_t)(round * 397 % 4000));
		/* absent before 5.14 */
		all = !cgroup_write(group, "cgroup.kill", "1") && reap();
	}
	if (!all) {
		cgroup_write(group, "cgroup.kill", "1");
		reap();
	}
	cgroup_cleanup();
	return all ? 0 : 1;
}
