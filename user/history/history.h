/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history: all that is told, in a database on the node, for `killtrace history`.
 *
 * What a database cannot take is tried again and meanwhile kept, as the outlet does it. A damaged
 * one is moved aside, and a new one begun.
 */
#ifndef KT_HISTORY_HISTORY_H
#define KT_HISTORY_HISTORY_H

#include "history/history_limits.h"
#include "outlet/outlet.h"

/* Both texts have to outlive it. `boot_id` is that of the deaths' numbers, and NULL where these
 * come in no order. NULL when out of memory. */
struct outlet *history_new(const char *path, const struct history_limits *limits,
			   const char *boot_id);

#endif
