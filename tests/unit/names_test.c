// SPDX-License-Identifier: BSD-2-Clause
/* Our names against those of the system's own headers and of libseccomp. */
#include "unit.h"

#include "explain/names.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMED(symbol)           \
	{                       \
		symbol, #symbol \
	}

static const struct {
	int number;
	const char *name;
} signals[] = {
	NAMED(SIGHUP),    NAMED(SIGINT),  NAMED(SIGQUIT),  NAMED(SIGILL),  NAMED(SIGTRAP),
	NAMED(SIGABRT),   NAMED(SIGBUS),  NAMED(SIGFPE),   NAMED(SIGKILL), NAMED(SIGUSR1),
	NAMED(SIGSEGV),   NAMED(SIGUSR2), NAMED(SIGPIPE),  NAMED(SIGALRM), NAMED(SIGTERM),
	NAMED(SIGSTKFLT), NAMED(SIGCHLD), NAMED(SIGCONT),  NAMED(SIGSTOP), NAMED(SIGTSTP),
	NAMED(SIGTTIN),   NAMED(SIGTTOU), NAMED(SIGURG),   NAMED(SIGXCPU), NAMED(SIGXFSZ),
	NAMED(SIGVTALRM), NAMED(SIGPROF), NAMED(SIGWINCH), NAMED(SIGPWR),  NAMED(SIGSYS),
};

static void test_signals(void **state)
{
	char name[SIGNAL_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(signals); i++)
		assert_string_equal(signal_name(signals[i].number, name), signals[i].name);
	assert_string_equal(signal_name(SIGIO, name), "SIGPOLL"); /* one number, two names */
}

static void test_realtime_signals(void **state)
{
	char name[SIGNAL_NAME_SIZE], want[SIGNAL_NAME_SIZE];

	(void)state;
	assert_string_equal(signal_name(SIGRTMIN, name), "SIGRTMIN");
	assert_string_equal(signal_name(SIGRTMIN + 3, name), "SIGRTMIN+3");
	assert_string_equal(signal_name(SIGRTMAX, name), "SIGRTMIN+30");
	/* the two that glibc keeps for itself have no public name */
	for (int number = 32; number < SIGRTMIN; number++) {
		snprintf(want, sizeof(want), "signal %d", number);
		assert_string_equal(signal_name(number, name), want);
	}
}

static void test_no_signals(void **state)
{
	char *name = malloc(SIGNAL_NAME_SIZE); /* the sanitizer stands behind it */

	(void)state;
	assert_non_null(name);
	assert_string_equal(signal_name(0, name), "signal 0");
	assert_string_equal(signal_name(65, name), "signal 65");
	assert_string_equal(signal_name(127, name), "signal 127");
	assert_string_equal(signal_name(-1, name), "signal -1");
	assert_non_null(signal_name(INT32_MIN, name));
	assert_non_null(signal_name(INT32_MAX, name));
	free(name);
}

#define CODE(signal, symbol)            \
	{                               \
		signal, symbol, #symbol \
	}

static const struct {
	int signal, code;
	const char *name;
} codes[] = {
	CODE(SIGSEGV, SEGV_MAPERR),
	CODE(SIGSEGV, SEGV_ACCERR),
	CODE(SIGSEGV, SEGV_BNDERR),
	CODE(SIGSEGV, SEGV_PKUERR),
	CODE(SIGBUS, BUS_ADRALN),
	CODE(SIGBUS, BUS_ADRERR),
	CODE(SIGBUS, BUS_OBJERR),
	CODE(SIGBUS, BUS_MCEERR_AR),
	CODE(SIGBUS, BUS_MCEERR_AO),
	CODE(SIGILL, ILL_ILLOPC),
	CODE(SIGILL, ILL_ILLOPN),
	CODE(SIGILL, ILL_ILLADR),
	CODE(SIGILL, ILL_ILLTRP),
	CODE(SIGILL, ILL_PRVOPC),
	CODE(SIGILL, ILL_PRVREG),
	CODE(SIGILL, ILL_COPROC),
	CODE(SIGILL, ILL_BADSTK),
	CODE(SIGFPE, FPE_INTDIV),
	CODE(SIGFPE, FPE_INTOVF),
	CODE(SIGFPE, FPE_FLTDIV),
	CODE(SIGFPE, FPE_FLTOVF),
	CODE(SIGFPE, FPE_FLTUND),
	CODE(SIGFPE, FPE_FLTRES),
	CODE(SIGFPE, FPE_FLTINV),
	CODE(SIGFPE, FPE_FLTSUB),
	CODE(SIGFPE, FPE_FLTUNK),
	CODE(SIGTRAP, TRAP_BRKPT),
	CODE(SIGTRAP, TRAP_TRACE),
	CODE(SIGTRAP, TRAP_BRANCH),
	CODE(SIGTRAP, TRAP_HWBKPT),
	CODE(SIGTRAP, TRAP_UNK),
	CODE(SIGKILL, SI_USER),
	CODE(SIGSEGV, SI_KERNEL),
	CODE(SIGTERM, SI_QUEUE),
	CODE(SIGUSR1, SI_TIMER),
	CODE(SIGUSR1, SI_MESGQ),
	CODE(SIGUSR1, SI_ASYNCIO),
	CODE(SIGUSR1, SI_SIGIO),
	CODE(SIGABRT, SI_TKILL),
	CODE(SIGUSR1, SI_DETHREAD),
	CODE(SIGUSR1, SI_ASYNCNL),
	{ SIGSYS, 1, "SYS_SECCOMP" },
	{ SIGSYS, 2, "SYS_USER_DISPATCH" },
	{ SIGSEGV, 10, "SEGV_CPERR" },
	{ SIGTRAP, 6, "TRAP_PERF" },
};

