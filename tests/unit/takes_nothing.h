/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file for which write() returns 0 for ever: the memory of a process that has ended, opened
 * before. Failures end the test; SIGALRM ends a test that waits for such a file.
 */
#ifndef KT_UNIT_TAKES_NOTHING_H
#define KT_UNIT_TAKES_NOTHING_H

#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* *ret_path must be opened before takes_nothing_from_now_on(). */
static inline pid_t takes_nothing_begin(char *ret_path, size_t size)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		(void)alarm(60);
		(void)pause();
		_exit(0);
	}
	(void)snprintf(ret_path, size, "/proc/%d/mem", (int)pid);
	return pid;
}

static inline void takes_nothing_from_now_on(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)alarm(10);
}

#endif
