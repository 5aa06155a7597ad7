/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function per family of causes. Each adds to the answer why it died, as the clause that
 * follows "was killed at 03:11:52", and fills the sections with what belongs to this cause. What
 * all causes have in common is added by why_explain().
 */
#ifndef KT_WHY_FAMILIES_H
#define KT_WHY_FAMILIES_H

#include "why/why.h"

typedef void (*why_family)(const struct why *why, struct explanation *ret);

/* The OOM killer, and daemons that kill to free memory. */
void why_memory(const struct why *why, struct explanation *ret);
/* Exceptions of the processor, SIGBUS, damaged memory. */
void why_fault(const struct why *why, struct explanation *ret);
/* Signals that another process sent, or that it sent itself. */
void why_signal(const struct why *why, struct explanation *ret);
void why_seccomp(const struct why *why, struct explanation *ret);
/* A handler of its own took a fault. */
void why_runtime(const struct why *why, struct explanation *ret);
/* Everything else that the kernel decides. */
void why_kernel(const struct why *why, struct explanation *ret);

#endif
