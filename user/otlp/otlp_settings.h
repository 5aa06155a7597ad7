/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where OpenTelemetry logs go and how, from the command line and from the environment that
 * OpenTelemetry defines (OTEL_EXPORTER_OTLP_LOGS_* before OTEL_EXPORTER_OTLP_*); the command line
 * comes first.
 *
 * Headers and addresses hold secrets: nothing here or in those who use it shows a header's value,
 * or an address but for otlp_settings.shown.
 */
#ifndef KT_OTLP_OTLP_SETTINGS_H
#define KT_OTLP_OTLP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define OTLP_MOST_HEADERS 32

/* As on the command line; NULL where nothing was given. */
struct otlp_words {
	const char *url;
	char **headers; /* "NAME=VALUE", ended by NULL */
	const char *ca;
	bool gzip;
	bool optional; /* an address of the environment that is none is ignored, and that is said */
};

struct otlp_settings {
	char *url;
	char *shown;                      /* scheme, host and port */
	char *headers[OTLP_MOST_HEADERS]; /* "Name: value" */
	unsigned int header_count;
	const char *ca; /* NULL: the system's */
	bool gzip;
	unsigned int timeout_ms;
};

/* Whether anybody wants logs to be sent. */
bool otlp_settings_wanted(const struct otlp_words *words);

/* What gave the address: an option or a variable. */
const char *otlp_settings_asker(const struct otlp_words *words);

/* True, and *ret is to be freed with otlp_settings_done(); `words` has to outlive it. False: one
 * line was said about what is wrong. */
bool otlp_settings_read(const struct otlp_words *words, struct otlp_settings *ret);
void otlp_settings_done(struct otlp_settings *settings);

#endif
