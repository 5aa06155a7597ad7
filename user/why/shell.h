/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of commands that people paste into a shell. */
#ifndef KT_WHY_SHELL_H
#define KT_WHY_SHELL_H

#include "why/prose.h"

/* Adds the argument, in single quotes if it needs them. One that is empty, begins with a dash or
 * contains something invisible is refused, and the command with it. */
void shell_put_argument(struct prose *command, const char *argument);

/* The same with our own words around it: "--pod=" and "*" make one word of them. */
void shell_put_argument_with(struct prose *command, const char *before, const char *argument,
			     const char *after);

#endif
