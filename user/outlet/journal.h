/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journald's native protocol: one entry per death, and per process that does not die of a kill,
 * filed under the victim's unit.
 *
 * `journalctl -u UNIT` shows it because the entry comes from root and names the unit in
 * OBJECT_SYSTEMD_UNIT (systemd: shared/logs-show.c, add_matches_for_unit), so the agent must run as
 * root. The whole JSON record is in fields KILLTRACE_*.
 */
#ifndef KT_OUTLET_JOURNAL_H
#define KT_OUTLET_JOURNAL_H

#include "outlet/outlet.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
/* As in the message catalogue (deploy/journal/killtrace.catalog): a death, and a kill whose process
 * has not died. */
#define JOURNAL_MESSAGE_ID "5f0d2b6c9a3e4f3cb7a1f6e2d84c7b90"
#define JOURNAL_STUCK_MESSAGE_ID "cf16d1fc598f436a80f3755bcc96b5e5"

/* `socket_path` must outlive it. NULL when out of memory. */
struct outlet *journal_new(const char *socket_path);

/* The message for an event, to be freed; NULL when out of memory. */
char *journal_message(const struct event *event, size_t *ret_size);

#endif
