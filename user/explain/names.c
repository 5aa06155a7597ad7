// SPDX-License-Identifier: BSD-2-Clause
#include "explain/names.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FIRST_REALTIME 34 /* like glibc's SIGRTMIN; it uses 32 and 33 itself */
#define LAST_SIGNAL 64

const char *signal_name(int number, char ret_name[SIGNAL_NAME_SIZE])
{
	const char *name = number > 0 && number < 32 ? sigabbrev_np(number) : NULL;

	if (name)
		(void)stpcpy(stpcpy(ret_name, "SIG"), name);
	else if (number == FIRST_REALTIME)
		(void)snprintf(ret_name, SIGNAL_NAME_SIZE, "SIGRTMIN");
	else if (number > FIRST_REALTIME && number <= LAST_SIGNAL)
		(void)snprintf(ret_name, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", number - FIRST_REALTIME);
	else
		(void)snprintf(ret_name, SIGNAL_NAME_SIZE, "signal %d", number);
	return ret_name;
}

struct code {
	int signal; /* 0: any signal */
	int code;
	const char *name;
};

/* include/uapi/asm-generic/siginfo.h */
static const struct code codes[] = {
	{ 0, 0, "SI_USER" },
	{ 0, 128, "SI_KERNEL" },
	{ 0, -1, "SI_QUEUE" },
	{ 0, -2, "SI_TIMER" },
	{ 0, -3, "SI_MESGQ" },
	{ 0, -4, "SI_ASYNCIO" },
	{ 0, -5, "SI_SIGIO" },
	{ 0, -6, "SI_TKILL" },
	{ 0, -7, "SI_DETHREAD" },
	{ 0, -60, "SI_ASYNCNL" },
	{ SIGILL, 1, "ILL_ILLOPC" },
	{ SIGILL, 2, "ILL_ILLOPN" },
	{ SIGILL, 3, "ILL_ILLADR" },
	{ SIGILL, 4, "ILL_ILLTRP" },
	{ SIGILL, 5, "ILL_PRVOPC" },
	{ SIGILL, 6, "ILL_PRVREG" },
	{ SIGILL, 7, "ILL_COPROC" },
	{ SIGILL, 8, "ILL_BADSTK" },
	{ SIGFPE, 1, "FPE_INTDIV" },
	{ SIGFPE, 2, "FPE_INTOVF" },
	{ SIGFPE, 3, "FPE_FLTDIV" },
	{ SIGFPE, 4, "FPE_FLTOVF" },
	{ SIGFPE, 5, "FPE_FLTUND" },
	{ SIGFPE, 6, "FPE_FLTRES" },
	{ SIGFPE, 7, "FPE_FLTINV" },
	{ SIGFPE, 8, "FPE_FLTSUB" },
	{ SIGFPE, 14, "FPE_FLTUNK" },
	{ SIGSEGV, 1, "SEGV_MAPERR" },
	{ SIGSEGV, 2, "SEGV_ACCERR" },
	{ SIGSEGV, 3, "SEGV_BNDERR" },
	{ SIGSEGV, 4, "SEGV_PKUERR" },
	{ SIGSEGV, 8, "SEGV_MTEAERR" },
	{ SIGSEGV, 9, "SEGV_MTESERR" },
	{ SIGSEGV, 10, "SEGV_CPERR" },
	{ SIGBUS, 1, "BUS_ADRALN" },
	{ SIGBUS, 2, "BUS_ADRERR" },
	{ SIGBUS, 3, "BUS_OBJERR" },
	{ SIGBUS, 4, "BUS_MCEERR_AR" },
	{ SIGBUS, 5, "BUS_MCEERR_AO" },
	{ SIGTRAP, 1, "TRAP_BRKPT" },
	{ SIGTRAP, 2, "TRAP_TRACE" },
	{ SIGTRAP, 3, "TRAP_BRANCH" },
	{ SIGTRAP, 4, "TRAP_HWBKPT" },
	{ SIGTRAP, 5, "TRAP_UNK" },
	{ SIGTRAP, 6, "TRAP_PERF" },
	{ SIGSYS, 1, "SYS_SECCOMP" },
	{ SIGSYS, 2, "SYS_USER_DISPATCH" },
};

const char *signal_code_name(int number, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == code && (!codes[i].signal || codes[i].signal == number))
			return codes[i].name;
	return NULL;
}

static const struct {
	uint32_t audit;
	uint32_t seccomp;
	const char *name;
} archs[] = {
	{ AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, "x86_64" },
	{ AUDIT_ARCH_I386, SCMP_ARCH_X86, "i386" },
	{ AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, "aarch64" },
	{ AUDIT_ARCH_ARM, SCMP_ARCH_ARM, "arm" },
};

const char *arch_name(uint32_t audit_arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].audit == audit_arch)
			return archs[i].name;
	return NULL;
}

const char *syscall_name(uint32_t audit_arch, int number, char ret_name[SYSCALL_NAME_SIZE])
{
	AUTO_FREE char *name = NULL;

	if (number < 0) /* libseccomp's own numbers for calls that an architecture lacks */
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].audit == audit_arch)
			name = seccomp_syscall_resolve_num_arch(archs[i].seccomp, number);
	if (!name)
		return NULL;
	(void)snprintf(ret_name, SYSCALL_NAME_SIZE, "%s", name);
	return ret_name;
}
