/* SPDX-License-Identifier: BSD-2-Clause */
/* Places in a program: where a fault was, and the frames that led there. */
#ifndef KT_WHY_STACK_H
#define KT_WHY_STACK_H

#include "why/why.h"

/* `before` and "total(), cart.c:12", or "libfoo.so+0x1139", where the fault was. Nothing if that is
 * not known. */
void stack_put_place(struct prose *prose, const char *before, const struct why *why);

/* The frames, into SECTION_STACK, and how to name them, into SECTION_NEXT. */
void stack_add(const struct why *why, struct explanation *ret);

#endif
