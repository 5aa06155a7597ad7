/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request to export logs (ExportLogsServiceRequest), in the JSON form of OTLP, as one line of
 * text that grows record by record.
 *
 * Ownership: the caller owns the struct. Invariants: it contains `records` of them, and none in
 * part.
 */
#ifndef KT_OTLP_OTLP_REQUEST_H
#define KT_OTLP_OTLP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct otlp_request {
	struct buffer body;
	unsigned int records;
	uint64_t deaths; /* that the records stand for; losses count as one */
	char *node;      /* of the last records, as in their lines */
};

/* Adds the record of a JSON line. 0, -ENOMEM, or -EINVAL: the line is not ours. */
int otlp_request_add(struct otlp_request *request, const char *line, size_t size);

/* Ends it, with a newline. The text is valid until the next call; NULL: empty, or out of memory. */
const char *otlp_request_end(struct otlp_request *request);

/* After its end: more can be added. */
void otlp_request_reopen(struct otlp_request *request);

/* Empties it, and keeps the memory. */
void otlp_request_reset(struct otlp_request *request);

/* The most deaths that so many of its records can stand for: which records these are is not known.
 */
uint64_t otlp_request_deaths(const struct otlp_request *request, uint64_t records);

void otlp_request_done(struct otlp_request *request);

#endif
