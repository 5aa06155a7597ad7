// SPDX-License-Identifier: BSD-2-Clause
#include "http/http_client.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "http/curl.h"

#define CONNECT_TIMEOUT_MS 5000L
/* How often to check whether the end was requested, while a request is under way. */
#define LOOK_MS 50
/* The longest pause that a server may ask for. */
#define LONGEST_RETRY_AFTER_S 3600
#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, with gzip's header */

struct http_client {
	const struct curl_library *curl;
	struct http_manner manner;
	const atomic_uint_least64_t *end_ns;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers; /* of the request */
	char error[CURL_ERROR_SIZE];
	char *packed;
	size_t packed_room;
	size_t size;
	bool cut; /* the answer was longer */
	char body[HTTP_ANSWER_MOST + 1];
};

const char *http_client_missing(void)
{
	return curl_load() ? NULL : "libcurl.so.4 cannot be loaded: install libcurl";
}

/* An answer that is too long ends the request: no server has so much to say about one of ours. */
static size_t take_body(char *data, size_t one, size_t count, void *context)
{
	struct http_client *client = context;
	size_t size = one * count;

	if (size > HTTP_ANSWER_MOST - client->size) {
		client->cut = true;
		return 0;
	}
	memcpy(client->body + client->size, data, size);
	client->size += size;
	return size;
}

/* False: out of memory. */
static bool add_header(struct http_client *client, const char *line)
{
	struct curl_slist *more = client->curl->slist_append(client->headers, line);

	if (more)
		client->headers = more;
	return more;
}

/* curl wants "Name;" for a header without a value. */
static bool add_given_header(struct http_client *client, const char *line)
{
	size_t name = strcspn(line, ":");
	char *empty;
	bool added;

	if (line[name + 1 + strspn(line + name + 1, " \t")])
		return add_header(client, line);
	empty = strdup(line);
	if (!empty)
		return false;
	empty[name] = ';';
	empty[name + 1] = '\0';
	added = add_header(client, empty);
	free(empty);
	return added;
}

static void forget_headers(struct http_client *client)
{
	client->curl->slist_free_all(client->headers);
	client->headers = NULL;
}

static bool add_headers(struct http_client *client, const struct http_request *request)
{
	for (unsigned int i = 0; i < request->header_count; i++)
		if (!add_given_header(client, request->headers[i]))
			return false;
	/* do not wait for "100 Continue" before a large request */
	return add_header(client, "Expect:") &&
	       (!client->manner.gzip || add_header(client, "Content-Encoding: gzip"));
}

static void set_up(struct http_client *client)
{
	const struct http_manner *manner = &client->manner;
	CURL *easy = client->easy;

	(void)client->curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)client->curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)client->curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, client->error);
	(void)client->curl->easy_setopt(easy, CURLOPT_USERAGENT, manner->user_agent);
	(void)client->curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	(void)client->curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)manner->timeout_ms);
	(void)client->curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)client->curl->easy_setopt(easy, CURLOPT_WRITEDATA, client);
	if (manner->ca)
		(void)client->curl->easy_setopt(easy, CURLOPT_CAINFO, manner->ca);
	/* a file of authorities is replaced while an agent runs */
	(void)client->curl->easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
}

struct http_client *http_client_new(const struct http_manner *manner,
				    const atomic_uint_least64_t *end_ns)
{
	struct http_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->manner = *manner;
	client->end_ns = end_ns;
	client->curl = curl_load();
	if (client->curl) {
		client->multi = client->curl->multi_init();
		client->easy = client->curl->easy_init();
	}
	if (!client->multi || !client->easy) {
		http_client_free(client);
		return NULL;
	}
	set_up(client);
	return client;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	if (client->curl) {
		client->curl->easy_cleanup(client->easy);
		(void)client->curl->multi_cleanup(client->multi);
		forget_headers(client);
	}
	free(client->packed);
	free(client);
}

/* Sets client->packed; 0: it cannot be done. */
static size_t pack(struct http_client *client, const char *body, size_t size)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)body, .avail_in = (uInt)size };
	size_t room, packed = 0;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	room = deflateBound(&stream, (uLong)size);
	if (room > client->packed_room) {
		free(client->packed);
		client->packed = malloc(room);
		client->packed_room = client->packed ? room : 0;
	}
	stream.next_out = (Bytef *)client->packed;
	stream.avail_out = (uInt)client->packed_room;
	if (client->packed && deflate(&stream, Z_FINISH) == Z_STREAM_END)
		packed = stream.total_out;
	(void)deflateEnd(&stream);
	return packed;
}

/* Runs the request to its end. NULL: there was an answer. */
static const char *perform(struct http_client *client, void (*waits)(void *context), void *context)
{
	int running = 1, left;
	const CURLMsg *message;

	while (running) {
		uint64_t end_ns = atomic_load(client->end_ns);

		if (client->curl->multi_perform(client->multi, &running))
			return "out of memory";
		if (running && end_ns && clock_monotonic_ns() >= end_ns)
			return "no answer before the end";
		if (running)
			(void)client->curl->multi_poll(client->multi, NULL, 0, LOOK_MS, NULL);
		if (running)
			waits(context);
	}
	message = client->curl->multi_info_read(client->multi, &left);
	if (!message || !message->data.result || client->cut)
		return NULL;
	return *client->error ? client->error : client->curl->easy_strerror(message->data.result);
}

static uint64_t retry_after_ns(struct http_client *client)
{
	curl_off_t seconds = 0;

	(void)client->curl->easy_getinfo(client->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds < 0)
		return 0;
	if (seconds > LONGEST_RETRY_AFTER_S)
		seconds = LONGEST_RETRY_AFTER_S;
	return (uint64_t)seconds * (uint64_t)NS_PER_S;
}

/* Makes the request ready. False: out of memory. */
static bool prepare(struct http_client *client, const struct http_request *request)
{
	const char *body = request->body;
	size_t size = request->size;
	CURL *easy = client->easy;

	if (client->manner.gzip) {
		size = pack(client, body, size);
		body = client->packed;
	}
	if (!size || !add_headers(client, request))
		return false;
	(void)client->curl->easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
	(void)client->curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	(void)client->curl->easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	(void)client->curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	return !client->curl->easy_setopt(easy, CURLOPT_URL, request->url);
}

void http_client_send(struct http_client *client, const struct http_request *request,
		      void (*waits)(void *context), void *context, struct http_answer *ret)
{
	*ret = (struct http_answer){ .body = client->body };
	client->size = 0;
	client->cut = false;
	client->error[0] = '\0';
	if (!prepare(client, request)) {
		forget_headers(client);
		ret->words = "out of memory";
		return;
	}
	(void)client->curl->multi_add_handle(client->multi, client->easy);
	ret->words = perform(client, waits, context);
	client->body[client->size] = '\0';
	ret->size = client->size;
	if (!ret->words) {
		(void)client->curl->easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE,
						 &ret->status);
		ret->retry_after_ns = retry_after_ns(client);
	}
	(void)client->curl->multi_remove_handle(client->multi, client->easy);
	(void)client->curl->easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
	forget_headers(client);
}
