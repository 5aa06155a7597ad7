/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to a collector, over HTTP, with libcurl. A binary that cannot have libcurl is linked
 * with otlp_no_http.c in place of otlp_http.c.
 *
 * Threads: made by the main thread, used by one.
 */
#ifndef KT_OTLP_OTLP_HTTP_H
#define KT_OTLP_OTLP_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "otlp/otlp_settings.h"

/* The rest of a longer answer is not read. */
#define OTLP_ANSWER_MOST (64U << 10)

struct otlp_answer {
	long status;             /* of HTTP; 0: there was no answer */
	const char *words;       /* why there was none */
	uint64_t retry_after_ns; /* as the answer asks; 0: it does not ask */
	const char *body;        /* NUL-terminated; any bytes; until the next request */
	size_t size;
};

struct otlp_http;

/* NULL, or the reason why this binary cannot send: words for the command line. */
const char *otlp_http_missing(void);

/* `settings` and `end_ns` (struct outlet) must outlive it. NULL when out of memory. */
struct otlp_http *otlp_http_new(const struct otlp_settings *settings,
				const atomic_uint_least64_t *end_ns);
void otlp_http_free(struct otlp_http *http);

/* Sends it, and waits for the answer as long as the settings and the end allow. `waits` is called
 * some times a second meanwhile. */
void otlp_http_post(struct otlp_http *http, const char *body, size_t size,
		    void (*waits)(void *context), void *context, struct otlp_answer *ret);

#endif
