/* SPDX-License-Identifier: BSD-2-Clause */
/* From the facts of a death and its owner to the finished report. */
#ifndef KT_EXPLAIN_EXPLAIN_H
#define KT_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/report.h"

struct memo;

struct explain_way {
	uint64_t runtime_window_ns;
	struct memo *fingerprints; /* of digests; NULL: each is computed */
	/* the sentence is not written: report_summary() does that for whoever needs it */
	bool without_summary;
};

/* Judges and writes the sentence. `origin`, `death` and `whose` are kept by reference. */
void explain_death(const struct origin *origin, const struct death *death,
		   const struct attribution *whose, uint64_t runtime_window_ns, struct report *ret);

/* The same, in a storm of deaths of which most need no sentence. */
void explain_in_storm(const struct explain_way *way, const struct origin *origin,
		      const struct death *death, const struct attribution *whose,
		      struct report *ret);

#endif
