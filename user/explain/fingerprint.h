/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short id of "the same crash": the same on every node, across restarts and under ASLR.
 * docs/fingerprint.md says what it is made of, and what never goes into it. A change of a rule here
 * or in attribute/stable_name.c changes FINGERPRINT_VERSION, since fingerprints are kept and
 * compared for years.
 */
#ifndef KT_EXPLAIN_FINGERPRINT_H
#define KT_EXPLAIN_FINGERPRINT_H

#define FINGERPRINT_VERSION "1"
#define FINGERPRINT_SIZE (sizeof(FINGERPRINT_VERSION) + 1 + 16)

struct memo;
struct report;

/* From the report's verdict, killer, death, owner and origin. `memo` is of digests, or NULL. */
void fingerprint_make(const struct report *report, struct memo *memo,
		      char ret_text[FINGERPRINT_SIZE]);

#endif
