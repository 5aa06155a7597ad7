/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on signals that somebody sent: another process, the process itself, or the kernel on
 * somebody's behalf. */
#ifndef KT_EXPLAIN_SENT_H
#define KT_EXPLAIN_SENT_H

#include "explain/verdict.h"

/* What the process had asked for, so that the kernel sent the signal; of one that nobody queued. */
enum sent_request sent_request_of(const struct kt_signal *signal);

/* For a deadly signal that no fault forced and that is no OOM kill. Sets cause, routine, sender. */
void sent_judge(const struct death *death, struct verdict *ret);

/* For a death whose sender was not seen: only the number is known. It is never routine, because
 * that depends on the sender. */
void sent_judge_number(int number, struct verdict *ret);

#endif
