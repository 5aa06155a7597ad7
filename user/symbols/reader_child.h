/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process "killtrace-elf", which reads the files. It has a user of its own, no capability, no
 * file except those it was given, a bound on memory and processor time, and only the system calls
 * that it needs. It ends with its parent.
 */
#ifndef KT_SYMBOLS_READER_CHILD_H
#define KT_SYMBOLS_READER_CHILD_H

#include <sys/types.h>

#include "symbols/wanted.h"

/* In the child of a fork(). `socket` is its end. Does not return. */
void reader_child_run(int socket, pid_t parent, const struct wanted *wanted)
	__attribute__((noreturn));

#endif
