/* SPDX-License-Identifier: BSD-2-Clause */
/* From counts to words: names of owners, and explanations of their newest deaths, from the lines
 * of those deaths. The results of history_read(). */
#ifndef KT_REPORT_WORDING_H
#define KT_REPORT_WORDING_H

#include "report/findings.h"

/* Sets whose deaths have the same name for their owner are merged. */
int wording_owners(struct history_reader *reader, struct findings *findings);

int wording_crashes(struct history_reader *reader, const char *history, struct findings *findings);

#endif
