/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports states to the service manager, as sd_notify(3) does. Without one it does nothing. */
#ifndef KT_BASE_NOTIFY_H
#define KT_BASE_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1" ... */
void notify(const char *state);

/* The time after which the watchdog ends a silent process, in nanoseconds. 0: there is no watchdog,
 * or its variables are not numbers. */
uint64_t notify_watchdog_ns(void);

#endif
