/* SPDX-License-Identifier: BSD-2-Clause */
/* What the explanations of several families share. */
#ifndef KT_WHY_COMMON_H
#define KT_WHY_COMMON_H

#include "why/why.h"

/* Earlier signals, into SECTION_BEFORE. */
void common_add_prior(const struct why *why, struct explanation *ret);

/* What a process is stuck in that was killed and has not died. */
void common_add_stuck(const struct why *why, struct explanation *ret);

/* After the family: what is missing, what died with it, the same death elsewhere. */
void common_add_rest(const struct why *why, struct explanation *ret);

/* The command that shows what the process itself wrote around its end. False: it is not known where
 * that is. */
bool common_add_log(const struct why *why, struct explanation *ret);

/* " -S '2026-11-28 03:12:40'" in local time, as journalctl and killtrace take it. */
void common_put_stamp(struct prose *command, const char *option, int64_t time_ns);

/* journalctl with its time span, up to the unit: "journalctl -S … -U … ". */
void common_put_journalctl(const struct why *why, struct prose *command);

#endif
