/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that are handled before the end: the handler raises them again, another signal follows,
 * or the program exits. Also other ends inside a handler.
 */
#include "zoo.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_nothing(int sig)
{
	(void)sig;
}

static void on_raise(int sig)
{
	(void)signal(sig, SIG_DFL);
	raise(sig);
}

static void on_slow_exit(int sig)
{
	(void)sig;
	sleep_ms(1500);
	_exit(2);
}

static void on_slow_abort(int sig)
{
	(void)sig;
	sleep_ms(1500);
	abort();
}

static void on_abort(int sig)
{
	(void)sig;
	abort();
}

/* Blocks nothing while it runs, as in browser sandboxes and some crash reporters. */
static void handle_openly(int sig, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_NODEFER | flags };

	(void)sigaction(sig, &action, NULL);
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	(void)sigaction(sig, &action, NULL);
}

struct plan {
	const struct victim *v;
	void (*handler)(int);
	int sig;
	int then; /* 0: nothing more */
	struct witness *victim;
};

static void wait_with_handler(struct witness *me, const void *arg)
{
	const struct plan *plan = arg;

	actor_hush();
	handle(plan->sig, plan->handler);
	actor_pause(me, NULL);
	for (;;)
		pause();
}

static void send_both(struct witness *me, const void *arg)
{
	const struct plan *plan = arg;

	(void)me;
	knows_sender(plan->victim, "kz-manager");
	knows_number(plan->victim, "prior_number", plan->sig);
	if (!plan->handler || plan->handler == SIG_IGN)
		knows_number(plan->victim, "prior_ignored", 1);
	kill(plan->victim->pid, plan->sig);
	if (!plan->then)
		return;
	sleep_ms(300);
	kill(plan->victim->pid, plan->then);
}

static void enact(struct plan plan)
{
	plan.victim = actor_start("victim", plan.v->comm, wait_with_handler, &plan);
	witness_wait(plan.victim);
	actor_start("sender", "kz-manager", send_both, &plan);
}

static void scene_stop_timeout(const struct victim *v)
{
	enact((struct plan){ .v = v, .handler = on_nothing, .sig = SIGTERM, .then = SIGKILL });
}

/* As a shell script that ignores SIGTERM, under "timeout -k". */
static void scene_stop_ignored(const struct victim *v)
{
	enact((struct plan){ .v = v, .handler = SIG_IGN, .sig = SIGTERM, .then = SIGKILL });
}

/* The first process of a container, which "docker stop" asks and then kills. */
static void scene_stop_init(const struct victim *v)
{
	static struct plan plan;

	plan = (struct plan){ .v = v, .sig = SIGTERM, .then = SIGKILL };
	plan.victim = actor_clone(CLONE_NEWPID, "victim", v->comm, actor_pause, NULL);
	witness_wait(plan.victim);
	actor_start("sender", "kz-manager", send_both, &plan);
}

static void scene_raised_again(const struct victim *v)
{
	enact((struct plan){ .v = v, .handler = on_raise, .sig = (int)v->arg });
}

/* Like a runtime under a watchdog: it reports for longer than any window, and then exits. */
static void scene_gives_up(const struct victim *v)
{
	enact((struct plan){ .v = v, .handler = on_slow_exit, .sig = (int)v->arg });
}

static void write_beyond(struct witness *me, long arg)
{
	struct rlimit limit = { 4096, 1 << 20 };
	char path[128], page[8192] = { 0 };
	int fd;

	(void)arg;
	actor_hush();
	knows_string(me, "rlimit", "fsize");
	knows_number(me, "limit_soft", 4096);
	knows_number(me, "limit_hard", 1 << 20);
	handle(SIGXFSZ, on_raise);
	snprintf(path, sizeof(path), "%s/kz-again", temp_dir());
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	(void)unlink(path);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (;;)
		if (fd < 0 || write(fd, page, sizeof(page)) < 0)
			_exit(1);
}

static void write_to_nobody(struct witness *me, long arg)
{
	int ends[2];

	(void)me;
	(void)arg;
	handle(SIGPIPE, on_raise);
	if (!pipe(ends))
		close(ends[0]);
	for (;;)
		if (write(ends[1], "x", 1) < 0)
			_exit(1);
}

static void report_slowly(struct witness *me, long arg)
{
	(void)me;
	(void)arg;
	handle(SIGSEGV, on_slow_exit);
	null_write();
}

static void report_openly(struct witness *me, long arg)
{
	static char stack[64 << 10];
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };

	(void)me;
	(void)arg;
	(void)sigaltstack(&alternative, NULL);
	handle_openly(SIGSEGV, on_slow_abort, SA_ONSTACK);
	null_write();
}

/* The first process of a pid namespace, which SIGABRT does not end. */
static void abort_as_init(struct witness *me, const void *arg)
{
	const long *after_fault = arg;

	actor_hush();
	witness_ready(me);
	if (*after_fault) {
		handle(SIGSEGV, on_abort);
		null_write();
	}
	abort();
}

static void scene_init_aborts(const struct victim *v)
{
	actor_clone(CLONE_NEWPID, "victim", v->comm, abort_as_init, &v->arg);
}

/* Its parent does not end, only the thread that started it. */
static void ask_to_go_along(struct witness *me, const void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	knows_number(me, "parent_lives", 1);
	actor_pause(me, arg);
}

static void *start_child(void *arg)
{
	const struct victim *v = arg;

	witness_wait(actor_start("victim", v->comm, ask_to_go_along, NULL));
	return NULL;
}

