/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the last signal back to its origin. A handler that takes a signal and raises it again, or
 * ends the process, is an echo: the death is about the signal that the handler took, and the sender
 * of that signal is the sender. A crash or an exit in the handler of a system call that seccomp
 * trapped is an echo too, and so is one in the handler of the process's own abort().
 */
#ifndef KT_DECODE_ROOT_H
#define KT_DECODE_ROOT_H

#include "decode/death.h"

/* Replaces the echo by the first signal. The echo is kept in death.raise. */
void root_find(struct death *death);

/* Undoes root_find(), except for the paths and stacks of the echo, which are gone. */
void root_forget(struct death *death);

#endif
