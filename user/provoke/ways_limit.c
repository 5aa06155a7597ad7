// SPDX-License-Identifier: BSD-2-Clause
/* Ways to die of a limit or a filter. */
#include "provoke/ways.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FILE 4096
#define REALTIME_US 100000

void die_of_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter || seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(getppid), 0) ||
	    seccomp_load(filter))
		unable("it gets no seccomp filter");
	else
		(void)syscall(SYS_getppid);
}

static void burn(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

void die_of_cpu_limit(void)
{
	const struct rlimit limit = { 1, 10 };

	if (setrlimit(RLIMIT_CPU, &limit))
		unable("RLIMIT_CPU cannot be set");
	else
		burn();
}

void die_of_file_limit(void)
{
	const struct rlimit limit = { MOST_FILE, MOST_FILE };
	const int fd = memfd_create("killtrace-provoke", MFD_CLOEXEC);

	if (fd < 0 || setrlimit(RLIMIT_FSIZE, &limit))
		unable("no file in memory, or RLIMIT_FSIZE cannot be set");
	else
		(void)ftruncate(fd, 2L * MOST_FILE);
}

/* Holds one CPU for a tenth of a second, at the lowest real-time priority. */
void die_of_realtime_limit(void)
{
	const struct rlimit limit = { REALTIME_US, 10UL * REALTIME_US };
	const struct sched_param priority = { .sched_priority = 1 };

	if (setrlimit(RLIMIT_RTTIME, &limit) || sched_setscheduler(0, SCHED_FIFO, &priority))
		unable("it may not use real-time scheduling");
	else
		burn();
}
