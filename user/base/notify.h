/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for the service manager, in the form of sd_notify(3): without one that listens, nothing. */
#ifndef KT_BASE_NOTIFY_H
#define KT_BASE_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1" ... */
void notify(const char *state);

/* How often the watchdog wants to hear of us, in nanoseconds; 0: there is none. */
uint64_t notify_watchdog_ns(void);

#endif
