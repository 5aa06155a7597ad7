/* SPDX-License-Identifier: BSD-2-Clause */
/* Storms and the loops of the benchmarks: each command prints one JSON line. */
#include "zoo.h"

#include "insn.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const char site_loop[], site_after_loop[];

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int report(const char *name, long count, uint64_t start)
{
	uint64_t took = now() - start;

	printf("{\"loop\":\"%s\",\"count\":%ld,\"nanoseconds\":%llu,\"nanoseconds_per_op\":%.1f}\n",
	       name, count, (unsigned long long)took, count ? (double)took / (double)count : 0.0);
	return 0;
}

struct storm {
	long next;
	long wrong; /* children that did not die of SIGSEGV */
	pid_t pids[];
};

static void name_after(long index)
{
	char name[16];

	snprintf(name, sizeof(name), "kz-%u", (unsigned int)index);
	prctl(PR_SET_NAME, name);
}

/* `names`: each victim has a program name of its own. */
static void storm_worker(struct storm *storm, long count, bool names)
{
	for (;;) {
		long index = __atomic_fetch_add(&storm->next, 1, __ATOMIC_RELAXED);
		pid_t pid;
		int status;

		if (index >= count)
			_exit(0);
		pid = fork();
		if (pid == 0) {
			if (names)
				name_after(index);
			null_write();
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) ||
		    WTERMSIG(status) != SIGSEGV)
			__atomic_fetch_add(&storm->wrong, 1, __ATOMIC_RELAXED);
		storm->pids[index] = pid;
	}
}

int loop_storm(long count, long jobs, bool names)
{
	size_t size = sizeof(struct storm) + (size_t)count * sizeof(pid_t);
	struct storm *storm =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rlimit core;
	uint64_t start, took;

	if (storm == MAP_FAILED)
		return 1;
	if (!getrlimit(RLIMIT_CORE, &core)) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
	prctl(PR_SET_NAME, "kz-storm");
	start = now();
	for (long i = 0; i < jobs; i++) {
		if (fork() == 0) {
			/* The workers end with the storm. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			storm_worker(storm, count, names);
		}
	}
	while (wait(NULL) > 0)
		;
	took = now() - start;
	printf("{\"storm\":%ld,\"wrong\":%ld,\"nanoseconds\":%llu,\"pids\":[", count, storm->wrong,
	       (unsigned long long)took);
	for (long i = 0; i < count; i++)
		printf("%s%d", i ? "," : "", storm->pids[i]);
	puts("]}");
	return storm->wrong ? 1 : 0;
}

int loop_children(long count)
{
	uint64_t start = now();

	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return report("chld", count, start);
}

static volatile long handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

int loop_signals(long count)
{
	pid_t self = getpid();
	uint64_t start;

	signal(SIGUSR1, on_signal);
	start = now();
	for (long i = 0; i < count; i++)
		kill(self, SIGUSR1);
	return handled == count ? report("sigloop", count, start) : 1;
}

/* Steps over the faulting instruction: the cheapest handler there can be. */
static void on_segv(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	handled++;
	insn_go_on_at(context, (uintptr_t)site_after_loop);
}

int loop_segv(long count)
{
	struct sigaction action = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO };
	uint64_t start;

	sigaction(SIGSEGV, &action, NULL);
	start = now();
	for (volatile long i = 0; i < count; i++)
		INSN_WRITE_BEFORE(site_loop, site_after_loop, 0UL);
	return handled == count ? report("segvloop", count, start) : 1;
}

int loop_faults(long count)
{
	enum { PAGES = 512 };
	char *memory = mmap(NULL, PAGES * ZOO_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start;

	if (memory == MAP_FAILED)
		return 1;
	madvise(memory, PAGES * ZOO_PAGE, MADV_NOHUGEPAGE);
	start = now();
	for (long done = 0; done < count;) {
		for (long i = 0; i < PAGES && done < count; i++, done++)
			*(volatile char *)(memory + (size_t)i * ZOO_PAGE) = 1;
		madvise(memory, PAGES * ZOO_PAGE, MADV_DONTNEED);
	}
	return report("faultloop", count, start);
}
