/* SPDX-License-Identifier: BSD-2-Clause */
/* Resource limits that kill. */
#include "zoo.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void burn(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

static void knows_limit(struct witness *me, const char *name, const struct rlimit *limit)
{
	knows_string(me, "rlimit", name);
	knows_number(me, "limit_soft", (long long)limit->rlim_cur);
	knows_number(me, "limit_hard", (long long)limit->rlim_max);
}

static void cpu(struct witness *me, long hard)
{
	struct rlimit limit = { 1, (rlim_t)hard };

	knows_limit(me, "cpu", &limit);
	if (setrlimit(RLIMIT_CPU, &limit))
		witness_skip(me, "RLIMIT_CPU cannot be set");
	burn();
}

static void on_limit(int sig)
{
	(void)signal(sig, SIG_DFL);
	raise(sig);
}

/* As a shell with an EXIT trap does. The kernel raises the soft limit when it sends the signal. */
static void cpu_again(struct witness *me, long hard)
{
	(void)signal(SIGXCPU, on_limit);
	cpu(me, hard);
}

static void file_size(struct witness *me, long arg)
{
	struct rlimit limit = { ZOO_PAGE, ZOO_PAGE };
	int fd = (int)syscall(SYS_memfd_create, "kz-fsize", 1U /* MFD_CLOEXEC */);

	(void)arg;
	knows_limit(me, "fsize", &limit);
	if (fd < 0 || setrlimit(RLIMIT_FSIZE, &limit))
		witness_skip(me, "no memfd");
	if (ftruncate(fd, 2 * ZOO_PAGE))
		return;
}

struct deadline { /* struct sched_attr, include/uapi/linux/sched/types.h */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* Gets the signal of RLIMIT_CPU without having a limit. */
static void overrun(struct witness *me, long arg)
{
	const struct deadline how = {
		.size = sizeof(how),
		.policy = 6, /* SCHED_DEADLINE */
		.flags = 4,  /* SCHED_FLAG_DL_OVERRUN */
		.runtime = 10000000,
		.deadline = 50000000,
		.period = 50000000,
	};

	(void)arg;
	if (syscall(SYS_sched_setattr, 0, &how, 0))
		witness_skip(me, "no SCHED_DEADLINE here");
	burn();
}

static void realtime(struct witness *me, long hard)
{
	struct rlimit limit = { 100000, (rlim_t)hard };
	struct sched_param priority = { .sched_priority = 1 };

	knows_limit(me, "rttime", &limit);
	if (setrlimit(RLIMIT_RTTIME, &limit) || sched_setscheduler(0, SCHED_FIFO, &priority))
		witness_skip(me, "no real-time scheduling here");
	burn();
}

static const struct victim victims[] = {
	{ .name = "rlimit-cpu-soft", .comm = "kz-cpu-soft", .arg = 10, .die = cpu },
	{ .name = "rlimit-cpu-again", .comm = "kz-cpu-again", .arg = 10, .die = cpu_again },
	{ .name = "rlimit-cpu-hard", .comm = "kz-cpu-hard", .arg = 1, .die = cpu },
	{ .name = "deadline-overrun", .comm = "kz-overrun", .die = overrun },
	{ .name = "rlimit-fsize", .comm = "kz-fsize", .die = file_size },
	{ .name = "rlimit-rttime-soft", .comm = "kz-rt-soft", .arg = 1000000, .die = realtime },
	{ .name = "rlimit-rttime-hard", .comm = "kz-rt-hard", .arg = 100000, .die = realtime },
};

const struct menagerie zoo_limits = MENAGERIE(victims);
