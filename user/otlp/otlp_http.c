// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_http.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "otlp/otlp_curl.h"

#define CONNECT_TIMEOUT_MS 5000L
/* How often to check whether the end was requested, while a request is under way. */
#define LOOK_MS 50
/* The longest pause that a collector may ask for. */
#define LONGEST_RETRY_AFTER_S 3600
#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, with gzip's header */

struct otlp_http {
	const struct otlp_curl *curl;
	const struct otlp_settings *settings;
	const atomic_uint_least64_t *end_ns;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	char *packed;
	size_t packed_room;
	size_t size;
	bool cut; /* the answer was longer */
	char body[OTLP_ANSWER_MOST + 1];
};

const char *otlp_http_missing(void)
{
	return otlp_curl_load() ? NULL : "libcurl.so.4 cannot be loaded: install libcurl";
}

/* An answer that is too long ends the request: no collector has so much to say. */
static size_t take_body(char *data, size_t one, size_t count, void *context)
{
	struct otlp_http *http = context;
	size_t size = one * count;

	if (size > OTLP_ANSWER_MOST - http->size) {
		http->cut = true;
		return 0;
	}
	memcpy(http->body + http->size, data, size);
	http->size += size;
	return size;
}

/* False: out of memory. */
static bool add_header(struct otlp_http *http, const char *line)
{
	struct curl_slist *more = http->curl->slist_append(http->headers, line);

	if (more)
		http->headers = more;
	return more;
}

/* curl wants "Name;" for a header without a value. */
static bool add_given_header(struct otlp_http *http, const char *line)
{
	size_t name = strcspn(line, ":");
	char *empty;
	bool added;

	if (line[name + 1 + strspn(line + name + 1, " \t")])
		return add_header(http, line);
	empty = strdup(line);
	if (!empty)
		return false;
	empty[name] = ';';
	empty[name + 1] = '\0';
	added = add_header(http, empty);
	free(empty);
	return added;
}

static bool add_headers(struct otlp_http *http)
{
	const struct otlp_settings *settings = http->settings;

	for (unsigned int i = 0; i < settings->header_count; i++)
		if (!add_given_header(http, settings->headers[i]))
			return false;
	/* do not wait for "100 Continue" before a large request */
	return add_header(http, "Content-Type: application/json") && add_header(http, "Expect:") &&
	       (!settings->gzip || add_header(http, "Content-Encoding: gzip"));
}

static void set_up(struct otlp_http *http)
{
	const struct otlp_settings *settings = http->settings;
	CURL *easy = http->easy;

	(void)http->curl->easy_setopt(easy, CURLOPT_URL, settings->url);
	(void)http->curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)http->curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)http->curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error);
	(void)http->curl->easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
	(void)http->curl->easy_setopt(easy, CURLOPT_USERAGENT,
				      "OTel-OTLP-Exporter-killtrace/" KT_VERSION);
	(void)http->curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	(void)http->curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
	(void)http->curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)http->curl->easy_setopt(easy, CURLOPT_WRITEDATA, http);
	if (settings->ca)
		(void)http->curl->easy_setopt(easy, CURLOPT_CAINFO, settings->ca);
}

struct otlp_http *otlp_http_new(const struct otlp_settings *settings,
				const atomic_uint_least64_t *end_ns)
{
	struct otlp_http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	http->settings = settings;
	http->end_ns = end_ns;
	http->curl = otlp_curl_load();
	if (http->curl) {
		http->multi = http->curl->multi_init();
		http->easy = http->curl->easy_init();
	}
	if (!http->multi || !http->easy || !add_headers(http)) {
		otlp_http_free(http);
		return NULL;
	}
	set_up(http);
	return http;
}

void otlp_http_free(struct otlp_http *http)
{
	if (!http)
		return;
	if (http->curl) {
		http->curl->easy_cleanup(http->easy);
		(void)http->curl->multi_cleanup(http->multi);
		http->curl->slist_free_all(http->headers);
	}
	free(http->packed);
	free(http);
}

/* Sets http->packed; 0: it cannot be done. */
static size_t pack(struct otlp_http *http, const char *body, size_t size)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)body, .avail_in = (uInt)size };
	size_t room, packed = 0;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	room = deflateBound(&stream, (uLong)size);
	if (room > http->packed_room) {
		free(http->packed);
		http->packed = malloc(room);
		http->packed_room = http->packed ? room : 0;
	}
	stream.next_out = (Bytef *)http->packed;
	stream.avail_out = (uInt)http->packed_room;
	if (http->packed && deflate(&stream, Z_FINISH) == Z_STREAM_END)
		packed = stream.total_out;
	(void)deflateEnd(&stream);
	return packed;
}

/* Runs the request to its end. NULL: there was an answer. */
static const char *perform(struct otlp_http *http, void (*waits)(void *context), void *context)
{
	int running = 1, left;
	const CURLMsg *message;

	while (running) {
		uint64_t end_ns = atomic_load(http->end_ns);

		if (http->curl->multi_perform(http->multi, &running))
			return "out of memory";
		if (running && end_ns && clock_monotonic_ns() >= end_ns)
			return "no answer before the end";
		if (running)
			(void)http->curl->multi_poll(http->multi, NULL, 0, LOOK_MS, NULL);
		if (running)
			waits(context);
	}
	message = http->curl->multi_info_read(http->multi, &left);
	if (!message || !message->data.result || http->cut)
		return NULL;
	return *http->error ? http->error : http->curl->easy_strerror(message->data.result);
}

static uint64_t retry_after_ns(struct otlp_http *http)
{
	curl_off_t seconds = 0;

	(void)http->curl->easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds < 0)
		return 0;
	if (seconds > LONGEST_RETRY_AFTER_S)
		seconds = LONGEST_RETRY_AFTER_S;
	return (uint64_t)seconds * (uint64_t)NS_PER_S;
}

void otlp_http_post(struct otlp_http *http, const char *body, size_t size,
		    void (*waits)(void *context), void *context, struct otlp_answer *ret)
{
	*ret = (struct otlp_answer){ .body = http->body };
	http->size = 0;
	http->cut = false;
	http->error[0] = '\0';
	if (http->settings->gzip) {
		size = pack(http, body, size);
		body = http->packed;
	}
	if (!size) {
		ret->words = "out of memory";
		return;
	}
	(void)http->curl->easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	(void)http->curl->easy_setopt(http->easy, CURLOPT_POSTFIELDS, body);
	(void)http->curl->multi_add_handle(http->multi, http->easy);
	ret->words = perform(http, waits, context);
	http->body[http->size] = '\0';
	ret->size = http->size;
	if (!ret->words) {
		(void)http->curl->easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &ret->status);
		ret->retry_after_ns = retry_after_ns(http);
	}
	(void)http->curl->multi_remove_handle(http->multi, http->easy);
}
