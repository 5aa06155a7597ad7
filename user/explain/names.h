/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own names for numbers. NULL: no name is known. */
#ifndef KT_EXPLAIN_NAMES_H
#define KT_EXPLAIN_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define SIGNAL_NAME_SIZE 16
#define SYSCALL_NAME_SIZE 64

/* "SIGSEGV", "SIGRTMIN+3"; numbers are the kernel's, 1 to 64. Never NULL: "signal 99". */
const char *signal_name(int number, char ret_name[SIGNAL_NAME_SIZE]);

/* "SEGV_MAPERR", "SI_TKILL": what si_code means for this signal. */
const char *signal_code_name(int number, int code);

/* "x86_64" for an AUDIT_ARCH_* value. */
const char *arch_name(uint32_t audit_arch);

/* "getpid"; NULL when that architecture has no such system call. */
const char *syscall_name(uint32_t audit_arch, int number, char ret_name[SYSCALL_NAME_SIZE]);

#endif
