/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JSON line of ours as a LogRecord of OpenTelemetry, in the JSON form of OTLP.
 *
 * What OpenTelemetry's semantic conventions have a name for gets that name; all else is called as
 * in the record, under "killtrace.": a member that is new in the record needs nothing here.
 */
#ifndef KT_OTLP_OTLP_RECORD_H
#define KT_OTLP_OTLP_RECORD_H

#include "base/buffer.h"
#include "line/json_walk.h"

/* The members of a record that more is made of than an attribute each. */
struct otlp_parts {
	struct json_walk_value node, repeats, time, routine, summary, stuck, lost, exit, victim,
		fault, cgroup, container;
};

void otlp_parts_find(const struct json_walk_value *record, struct otlp_parts *ret);

/* Adds it to `out`. Values are copied as the line has them: they are JSON already. */
void otlp_log_record(const struct json_walk_value *record, const struct otlp_parts *parts,
		     struct buffer *out);

#endif