static void test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		const char *name = signal_code_name(codes[i].signal, codes[i].code);

		assert_non_null(name);
		assert_string_equal(name, codes[i].name);
	}
	/* a code means something for its own signal only */
	assert_null(signal_code_name(SIGTERM, SEGV_MAPERR));
	assert_null(signal_code_name(SIGSEGV, 99));
	assert_null(signal_code_name(SIGKILL, -100));
	assert_null(signal_code_name(SIGFPE, INT32_MAX));
}

static void test_traps(void **state)
{
	(void)state;
	assert_string_equal(trap_name(0), "divide-error");
	assert_string_equal(trap_name(1), "debug");
	assert_string_equal(trap_name(3), "breakpoint");
	assert_string_equal(trap_name(6), "invalid-opcode");
	assert_string_equal(trap_name(13), "general-protection");
	assert_string_equal(trap_name(14), "page-fault");
	assert_string_equal(trap_name(17), "alignment-check");
	assert_string_equal(trap_name(21), "control-protection");
	assert_null(trap_name(9));
	assert_null(trap_name(15));
	assert_null(trap_name(20));
	for (uint32_t trap = 22; trap < 300; trap++)
		assert_null(trap_name(trap));
	assert_null(trap_name(UINT32_MAX));
}

static const struct {
	uint32_t audit, seccomp;
	const char *name;
} archs[] = {
	{ AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, "x86_64" },
	{ AUDIT_ARCH_I386, SCMP_ARCH_X86, "i386" },
	{ AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, "aarch64" },
	{ AUDIT_ARCH_ARM, SCMP_ARCH_ARM, "arm" },
};

static void test_archs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(archs); i++)
		assert_string_equal(arch_name(archs[i].audit), archs[i].name);
	assert_null(arch_name(0));
	assert_null(arch_name(AUDIT_ARCH_S390X));
	assert_null(arch_name(UINT32_MAX));
}

static void test_syscalls(void **state)
{
	char got[SYSCALL_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(archs); i++) {
		for (int number = 0; number < 1000; number++) {
			char *want = seccomp_syscall_resolve_num_arch(archs[i].seccomp, number);

			if (want)
				assert_string_equal(syscall_name(archs[i].audit, number, got),
						    want);
			else
				assert_null(syscall_name(archs[i].audit, number, got));
			free(want);
		}
	}
	assert_string_equal(syscall_name(AUDIT_ARCH_X86_64, 39, got), "getpid");
	assert_string_equal(syscall_name(AUDIT_ARCH_I386, 20, got), "getpid");
	assert_string_equal(syscall_name(AUDIT_ARCH_AARCH64, 172, got), "getpid");
}

/* libseccomp's pseudo numbers are no system calls of any machine. */
static void test_no_syscalls(void **state)
{
	char got[SYSCALL_NAME_SIZE];

	(void)state;
	for (int number = -1; number > -11000; number--)
		assert_null(syscall_name(AUDIT_ARCH_X86_64, number, got));
	assert_null(syscall_name(AUDIT_ARCH_X86_64, INT32_MAX, got));
	assert_null(syscall_name(AUDIT_ARCH_X86_64, INT32_MIN, got));
	assert_null(syscall_name(0, 39, got));
	assert_null(syscall_name(AUDIT_ARCH_S390X, 39, got));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals),    cmocka_unit_test(test_realtime_signals),
		cmocka_unit_test(test_no_signals), cmocka_unit_test(test_codes),
		cmocka_unit_test(test_traps),      cmocka_unit_test(test_archs),
		cmocka_unit_test(test_syscalls),   cmocka_unit_test(test_no_syscalls),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
