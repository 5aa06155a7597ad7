/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deaths by a driver that breaks (tests/vm/module): the kernel fails while it works for the victim,
 * or holds it in a sleep that no signal ends. Only in a guest of scripts/vm/run.
 */
#include "zoo.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DRIVER "/proc/kt-break"
/*
 * Longer than killtrace waits before it reports a stuck process. Twice as long, since several
 * checks follow each other in an emulated guest.
 */
#define STUCK_MS 20000

static const char *const ways[] = { "null", "gp", "bug" };

static const char *needs_driver(void)
{
	return access(DRIVER, W_OK) ? "kt_break is not loaded" : NULL;
}

static void order(const char *how)
{
	int fd = open(DRIVER, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, how, strlen(how)) < 0)
		fprintf(stderr, "zoo: %s cannot be written to " DRIVER "\n", how);
	if (fd >= 0)
		close(fd);
}

static void break_kernel(struct witness *me, long way)
{
	(void)me;
	order(ways[way]);
}

struct breaking {
	struct witness *me;
	long way;
};

static void *breaking_thread(void *arg)
{
	const struct breaking *breaking = arg;

	prctl(PR_SET_NAME, "kz-oops-thread");
	breaking->me->tid = (pid_t)syscall(SYS_gettid);
	knows_comm(breaking->me, "thread_comm_hex");
	order(ways[breaking->way]);
	return NULL;
}

/* The kernel does not end the whole process: its other thread lives on. */
static void break_in_thread(struct witness *me, long way)
{
	struct breaking breaking = { me, way };
	pthread_t thread;

	me->thread_only = true;
	pthread_create(&thread, NULL, breaking_thread, &breaking);
	pthread_join(thread, NULL);
	_exit(0);
}

static void sleep_deeply(struct witness *me, const void *arg)
{
	(void)arg;
	witness_ready(me);
	order("sleep");
}

static void wait_for_sleep(pid_t pid)
{
	char path[64], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 2000 && !strstr(text, ") D "); i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

		text[length > 0 ? length : 0] = '\0';
		if (fd >= 0)
			close(fd);
		sleep_ms(5);
	}
}

static void kill_and_wake(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");

	(void)me;
	(void)arg;
	witness_wait(victim);
	wait_for_sleep(victim->pid);
	knows_sender(victim, "kz-stuck-by");
	kill(victim->pid, SIGKILL);
	sleep_ms(STUCK_MS);
	order("wake");
}

static void scene_stuck(const struct victim *v)
{
	actor_start("victim", v->comm, sleep_deeply, NULL);
	actor_start("sender", "kz-stuck-by", kill_and_wake, NULL);
}

static void eat_and_sleep(struct witness *me, const void *arg)
{
	const size_t *limit = arg;

	memory_enter_limit(me);
	memory_eat(me, *limit * 3 / 5);
	sleep_deeply(me, arg);
}

/* The OOM killer chooses the sleeping process, and takes its memory while it sleeps. */
static void last_straw(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");
	const size_t *limit = arg;

	witness_wait(victim);
	wait_for_sleep(victim->pid);
	memory_join_limit();
	knows_number(victim, "trigger_pid", me->pid);
	knows_string(victim, "trigger_comm", "kz-straw");
	witness_ready(me);
	memory_eat(me, *limit * 11 / 20);
}

static void wake_late(struct witness *me, const void *arg)
{
	(void)me;
	(void)arg;
	witness_wait(witness_role("trigger"));
	sleep_ms(STUCK_MS);
	order("wake");
}

static void scene_stuck_oom(const struct victim *v)
{
	static size_t limit;

	limit = memory_make_limit();
	if (!limit)
		return;
	actor_start("victim", v->comm, eat_and_sleep, &limit);
	actor_start("trigger", "kz-straw", last_straw, &limit);
	actor_start("waker", "kz-waker", wake_late, NULL);
}

static const struct victim victims[] = {
	{ .name = "oops-null", .comm = "kz-oops-null", .die = break_kernel, .needs = needs_driver },
	{ .name = "oops-gp",
	  .comm = "kz-oops-gp",
	  .arg = 1,
	  .die = break_kernel,
	  .needs = needs_driver },
	{ .name = "oops-bug",
	  .comm = "kz-oops-bug",
	  .arg = 2,
	  .die = break_kernel,
	  .needs = needs_driver },
	{ .name = "oops-null-thread",
	  .comm = "kz-oops-leader",
	  .die = break_in_thread,
	  .needs = needs_driver },
	{ .name = "oops-gp-thread",
	  .comm = "kz-oops-leader",
	  .arg = 1,
	  .die = break_in_thread,
	  .needs = needs_driver },
	{ .name = "oops-bug-thread",
	  .comm = "kz-oops-leader",
	  .arg = 2,
	  .die = break_in_thread,
	  .needs = needs_driver },
	{ .name = "stuck", .comm = "kz-stuck", .scene = scene_stuck, .needs = needs_driver },
	{ .name = "stuck-oom",
	  .comm = "kz-stuck-oom",
	  .scene = scene_stuck_oom,
	  .needs = needs_driver },
};

const struct menagerie zoo_breaks = MENAGERIE(victims);
