/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on signals that somebody sent: another process, the process itself, or the kernel on
 * somebody's behalf. */
#ifndef KT_EXPLAIN_SENT_H
#define KT_EXPLAIN_SENT_H

#include "explain/verdict.h"

/* For a deadly signal that no fault forced and that is no OOM kill. Sets cause, routine, sender. */
void sent_judge(const struct death *death, struct verdict *ret);

/* For a death whose signal nobody was seen sending: only the number is known. */
void sent_judge_number(int number, struct verdict *ret);

#endif
