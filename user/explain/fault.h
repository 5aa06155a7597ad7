/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on signals that a CPU fault forced in the faulting thread itself. */
#ifndef KT_EXPLAIN_FAULT_H
#define KT_EXPLAIN_FAULT_H

#include "explain/verdict.h"

/*
 * Sets cause, and all that fault_read() sets. `stack` is where the fault forced its signal; NULL:
 * not known. The stack of another signal, such as one that a handler of the fault raised, says
 * nothing about the fault.
 */
void fault_judge(const struct death *death, const struct kernel_stack *stack, struct verdict *ret);

/* For a signal that a fault forced if nothing else is known about the fault. Sets cause and what is
 * missing. */
void fault_judge_by_signal(const struct death *death, struct verdict *ret);

/* Sets only trap_is_fresh, fault_kind and access. For a fault whose signal is not the one in the
 * record. */
void fault_read(const struct death *death, struct verdict *ret);

/* Whether trap number, address and error code of the second fault (handler_fault) are its own. */
bool fault_handler_trap_is_fresh(const struct death *death);

#endif
