/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a running agent sees a death, by its live socket. */
#ifndef KT_CMD_PROVOKE_FEED_H
#define KT_CMD_PROVOKE_FEED_H

#include "provoke/evidence.h"
#include "source/feed_client.h"

/* Reads what the agent has sent since feed_connect(), until the death is there or CLOCK_BOOTTIME is
 * `due_ns`. Fills ret->state and ret->note. */
void feed_evidence(const struct feed_client *agent, const struct evidence_death *death,
		   uint64_t due_ns, struct evidence_row *ret);

#endif
