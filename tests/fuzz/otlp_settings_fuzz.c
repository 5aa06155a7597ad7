// SPDX-License-Identifier: BSD-2-Clause
/*
 * The destination of logs: five texts with NULs between them, for the address, the headers, the
 * timeout and the compression of the environment, and a header of the command line. The rest is a
 * collector's answer.
 */
#include "demand.h"
#include "otlp/otlp_answer.h"
#include "otlp/otlp_settings.h"

#define TEXTS 5
#define RECORDS 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand_header(const char *header)
{
	const char *colon = strstr(header, ": ");

	demand(colon && colon > header, "a header has a name");
	for (const char *at = header; *at; at++)
		demand((unsigned char)*at >= 0x20 ? *at != 0x7f : *at == '\t',
		       "one line without control bytes");
	for (const char *at = header; at < colon; at++)
		demand(*at > ' ' && *at < 0x7f, "a token");
}

static void demand_settings(const struct otlp_settings *settings)
{
	demand_clean(settings->url);
	demand_clean(settings->shown);
	demand(!strncmp(settings->url, "http://", 7) || !strncmp(settings->url, "https://", 8),
	       "an address of HTTP");
	demand(!strchr(settings->url, ' '), "no blank");
	demand(!strchr(settings->shown, '@'), "no name and password");
	demand(settings->timeout_ms > 0, "a timeout");
	for (unsigned int i = 0; i < settings->header_count; i++)
		demand_header(settings->headers[i]);
}

static void demand_answer(const char *body, size_t size)
{
	static const long statuses[] = { 0, 100, 200, 204, 301, 400, 429, 503, 999 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct http_answer answer = { .status = statuses[i],
					      .body = (char *)body,
					      .size = size };

		demand(otlp_answer_outcome(&answer) <= OTLP_REFUSED, "an outcome");
		demand(otlp_answer_rejected(&answer, RECORDS) <= RECORDS,
		       "not more than there are");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "OTEL_EXPORTER_OTLP_ENDPOINT",
					     "OTEL_EXPORTER_OTLP_HEADERS",
					     "OTEL_EXPORTER_OTLP_TIMEOUT",
					     "OTEL_EXPORTER_OTLP_COMPRESSION" };
	char *text = malloc(size + TEXTS + 1), *at = text, *said = NULL, *headers[2] = { NULL };
	struct otlp_words words = { .headers = headers };
	struct otlp_settings settings;
	size_t said_size = 0;
	FILE *talk = stderr;

	memcpy(text, data, size);
	memset(text + size, 0, TEXTS + 1);
	for (size_t i = 0; i < TEXTS - 1; i++) {
		(void)setenv(names[i], at, 1);
		at += strlen(at) + 1;
	}
	headers[0] = *at ? at : NULL;
	at += strlen(at) + 1;
	stderr = open_memstream(&said, &said_size);
	if (otlp_settings_read(&words, &settings)) {
		demand_settings(&settings);
		otlp_settings_done(&settings);
	}
	(void)fclose(stderr);
	stderr = talk;
	demand_clean_lines(said, said_size);
	if (at < text + size)
		demand_answer(at, (size_t)(text + size - at));
	free(said);
	free(text);
	return 0;
}
