/* SPDX-License-Identifier: BSD-2-Clause */
/* One sentence for a tired engineer at night: which process, what happened, why, how much, which
 * owner. */
#ifndef KT_EXPLAIN_SUMMARY_H
#define KT_EXPLAIN_SUMMARY_H

#include <stddef.h>

#include "explain/report.h"

/* Needs all of the report except its summary. Names are made safe for a terminal. */
void summary_write(const struct report *report, char *ret_text, size_t size);

#endif
