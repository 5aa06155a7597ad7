/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event for many equal deaths: the record of the first of them, which says how many they are
 * and in what time.
 */
#ifndef KT_LINE_REPEATS_H
#define KT_LINE_REPEATS_H

#include <stdint.h>

#include "line/event.h"

struct repeats {
	uint64_t count; /* all of them */
	int64_t first_ns, last_ns;
};

/* `first` stays as it is. With one reference; NULL when out of memory. */
struct event *event_of_repeats(const struct event *first, const struct repeats *repeats);

#endif
