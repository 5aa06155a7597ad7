/* SPDX-License-Identifier: BSD-2-Clause */
/* All that is known and concluded about one death: the input of every output. */
#ifndef KT_EXPLAIN_REPORT_H
#define KT_EXPLAIN_REPORT_H

#include "attribute/attribution.h"
#include "attribute/share.h"
#include "decode/death.h"
#include "explain/fingerprint.h"
#include "explain/killer.h"
#include "explain/verdict.h"
#include "source/frame.h"

#define SUMMARY_SIZE 1024
#define REPORT_NO_TRAP UINT32_MAX

struct report {
	const struct origin *origin;
	const struct death *death;
	const struct attribution *whose;
	struct verdict verdict;
	enum killer killer; /* of the sender, if there is one */
	const struct kin_death
		*copy_of;   /* the death that it passes on; NULL: none, or it is not known */
	struct share share; /* of bounded places */
	char fingerprint[FINGERPRINT_SIZE];
	/* One sentence; bytes in names are made safe for a terminal. "": see report_summary(). The last
	 * member, since only its first byte is cleared. */
	char summary[SUMMARY_SIZE];
};

/* The sentence; if it was not written yet, it is written into `buffer`. */
const char *report_summary(const struct report *report, char buffer[SUMMARY_SIZE]);

/* The kernel function in which an oops happened, and in *ret_trap the number of the exception if it
 * is known; "": unknown. */
const char *report_kernel_function(const struct report *report, uint32_t *ret_trap);

/* For how long a stuck process has not died. */
uint64_t report_stuck_seconds(const struct report *report);

/* The thread that was hit. */
uint32_t report_thread(const struct report *report);

#endif
