/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction at which the program was stopped: an intended trap, or one that this CPU lacks.
 */
#ifndef KT_EXPLAIN_INSTRUCTION_H
#define KT_EXPLAIN_INSTRUCTION_H

#include "explain/verdict.h"

/* The name in the output; NULL: unknown, or it has no bearing on this fault. */
const char *instruction_name(const struct death *death, const struct verdict *verdict);

/* For a sentence; NULL: there is nothing to say about it. */
const char *instruction_words(const struct death *death, const struct verdict *verdict);

#endif
