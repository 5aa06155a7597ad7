/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers of signals, the same on x86-64 and arm64. */
#ifndef KT_SIGNALS_BPF_H
#define KT_SIGNALS_BPF_H

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGSEGV 11
#define SIGPIPE 13
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGWINCH 28
#define SIGSYS 31

#define HANDLER_IGNORE 1 /* SIG_IGN */

#define BIT(n) (1ULL << (n))

/* Signals that the kernel forces on a thread for what the thread did itself. */
#define FAULTS (BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV) | BIT(SIGSYS))

/* Signals with a core dump as default (include/linux/signal.h:SIG_KERNEL_COREDUMP_MASK, 5.8 to
 * 7.3). */
#define DUMPS (FAULTS | BIT(SIGQUIT) | BIT(SIGABRT) | BIT(SIGXCPU) | BIT(SIGXFSZ))

/* Signals that ask or force a process to end. Timers and signals that programs use among themselves
 * (SIGUSR1, SIGALRM, SIGIO, real-time signals) are not here: they can come thousands of times a
 * second. */
#define ENDINGS (DUMPS | BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGPIPE) | BIT(SIGTERM))

/* What a manager sends before SIGKILL. */
#define REQUESTS (BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGABRT) | BIT(SIGTERM))

#endif
