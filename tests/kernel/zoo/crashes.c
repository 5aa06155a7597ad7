/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs with several threads, ended by their own fault handler. The threads that die because of
 * it can be gone before the one that called exit_group(), which can be preempted at any point. In
 * every second program another thread ends it while the handler runs. Prints the victims as one
 * JSON line.
 */
#include "zoo.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 2, STATUS = 2 };

static atomic_bool handling;
static bool ended_by_other;

static void on_crash(int sig)
{
	(void)sig;
	handling = true;
	while (ended_by_other)
		pause();
	_exit(STATUS);
}

static void *crash(void *unused)
{
	(void)unused;
	null_write();
}

static void *rest(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void die(bool by_other)
{
	pthread_t thread;

	prctl(PR_SET_NAME, "kz-crashes");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ended_by_other = by_other;
	signal(SIGSEGV, on_crash);
	if (pthread_create(&thread, NULL, by_other ? crash : rest, NULL))
		_exit(1);
	if (!by_other)
		null_write();
	while (!handling)
		sleep_ms(1);
	_exit(STATUS);
}

int loop_crashes(long count)
{
	pid_t *pids = calloc((size_t)count + 1, sizeof(*pids));
	long begun = 0, ended = 0, wrong = 0;

	while (pids && ended < count) {
		int status;

		if (begun < count && begun < ended + AT_ONCE) {
			fflush(stdout);
			pids[begun] = fork();
			if (pids[begun] == 0)
				die(begun % 2);
			if (pids[begun++] > 0)
				continue;
			return 1;
		}
		if (wait(&status) < 0)
			return 1;
		wrong += !WIFEXITED(status) || WEXITSTATUS(status) != STATUS;
		ended++;
	}
	printf("{\"crashes\":%ld,\"wrong\":%ld,\"pids\":[", ended, wrong);
	for (long i = 0; i < ended; i++)
		printf("%s%d", i ? "," : "", (int)pids[i]);
	puts("]}");
	free(pids);
	return wrong || ended < count ? 1 : 0;
}
