/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the sentence that names the sender of the signal. */
#ifndef KT_EXPLAIN_SUMMARY_SENT_H
#define KT_EXPLAIN_SUMMARY_SENT_H

#include "explain/report.h"
#include "explain/words.h"

/* "by nginx (pid 7, uid 33) in nginx.service", for a sender that is a process. */
void summary_put_sender(struct words *out, const struct report *report);

/* The same, or why no sender is known. */
void summary_put_signal_by(struct words *out, const struct report *report);

/* For the cause kernel-signal. */
void summary_put_kernel_signal(struct words *out, const struct report *report);

void summary_put_parent_death(struct words *out, const struct report *report);

#endif
