/* SPDX-License-Identifier: BSD-2-Clause */
/* All that is known and concluded about one death: what every sink is fed with. */
#ifndef KT_EXPLAIN_REPORT_H
#define KT_EXPLAIN_REPORT_H

#include "attribute/owner.h"
#include "decode/death.h"
#include "explain/verdict.h"
#include "source/frame.h"

#define SUMMARY_SIZE 1024

struct report {
	const struct origin *origin;
	const struct death *death;
	struct owner owner;  /* of the victim */
	struct owner sender; /* of verdict.sender, all empty when there is none */
	struct verdict verdict;
	char summary[SUMMARY_SIZE]; /* one sentence, raw bytes of names replaced for a terminal */
};

/* Attributes, judges and sums up. `origin` and `death` are kept by reference. */
void report_make(const struct origin *origin, const struct death *death, uint64_t runtime_window_ns,
		 struct report *ret);

/* Where the victim was: the default hierarchy's path, or on v1 and hybrid hosts where that is the
 * root, the memory controller's. */
const char *report_cgroup(const struct death *death);

/* Where the sender was; the victim's own place when it sent the signal to itself. */
const char *report_sender_cgroup(const struct death *death);

/* The thread that was hit. */
uint32_t report_thread(const struct report *report);

#endif
