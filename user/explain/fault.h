/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on signals that a CPU fault forced in the faulting thread itself. */
#ifndef KT_EXPLAIN_FAULT_H
#define KT_EXPLAIN_FAULT_H

#include "explain/verdict.h"

/* Sets cause, and all that fault_read() sets. */
void fault_judge(const struct death *death, struct verdict *ret);

/* Sets trap_is_fresh, fault_kind, access and nothing else. */
void fault_read(const struct death *death, struct verdict *ret);

#endif
