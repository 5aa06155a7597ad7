/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests over HTTP, one at a time, with libcurl. A binary that cannot have libcurl is linked with
 * no_client.c in place of http_client.c. Redirections are not followed: headers hold secrets.
 *
 * Threads: made by the main thread, used by one.
 */
#ifndef KT_HTTP_HTTP_CLIENT_H
#define KT_HTTP_HTTP_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rest of a longer answer is not read. */
#define HTTP_ANSWER_MOST (64U << 10)

/* What all requests have in common; its strings must outlive the client. */
struct http_manner {
	const char *user_agent;
	const char *ca; /* file of the authorities to trust; NULL: the system's */
	unsigned int timeout_ms;
	bool gzip; /* requests are compressed */
};

/* Strings are used until the answer is there. */
struct http_request {
	const char *method;         /* with a body: "POST" */
	const char *url;            /* of HTTP or HTTPS */
	const char *const *headers; /* "Name: value" */
	unsigned int header_count;
	const char *body;
	size_t size;
};

struct http_answer {
	long status;             /* of HTTP; 0: there was no answer */
	const char *words;       /* why there was none */
	uint64_t retry_after_ns; /* as the answer asks; 0: it does not ask */
	const char *body;        /* NUL-terminated; any bytes; until the next request */
	size_t size;
};

struct http_client;

/* NULL, or the reason why this binary cannot send: words for the command line. */
const char *http_client_missing(void);

/* `end_ns` (struct outlet) must outlive it. NULL when out of memory. */
struct http_client *http_client_new(const struct http_manner *manner,
				    const atomic_uint_least64_t *end_ns);
/* NULL is fine. */
void http_client_free(struct http_client *client);

/* Sends it, and waits for the answer as long as the manner and the end allow. `waits` is called
 * some times a second meanwhile. */
void http_client_send(struct http_client *client, const struct http_request *request,
		      void (*waits)(void *context), void *context, struct http_answer *ret);

#endif
