/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The public JSON record as a LogRecord of OpenTelemetry, in the JSON form of OTLP.
 *
 * What OpenTelemetry's semantic conventions have a name for gets that name; all else is called as in
 * the record, under "killtrace.": a member that is new in the record needs nothing here.
 */
#ifndef KT_SINK_OTLP_RECORD_H
#define KT_SINK_OTLP_RECORD_H

#include <jansson.h>

/* A new reference, NULL when out of memory. `record` is not changed. */
json_t *otlp_log_record(json_t *record);

/* {"key":…,"value":{…}}. A new reference, NULL when out of memory. */
json_t *otlp_attribute(const char *key, json_t *value);

#endif
