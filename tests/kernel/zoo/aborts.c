/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths by the process's own SIGABRT, as in libc. */
#include "zoo.h"

#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void knows_self(struct witness *me)
{
	actor_hush();
	knows_number(me, "sender_pid", me->pid);
	knows_number(me, "sender_uid", getuid());
}

static void double_free(struct witness *me, long arg)
{
	void *volatile block = malloc(24);
	void *volatile again = block;

	(void)arg;
	knows_self(me);
	free(block);
	free(again);
}

static void smash(struct witness *me, long arg)
{
	(void)arg;
	knows_self(me);
	smash_stack();
}

static void fail_assertion(struct witness *me, long arg)
{
	volatile int truth = 0;

	(void)arg;
	knows_self(me);
	assert(truth);
}

static void plain_abort(struct witness *me, long arg)
{
	(void)arg;
	knows_self(me);
	abort();
}

/* Programs with a handler for their own SIGABRT, as crash reporters are. */
#define NOT_MAPPED 0x99900000000UL

static sigjmp_buf landing;

static void on_exit_three(int sig)
{
	(void)sig;
	_exit(3);
}

/* As a reporter that resolves symbols first. */
static void on_exit_late(int sig)
{
	(void)sig;
	sleep_ms(1500);
	_exit(3);
}

static void on_crash(int sig)
{
	(void)sig;
	*(volatile char *)NOT_MAPPED = 1;
}

/* Its own crash has a handler, which ends the process. */
static void on_crash_and_exit(int sig)
{
	(void)signal(SIGSEGV, on_exit_three);
	on_crash(sig);
}

static void on_jump(int sig)
{
	siglongjmp(landing, sig);
}

static const struct abort_handler {
	void (*handler)(int);
	int flags;
	bool fills_mask;
} abort_handlers[] = {
	{ on_exit_three, 0, false },    { on_exit_three, (int)SA_NODEFER, false },
	{ on_exit_late, 0, true },      { on_exit_three, SA_ONSTACK, false },
	{ on_crash, 0, false },         { on_crash, (int)(SA_RESETHAND | SA_NODEFER), false },
	{ on_crash, SA_ONSTACK, true }, { on_crash_and_exit, 0, false },
};

static void handle_abort(const struct abort_handler *how)
{
	static char stack[256 << 10];
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = how->handler, .sa_flags = how->flags };

	if (how->fills_mask)
		sigfillset(&action.sa_mask);
	(void)sigaltstack(&alternative, NULL);
	(void)sigaction(SIGABRT, &action, NULL);
}

static void abort_with_handler(struct witness *me, long which)
{
	knows_self(me);
	handle_abort(&abort_handlers[which]);
	if (abort_handlers[which].handler == on_crash)
		knows_address(me, "handler_address", NOT_MAPPED);
	abort();
}

/* Another thread ends the process while the handler runs. */
static void *exit_soon(void *unused)
{
	sleep_ms(300);
	_exit(4);
	return unused;
}

static void on_wait(int sig)
{
	(void)sig;
	for (;;)
		pause();
}

static void abort_beside_exit(struct witness *me, long arg)
{
	const struct abort_handler how = { on_wait, 0, false };
	pthread_t thread;

	(void)arg;
	knows_self(me);
	handle_abort(&how);
	if (pthread_create(&thread, NULL, exit_soon, NULL))
		witness_skip(me, "no threads can be had");
	abort();
}

/* A test framework: it leaves the handler, and fails later for a reason of its own. */
static void abort_and_jump(struct witness *me, long saves_mask)
{
	const struct abort_handler how = { on_jump, 0, false };

	(void)me;
	handle_abort(&how);
	if (!sigsetjmp(landing, (int)saves_mask))
		abort();
	_exit(5);
}

/* Far below the abort, and over the frame that its handler had: else nothing shows that the handler
 * does not run. */
static __attribute__((noinline)) void crash_deep(struct witness *me)
{
	volatile char deep[16 << 10];

	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = 1;
	knows_address(me, "address", NOT_MAPPED);
	*(volatile char *)NOT_MAPPED = deep[0];
}

static void abort_jump_and_crash(struct witness *me, long arg)
{
	const struct abort_handler how = { on_jump, 0, false };

	(void)arg;
	handle_abort(&how);
	if (!sigsetjmp(landing, 0))
		abort();
	crash_deep(me);
}

static void nothing(int sig)
{
	(void)sig;
}

static void abort_and_return(struct witness *me, long arg)
{
	const struct abort_handler how = { nothing, 0, false };

	(void)me;
	(void)arg;
	handle_abort(&how);
	raise(SIGABRT);
	_exit(6);
}

static const struct victim victims[] = {
	{ .name = "double-free", .comm = "kz-double-free", .die = double_free },
	{ .name = "stack-smash", .comm = "kz-smash", .die = smash },
	{ .name = "assert", .comm = "kz-assert", .die = fail_assertion },
	{ .name = "abort", .comm = "kz-abort", .die = plain_abort },
	{ .name = "abort-exits", .comm = "kz-a-exits", .arg = 0, .die = abort_with_handler },
	{ .name = "abort-exits-open", .comm = "kz-a-exits-o", .arg = 1, .die = abort_with_handler },
	{ .name = "abort-exits-late", .comm = "kz-a-exits-l", .arg = 2, .die = abort_with_handler },
	{ .name = "abort-exits-stack", .comm = "kz-a-exits-s", .arg = 3, .die = abort_with_handler },
	{ .name = "abort-crashes", .comm = "kz-a-crash", .arg = 4, .die = abort_with_handler },
	{ .name = "abort-crashes-open",
	  .comm = "kz-a-crash-o",
	  .arg = 5,
	  .die = abort_with_handler },
	{ .name = "abort-crashes-stack",
	  .comm = "kz-a-crash-s",
	  .arg = 6,
	  .die = abort_with_handler },
	{ .name = "abort-crashes-exits",
	  .comm = "kz-a-crash-e",
	  .arg = 7,
	  .die = abort_with_handler },
	{ .name = "abort-jumps-crashes", .comm = "kz-a-jumps-c", .die = abort_jump_and_crash },
	{ .name = "abort-beside-exit", .comm = "kz-a-beside", .die = abort_beside_exit },
	{ .name = "abort-jumps",
	  .comm = "kz-a-jumps",
	  .outcome = LIVES,
	  .arg = 1,
	  .die = abort_and_jump },
	{ .name = "abort-jumps-masked",
	  .comm = "kz-a-jumps-m",
	  .outcome = LIVES,
	  .arg = 0,
	  .die = abort_and_jump },
	{ .name = "abort-returns",
	  .comm = "kz-a-returns",
	  .outcome = LIVES,
	  .die = abort_and_return },
};

const struct menagerie zoo_aborts = MENAGERIE(victims);
