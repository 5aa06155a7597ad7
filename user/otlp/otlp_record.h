/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JSON line of ours as a LogRecord of OpenTelemetry, in the JSON form of OTLP.
 *
 * If OpenTelemetry's semantic conventions have a name, that name is used. All other members keep
 * their name in the record, under "killtrace.": a new member of the record needs nothing here.
 */
#ifndef KT_OTLP_OTLP_RECORD_H
#define KT_OTLP_OTLP_RECORD_H

#include "base/buffer.h"
#include "line/json_walk.h"

/* The members of a record from which more is made than one attribute each. */
struct otlp_parts {
	struct json_walk_value node, repeats, time, routine, summary, stuck, lost, exit, victim,
		fault, cgroup, container;
};

void otlp_parts_find(const struct json_walk_value *record, struct otlp_parts *ret);

/* Adds it to `out`. Values are copied from the line as they are, since they are JSON already. */
void otlp_log_record(const struct json_walk_value *record, const struct otlp_parts *parts,
		     struct buffer *out);

#endif