static void parent_of_many_threads(struct witness *me, const void *arg)
{
	siginfo_t info;
	pthread_t thread;

	(void)me;
	if (!pthread_create(&thread, NULL, start_child, (void *)arg))
		pthread_join(thread, NULL);
	/* left for the runner to reap */
	(void)waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	_exit(0);
}

static void scene_thread_leaves(const struct victim *v)
{
	actor_start("parent", "kz-parent", parent_of_many_threads, v);
}

enum { TRAPPED = SYS_getpid };

static void trap(struct witness *me)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TRAPPED, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	knows_number(me, "syscall", TRAPPED);
	knows_string(me, "syscall_name", "getpid");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		witness_skip(me, "no seccomp filters here");
}

static void on_trap_crash(int sig)
{
	volatile uintptr_t at = TRAPPED; /* as in browsers: the address says which call it was */

	(void)sig;
	*(volatile int *)at = 1;
}

static void on_trap_exit(int sig)
{
	(void)sig;
	_exit(3);
}

static void crash_in_trap(struct witness *me, long openly)
{
	if (openly)
		handle_openly(SIGSYS, on_trap_crash, 0);
	else
		handle(SIGSYS, on_trap_crash);
	trap(me);
	syscall(TRAPPED);
}

static void exit_in_trap(struct witness *me, long openly)
{
	if (openly)
		handle_openly(SIGSYS, on_trap_exit, 0);
	else
		handle(SIGSYS, on_trap_exit);
	trap(me);
	syscall(TRAPPED);
}

static void on_trap_emulate(int sig)
{
	(void)sig;
}

/* Deeper on the stack than the handler was. */
static void __attribute__((noinline)) crash_deeper(void)
{
	volatile char frame[6 << 10];

	memset((void *)frame, 1, sizeof(frame));
	null_write();
}

/* A broker emulates the call, and the later crash is unrelated. */
static void crash_after_trap(struct witness *me, long arg)
{
	(void)arg;
	handle_openly(SIGSYS, on_trap_emulate, 0);
	trap(me);
	syscall(TRAPPED);
	crash_deeper();
}

/* One frame so large that it reaches beyond the stack and the mappings below it. */
static int __attribute__((noinline)) large_frame(void)
{
	volatile char frame[48UL << 20];

	frame[0] = 1;
	frame[sizeof(frame) - 1] = 1;
	return frame[0];
}

static void *overflow_in_thread(void *arg)
{
	struct witness *me = arg;

	me->tid = (pid_t)syscall(SYS_gettid);
	return (void *)(uintptr_t)large_frame();
}

static void overflow_by_frame(struct witness *me, long in_thread)
{
	pthread_t thread;

	if (in_thread && !pthread_create(&thread, NULL, overflow_in_thread, me))
		pthread_join(thread, NULL);
	large_frame();
}

static const struct victim victims[] = {
	{ .name = "stop-timeout", .comm = "kz-stop-slow", .scene = scene_stop_timeout },
	{ .name = "stop-ignored", .comm = "kz-stop-ign", .scene = scene_stop_ignored },
	{ .name = "stop-init", .comm = "kz-stop-init", .scene = scene_stop_init },
	{ .name = "term-again",
	  .comm = "kz-term-again",
	  .arg = SIGTERM,
	  .scene = scene_raised_again },
	{ .name = "abrt-again",
	  .comm = "kz-abrt-again",
	  .arg = SIGABRT,
	  .scene = scene_raised_again },
	{ .name = "segv-again",
	  .comm = "kz-segv-again",
	  .arg = SIGSEGV,
	  .scene = scene_raised_again },
	{ .name = "abrt-exits", .comm = "kz-abrt-exits", .arg = SIGABRT, .scene = scene_gives_up },
	{ .name = "term-exits", .comm = "kz-term-exits", .arg = SIGTERM, .scene = scene_gives_up },
	{ .name = "xfsz-again", .comm = "kz-xfsz-again", .die = write_beyond },
	{ .name = "pipe-again", .comm = "kz-pipe-again", .die = write_to_nobody },
	{ .name = "slow-report", .comm = "kz-slow-report", .die = report_slowly },
	{ .name = "slow-report-open", .comm = "kz-slow-open", .die = report_openly },
	{ .name = "init-aborts", .comm = "kz-init-abort", .arg = 0, .scene = scene_init_aborts },
	{ .name = "init-faults-aborts",
	  .comm = "kz-init-fault",
	  .arg = 1,
	  .scene = scene_init_aborts },
	{ .name = "pdeathsig-thread", .comm = "kz-pdeath-thr", .scene = scene_thread_leaves },
	{ .name = "trap-crashes", .comm = "kz-trap-crash", .die = crash_in_trap },
	{ .name = "trap-exits", .comm = "kz-trap-exits", .die = exit_in_trap },
	{ .name = "trap-crashes-open", .comm = "kz-trap-crash-o", .arg = 1, .die = crash_in_trap },
	{ .name = "trap-exits-open", .comm = "kz-trap-exits-o", .arg = 1, .die = exit_in_trap },
	{ .name = "trap-emulated", .comm = "kz-trap-emulate", .die = crash_after_trap },
	{ .name = "large-frame", .comm = "kz-frame", .arg = 0, .die = overflow_by_frame },
	{ .name = "large-frame-thread", .comm = "kz-frame-thr", .arg = 1, .die = overflow_by_frame },
};

const struct menagerie zoo_priors = MENAGERIE(victims);
