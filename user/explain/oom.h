/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on the kernel's OOM killer: which memory ran out. */
#ifndef KT_EXPLAIN_OOM_H
#define KT_EXPLAIN_OOM_H

#include "explain/verdict.h"

/*
 * Sets cause, scope_source, shows_oom and sender for a death that the OOM killer chose. Without
 * evidence for the scope the cause is kernel-signal (oom_scope_unknown).
 */
void oom_judge(const struct death *death, struct verdict *ret);

/* One of the causes oom-*, except oom-userspace. */
bool oom_is_cause(enum cause cause);

/* Whether limit_bytes is a limit: the kernel's value for "no limit" is not. */
bool oom_is_limited(const struct kt_oom *oom);

#endif
