/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the sentence that says which memory ran out, and what the victim held. */
#ifndef KT_EXPLAIN_SUMMARY_OOM_H
#define KT_EXPLAIN_SUMMARY_OOM_H

#include "explain/report.h"
#include "explain/words.h"

/* For a kill by the OOM killer, even if its scope is not known. */
void summary_put_oom(struct words *out, const struct report *report);

#endif
