/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs with signal handlers: some recover, some give up, some make it worse. */
#include "zoo.h"

#include "insn.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char site_handled[], site_overflow_handled[];

static sigjmp_buf landing;

static void handle(int sig, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	(void)sigaction(sig, &action, NULL);
}

static void SITE_FUNCTION fault_at(struct witness *me, uintptr_t address)
{
	knows_fault(me, (uintptr_t)site_handled, address, "write");
	INSN_WRITE(site_handled, address);
}

static void on_map(int sig, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(ZOO_PAGE - 1);

	(void)sig;
	(void)context;
	(void)mmap((void *)page, ZOO_PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void on_jump(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	siglongjmp(landing, sig);
}

static void on_exit_two(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	_exit(2);
}

static void on_default(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	(void)signal(sig, SIG_DFL);
}

static void on_raise(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	(void)signal(sig, SIG_DFL);
	raise(sig);
}

static void on_abort(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	abort();
}

static void survive_map(struct witness *me, long arg)
{
	void *page = mmap(NULL, ZOO_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	handle(SIGSEGV, on_map);
	fault_at(me, (uintptr_t)page);
	_exit(0);
}

static void survive_jump(struct witness *me, long arg)
{
	(void)arg;
	handle(SIGSEGV, on_jump);
	if (!sigsetjmp(landing, 1))
		fault_at(me, 0);
	_exit(0);
}

/* The fault is long past when the program ends for another reason. */
static void survive_then_fail_late(struct witness *me, long arg)
{
	(void)arg;
	handle(SIGSEGV, on_jump);
	if (!sigsetjmp(landing, 1))
		fault_at(me, 0);
	sleep_ms(2000);
	_exit(3);
}

/* This fault is not the reason for its end. */
static void survive_first(void)
{
	int *volatile nowhere = NULL;

	handle(SIGSEGV, on_jump);
	if (!sigsetjmp(landing, 1))
		*(volatile int *)nowhere = 1;
}

/* Blocked later: unrelated to the handler, which has long returned. */
static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void survive_then_give_up(struct witness *me, long arg)
{
	(void)arg;
	survive_first();
	block(SIGTERM);
	sleep_ms(1500);
	handle(SIGSEGV, on_exit_two);
	fault_at(me, 8);
}

static void *rest(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* Its exit_group() kills the other threads, and any of them can be the last to exit. */
static void give_up_among_threads(struct witness *me, long threads)
{
	pthread_t thread;

	survive_first();
	for (long i = 0; i < threads; i++)
		if (pthread_create(&thread, NULL, rest, NULL))
			witness_skip(me, "no threads can be had");
	handle(SIGSEGV, on_exit_two);
	fault_at(me, 8);
}

static void survive_then_abort(struct witness *me, long arg)
{
	(void)me;
	(void)arg;
	survive_first();
	block(SIGTERM);
	sleep_ms(1500);
	abort();
}

static void fail_without_fault(struct witness *me, long arg)
{
	(void)me;
	_exit((int)arg);
}

/*
 * A handled fault, then an unrelated kill by itself: the signal is SIGTERM, and the fault is not
 * part of it.
 */
static void survive_then_term(struct witness *me, long arg)
{
	(void)arg;
	handle(SIGSEGV, on_jump);
	if (!sigsetjmp(landing, 1))
		fault_at(me, 0);
	kill(getpid(), SIGTERM);
	pause();
}

static void give_up(struct witness *me, long arg)
{
	(void)arg;
	handle(SIGSEGV, on_exit_two);
	fault_at(me, 0);
}

static void refault(struct witness *me, long arg)
{
	(void)arg;
	handle(SIGSEGV, on_default);
	fault_at(me, 0x18);
}

static void reraise(struct witness *me, long arg)
{
	(void)arg;
	knows_number(me, "sender_pid", me->pid);
	handle(SIGSEGV, on_raise);
	fault_at(me, 0x28);
}

static void abort_in_handler(struct witness *me, long arg)
{
	(void)arg;
	actor_hush();
	knows_number(me, "sender_pid", me->pid);
	handle(SIGSEGV, on_abort);
	fault_at(me, 0x38);
}

/* Crashes in its handler, as a reporter of crashes does on a heap that is corrupt. */
#define NOT_MAPPED 0x99900000000UL

static void __attribute__((noinline)) crash_below(long frames)
{
	volatile char frame[ZOO_PAGE];

	memset((void *)(uintptr_t)frame, 1, sizeof(frame));
	if (frames)
		crash_below(frames - 1);
	else
		*(volatile char *)NOT_MAPPED = frame[0];
}

static void on_crash(int sig)
{
	(void)sig;
	crash_below(0);
}

static void on_crash_deep(int sig)
{
	(void)sig;
	crash_below(20);
}

static void on_crash_by_default(int sig)
{
	(void)signal(sig, SIG_DFL);
	crash_below(0);
}

/* The mask stays as it is in the handler: the next fault is deadly. */
static void on_plain_jump(int sig)
{
	siglongjmp(landing, sig);
}

static const struct crash_handler {
	void (*handler)(int);
	int flags;
	bool fills_mask;
} crash_handlers[] = {
	{ on_crash, 0, false },
	{ on_crash, (int)(SA_RESETHAND | SA_NODEFER), false },
	{ on_crash_deep, SA_ONSTACK, false },
	{ on_crash_deep, 0, true },
	{ on_crash_by_default, 0, false },
};

static void crash_twice(struct witness *me, long which)
{
	static char stack[256 << 10];
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	const struct crash_handler *how = &crash_handlers[which];
	struct sigaction action = { .sa_handler = how->handler, .sa_flags = how->flags };

	if (how->fills_mask)
		sigfillset(&action.sa_mask);
	(void)sigaltstack(&alternative, NULL);
	(void)sigaction(SIGSEGV, &action, NULL);
	knows_address(me, "handler_address", NOT_MAPPED);
	fault_at(me, 0x48);
}

static volatile int reporting, crashed_too;

/* Two threads crash, and both report: the one that was first also ends it. */
static void on_report(int sig)
{
	if (__sync_fetch_and_add(&reporting, 1)) {
		crashed_too = 1;
		for (;;)
			pause();
	}
	while (!crashed_too)
		sleep_ms(1);
	sleep_ms(20);
	(void)signal(sig, SIG_DFL);
	raise(sig);
}

static void *crash_second(void *unused)
{
	while (!reporting)
		sleep_ms(1);
	sleep_ms(50);
	null_write();
	return unused;
}

static void crash_among_crashes(struct witness *me, long arg)
{
	struct sigaction action = { .sa_handler = on_report };
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, crash_second, NULL))
		witness_skip(me, "no threads can be had");
	knows_number(me, "sender_pid", me->pid);
	(void)sigaction(SIGSEGV, &action, NULL);
	fault_at(me, 0x58);
}

/* It has left the handler of its first fault, and crashes elsewhere. */
static void crash_after_jump(struct witness *me, long arg)
{
	int *volatile nowhere = NULL;

	(void)arg;
	(void)signal(SIGSEGV, on_plain_jump);
	if (!sigsetjmp(landing, 0))
		*(volatile int *)nowhere = 1;
	fault_at(me, NOT_MAPPED);
}

/* The kernel cannot write the handler's frame at sp. */
static void broken_stack(struct witness *me, long arg)
{
	long pid = getpid();

	(void)me;
	(void)arg;
	handle(SIGUSR1, on_default);
	INSN_SYSCALL_WITH_SP(0x1000, SYS_tgkill, pid, pid, SIGUSR1);
}

static void bad_sigreturn(struct witness *me, long arg)
{
	(void)me;
	(void)arg;
	INSN_SYSCALL_WITH_SP(0x1000, SYS_rt_sigreturn, 0, 0, 0);
}

/* The C library's own area, to be given back; since glibc 2.35. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));

enum { RSEQ_BYTES = 32, RSEQ_UNREGISTER = 1 };
#ifdef __aarch64__
#define RSEQ_MARK 0xd428bc00U
#else
#define RSEQ_MARK 0x53053053U
#endif

/* The kernel writes the number of the CPU there when the thread was preempted, and cannot. */
static void broken_rseq(struct witness *me, long arg)
{
	void *area =
		mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	if (&__rseq_offset)
		(void)syscall(SYS_rseq, (char *)__builtin_thread_pointer() + __rseq_offset,
			      RSEQ_BYTES, RSEQ_UNREGISTER, RSEQ_MARK);
	if (area == MAP_FAILED || syscall(SYS_rseq, area, RSEQ_BYTES, 0, RSEQ_MARK))
		witness_skip(me, "no rseq area can be registered");
	(void)munmap(area, ZOO_PAGE);
	for (;;)
		sleep_ms(1);
}

static void overflow_with_handler(struct witness *me, long arg)
{
	struct rlimit limit = { ZOO_STACK, ZOO_STACK };
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	(void)arg;
	handle(SIGSEGV, on_exit_two);
	setrlimit(RLIMIT_STACK, &limit);
	knows_address(me, "ip", (uintptr_t)site_overflow_handled);
	knows_address(me, "address_low", here - ZOO_STACK - 2 * ZOO_PAGE);
	knows_address(me, "address_high", here);
	knows_string(me, "access", "write");
	INSN_PUSH_FOREVER(site_overflow_handled);
}

static const struct victim victims[] = {
	{ .name = "handler-maps", .comm = "kz-h-maps", .outcome = LIVES, .die = survive_map },
	{ .name = "handler-jumps", .comm = "kz-h-jumps", .outcome = LIVES, .die = survive_jump },
	{ .name = "handler-late-exit",
	  .comm = "kz-h-late",
	  .outcome = LIVES,
	  .die = survive_then_fail_late },
	{ .name = "exit-three",
	  .comm = "kz-exit-3",
	  .outcome = LIVES,
	  .arg = 3,
	  .die = fail_without_fault },
	{ .name = "handler-then-term", .comm = "kz-h-term", .die = survive_then_term },
	{ .name = "handler-exits", .comm = "kz-h-exits", .die = give_up },
	{ .name = "handler-exits-later", .comm = "kz-h-later", .die = survive_then_give_up },
	{ .name = "handler-exits-threads",
	  .comm = "kz-h-threads",
	  .arg = 16,
	  .die = give_up_among_threads },
	{ .name = "handler-then-abort", .comm = "kz-h-abort-2", .die = survive_then_abort },
	{ .name = "handler-default", .comm = "kz-h-default", .die = refault },
	{ .name = "handler-raises", .comm = "kz-h-raises", .die = reraise },
	{ .name = "handler-aborts", .comm = "kz-h-aborts", .die = abort_in_handler },
	{ .name = "handler-crashes", .comm = "kz-h-crash", .arg = 0, .die = crash_twice },
	{ .name = "handler-crashes-open", .comm = "kz-h-crash-o", .arg = 1, .die = crash_twice },
	{ .name = "handler-crashes-stack", .comm = "kz-h-crash-s", .arg = 2, .die = crash_twice },
	{ .name = "handler-crashes-masked", .comm = "kz-h-crash-m", .arg = 3, .die = crash_twice },
	{ .name = "handler-crashes-reset", .comm = "kz-h-crash-r", .arg = 4, .die = crash_twice },
	{ .name = "crash-among-crashes", .comm = "kz-h-crash-2", .die = crash_among_crashes },
	{ .name = "jump-then-crash", .comm = "kz-h-jump-2", .die = crash_after_jump },
	{ .name = "broken-stack", .comm = "kz-broken-sp", .die = broken_stack },
	{ .name = "bad-sigreturn", .comm = "kz-sigreturn", .die = bad_sigreturn },
	{ .name = "broken-rseq", .comm = "kz-rseq", .die = broken_rseq },
	{ .name = "overflow-handled", .comm = "kz-h-overflow", .die = overflow_with_handler },
};

const struct menagerie zoo_handlers = MENAGERIE(victims);
