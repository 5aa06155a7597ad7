/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request to export logs (ExportLogsServiceRequest), in the JSON form of OTLP, as one line of
 * text that grows record by record.
 *
 * Ownership: the caller owns the struct. Invariants: `records` of them are in it, and none in part.
 */
#ifndef KT_OTLP_OTLP_REQUEST_H
#define KT_OTLP_OTLP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct otlp_request {
	struct buffer body;
	unsigned int records;
	uint64_t deaths; /* for which they stand; losses count as one */
	char *node;      /* of the records that stand last, as the lines have it */
};

/* Adds the record of a JSON line. 0, -ENOMEM, or -EINVAL: it is no line of ours. */
int otlp_request_add(struct otlp_request *request, const char *line, size_t size);

/* Ends it, with a newline. The text stands until the next call; NULL: empty, or out of memory. */
const char *otlp_request_end(struct otlp_request *request);

/* After its end: more can be added. */
void otlp_request_reopen(struct otlp_request *request);

/* Empties it, and keeps the memory. */
void otlp_request_reset(struct otlp_request *request);

/* The most deaths that can be in so many of its records: which these are is not known. */
uint64_t otlp_request_deaths(const struct otlp_request *request, uint64_t records);

void otlp_request_done(struct otlp_request *request);

#endif
