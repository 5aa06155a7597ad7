/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where OpenTelemetry logs are sent and how, from the command line and from the environment that
 * OpenTelemetry defines (OTEL_EXPORTER_OTLP_LOGS_* before OTEL_EXPORTER_OTLP_*). The command line
 * has priority.
 *
 * Headers and addresses hold secrets: nothing here or in the callers shows a header's value, or any
 * part of an address except otlp_settings.shown.
 */
#ifndef KT_OTLP_OTLP_SETTINGS_H
#define KT_OTLP_OTLP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define OTLP_MOST_HEADERS 32

/* As on the command line; NULL: not given. */
struct otlp_words {
	const char *url;
	char **headers; /* "NAME=VALUE", ended by NULL */
	const char *ca;
	bool gzip;
	bool optional; /* an invalid address in the environment is ignored, with a message */
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

/* Whether logs are to be sent. */
bool otlp_settings_wanted(const struct otlp_words *words);

/* The source of the address: an option or a variable. */
const char *otlp_settings_asker(const struct otlp_words *words);

/* True: *ret is to be freed with otlp_settings_done(), and `words` must outlive it. False: a
 * message said what is wrong. */
bool otlp_settings_read(const struct otlp_words *words, struct otlp_settings *ret);
void otlp_settings_done(struct otlp_settings *settings);

#endif
