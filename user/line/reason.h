/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short form of why a process died, for a row of a table: "its own limit 512M full; had 507M
 * anon". It is made from the JSON record alone, so a live death and a stored one have the same
 * words.
 *
 * Invariants: it says nothing that is not in the record, and it ends with what the evidence lacks.
 * A record for which there are no short words gives its summary. The text is safe for a terminal.
 */
#ifndef KT_LINE_REASON_H
#define KT_LINE_REASON_H

#include "line/json_walk.h"

#define REASON_SIZE 1536

void reason_write(const struct json_walk_value *record, char ret_text[REASON_SIZE]);

/* What the same deaths have in common: "libfoo.so+0x1139", "own limit 512M", "bash of cron.service";
 * "": nothing. */
void reason_where(const struct json_walk_value *record, char ret_text[REASON_SIZE]);

#endif
