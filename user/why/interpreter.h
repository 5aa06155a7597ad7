/* SPDX-License-Identifier: BSD-2-Clause */
/* Interpreters and compilers at run time: what the frames of such a process are, and what shows the
 * program's own functions. */
#ifndef KT_WHY_INTERPRETER_H
#define KT_WHY_INTERPRETER_H

#include "why/explanation.h"
#include "why/why.h"

/* Adds nothing for other programs. */
void interpreter_add(const struct why *why, struct explanation *ret);

#endif
