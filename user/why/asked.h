/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals by which a killer asked before it killed. */
#ifndef KT_WHY_ASKED_H
#define KT_WHY_ASKED_H

#include "why/why.h"

/* The first earlier signal of the same sender, or of another process in the sender's cgroup if that
 * is not the victim's: a runtime starts a process for each signal. NULL: there is none, or the
 * sender is not known. */
const json_t *asked_before(const json_t *record);

/* " sent it SIGTERM, and SIGKILL 90 s later", after the sender's name. */
void asked_put(struct prose *prose, const json_t *record, const json_t *asked);

#endif
