/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on signals that were sent: by another process, by the process itself, or by the kernel
 * on behalf of a process. */
#ifndef KT_EXPLAIN_SENT_H
#define KT_EXPLAIN_SENT_H

#include "explain/verdict.h"

/* The request of the process for which the kernel sent the signal, if the signal was not queued. */
enum sent_request sent_request_of(const struct kt_signal *signal);

/* For a deadly signal that was not forced by a fault and is no OOM kill. Sets cause, routine,
 * sender. */
void sent_judge(const struct death *death, struct verdict *ret);

/* For a death whose sender was not seen: only the number is known. It is never routine, because
 * that depends on the sender. */
void sent_judge_number(int number, struct verdict *ret);

#endif
