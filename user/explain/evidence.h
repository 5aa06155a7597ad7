/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence that a death's record should have and does not have: what a verdict cannot rest on. */
#ifndef KT_EXPLAIN_EVIDENCE_H
#define KT_EXPLAIN_EVIDENCE_H

#include "explain/verdict.h"

/* What is missing for this verdict, as bits of enum evidence_gap. */
unsigned int evidence_missing(const struct death *death, const struct verdict *verdict);

/* `gap` is one bit: its name in JSON, and the words for it in a sentence. */
const char *evidence_name(enum evidence_gap gap);
const char *evidence_words(enum evidence_gap gap);

#endif
