/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run of a unit to which a process belonged: systemd's invocation id.
 *
 * systemd keeps it as the target of a link, which it replaces when the unit is started again and
 * removes when the unit has ended. So a link that is younger than the death is from another run,
 * and a missing link says nothing.
 */
#ifndef KT_ATTRIBUTE_INVOCATION_H
#define KT_ATTRIBUTE_INVOCATION_H

#include <stdint.h>

#define INVOCATION_SIZE 33

/* Of a unit of the system manager at that time, below `host_root` (NULL: "/"); "" if it is unknown.
 */
void invocation_find(const char *host_root, const char *unit, int64_t realtime_ns,
		     char ret[INVOCATION_SIZE]);

#endif
