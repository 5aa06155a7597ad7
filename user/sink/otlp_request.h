/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request to export logs (ExportLogsServiceRequest), in the JSON form of OTLP, as one line of text
 * that grows record by record.
 *
 * Ownership: the caller owns the struct. Invariants: `records` of them are in it, and none in part.
 */
#ifndef KT_SINK_OTLP_REQUEST_H
#define KT_SINK_OTLP_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

struct otlp_request {
	char *text;
	size_t size, room;
	unsigned int records;
	char *node; /* of the records that stand last */
};

/* Adds a public JSON record. 0 or -ENOMEM. */
int otlp_request_add(struct otlp_request *request, json_t *record);

/* Ends it, with a newline. The text stands until the next call; NULL: empty, or out of memory. */
const char *otlp_request_end(struct otlp_request *request);

/* After its end: more can be added. */
void otlp_request_reopen(struct otlp_request *request);

/* Empties it, and keeps the memory. */
void otlp_request_reset(struct otlp_request *request);

void otlp_request_done(struct otlp_request *request);

#endif
