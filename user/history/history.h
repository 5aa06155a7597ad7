/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history: all reported events, in a database on the node, for `killtrace history`.
 *
 * Events that a database cannot take are kept and tried again, by the outlet. A damaged database is
 * moved aside, and a new one is begun.
 */
#ifndef KT_HISTORY_HISTORY_H
#define KT_HISTORY_HISTORY_H

#include "history/history_limits.h"
#include "outlet/outlet.h"

/* Both texts must outlive it. `boot_id` is the boot of the deaths' numbers; NULL: they come in any
 * order. NULL when out of memory. */
struct outlet *history_new(const char *path, const struct history_limits *limits,
			   const char *boot_id);

#endif
