/* SPDX-License-Identifier: BSD-2-Clause */
/* From the facts of a death and its owner to the finished report. */
#ifndef KT_EXPLAIN_EXPLAIN_H
#define KT_EXPLAIN_EXPLAIN_H

#include "explain/report.h"

/* Judges and writes the sentence. `origin`, `death` and `whose` are kept by reference. */
void explain_death(const struct origin *origin, const struct death *death,
		   const struct attribution *whose, uint64_t runtime_window_ns, struct report *ret);

#endif
