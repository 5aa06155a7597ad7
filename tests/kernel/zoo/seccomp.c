/* SPDX-License-Identifier: BSD-2-Clause */
/* Seccomp, in each form that kills. */
#include "zoo.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FORBIDDEN = SYS_getpid };

static void forbid(struct witness *me, unsigned int action)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FORBIDDEN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		witness_skip(me, "no seccomp filters here");
}

static void knows_syscall(struct witness *me)
{
	knows_number(me, "syscall", FORBIDDEN);
	knows_string(me, "syscall_name", "getpid");
}

static void filtered(struct witness *me, long action)
{
	knows_syscall(me);
	forbid(me, (unsigned int)action);
	syscall(FORBIDDEN);
}

static void strict(struct witness *me, long arg)
{
	(void)arg;
	knows_syscall(me);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		witness_skip(me, "no strict seccomp here");
	syscall(FORBIDDEN);
}

static void *filtered_thread(void *arg)
{
	struct witness *me = arg;

	prctl(PR_SET_NAME, "kz-sec-thread");
	me->tid = (pid_t)syscall(SYS_gettid);
	knows_comm(me, "thread_comm_hex");
	knows_syscall(me);
	forbid(me, SECCOMP_RET_KILL_THREAD);
	syscall(FORBIDDEN);
	return NULL;
}

static void thread_of_two(struct witness *me, long arg)
{
	pthread_t thread;

	(void)arg;
	me->thread_only = true;
	pthread_create(&thread, NULL, filtered_thread, me);
	pthread_join(thread, NULL);
	_exit(0);
}

static void on_trap(int sig)
{
	(void)sig;
}

static void on_crash(int sig)
{
	(void)sig;
	sleep_ms(300);
	_exit(2);
}

static void *trapped_thread(void *arg)
{
	sleep_ms(100);
	forbid(arg, SECCOMP_RET_TRAP);
	syscall(FORBIDDEN);
	pause();
	return NULL;
}

/* While its handler runs, another thread has a system call trapped, and continues. */
static void crash_beside_a_trap(struct witness *me, long arg)
{
	pthread_t thread;

	(void)arg;
	signal(SIGSYS, on_trap);
	signal(SIGSEGV, on_crash);
	pthread_create(&thread, NULL, trapped_thread, me);
	null_write();
}

/* Not seccomp, though the signal is the same. */
/* With a selector of 1 the system call is blocked; one that is neither 0 nor 1 is an error. */
static void user_dispatch(struct witness *me, long arg)
{
	static volatile char selector;

	if (prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1UL, 0UL, 0UL, &selector))
		witness_skip(me, "no syscall user dispatch here");
	knows_syscall(me);
	selector = (char)arg;
	syscall(FORBIDDEN);
}

static const struct victim victims[] = {
	{ .name = "seccomp-process",
	  .comm = "kz-sec-process",
	  .arg = (long)SECCOMP_RET_KILL_PROCESS,
	  .die = filtered },
	{ .name = "seccomp-last-thread",
	  .comm = "kz-sec-last",
	  .arg = SECCOMP_RET_KILL_THREAD,
	  .die = filtered },
	{ .name = "seccomp-one-thread", .comm = "kz-sec-leader", .die = thread_of_two },
	{ .name = "seccomp-trap", .comm = "kz-sec-trap", .arg = SECCOMP_RET_TRAP, .die = filtered },
	{ .name = "seccomp-strict", .comm = "kz-sec-strict", .die = strict },
	{ .name = "seccomp-trap-beside", .comm = "kz-sec-beside", .die = crash_beside_a_trap },
	{ .name = "user-dispatch", .comm = "kz-dispatch", .arg = 1, .die = user_dispatch },
	{ .name = "user-dispatch-selector",
	  .comm = "kz-dispatch-7",
	  .arg = 7,
	  .die = user_dispatch },
};

const struct menagerie zoo_seccomp = MENAGERIE(victims);
