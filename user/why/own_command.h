/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of killtrace itself, which ask the history that the death came from. */
#ifndef KT_WHY_OWN_COMMAND_H
#define KT_WHY_OWN_COMMAND_H

#include "why/why.h"

/* "killtrace history", with the history that was read unless it is the default one. Refused if none
 * was read: nothing would be found. */
void own_command_put(const struct why *why, struct prose *command, const char *name);

/* " --since" with the day and time so many days before the death. Without it, a person at a terminal
 * sees the last 24 hours only. */
void own_command_put_since(const struct why *why, struct prose *command, int days);

/* Labelled "first": the newest death of that process. */
void own_command_add_first(const struct why *why, int64_t pid, struct explanation *ret);

#endif
