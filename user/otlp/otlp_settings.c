// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/say.h"

#define TIMEOUT_MS 10000
#define LONGEST_TIMEOUT_MS 600000
#define LOGS_PATH "/v1/logs"

/* The variable for logs, else the one for all signals. NULL: neither is set. */
static const char *from_environment(const char *name)
{
	static const char *const prefixes[] = { "OTEL_EXPORTER_OTLP_LOGS_", "OTEL_EXPORTER_OTLP_" };
	char full[64];

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		const char *value;

		(void)snprintf(full, sizeof(full), "%s%s", prefixes[i], name);
		value = getenv(full);
		if (value && *value)
			return value;
	}
	return NULL;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool otlp_settings_wanted(const struct otlp_words *words)
{
	return words->url || from_environment("ENDPOINT");
}

const char *otlp_settings_asker(const struct otlp_words *words)
{
	if (words->url)
		return "--otlp";
	return is_set("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT") ? "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"
							  : "OTEL_EXPORTER_OTLP_ENDPOINT";
}

/* Length of scheme, host and port; 0: it is not an HTTP address. */
static size_t base_length(const char *url)
{
	size_t scheme, host;

	if (!strncmp(url, "http://", 7))
		scheme = 7;
	else if (!strncmp(url, "https://", 8))
		scheme = 8;
	else
		return 0;
	host = strcspn(url + scheme, "/?#");
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return 0;
	return host ? scheme + host : 0;
}

/* Without the name and password that can be before the host. */
static char *shown_part(const char *url, size_t length)
{
	const char *host = strstr(url, "//") + 2;
	const char *at = memrchr(host, '@', length - (size_t)(host - url));
	char *shown = NULL;

	if (at)
		host = at + 1;
	if (asprintf(&shown, "%.*s//%.*s", (int)(strchr(url, '/') - url), url,
		     (int)(url + length - host), host) < 0)
		return NULL;
	return shown;
}

/* An address without a path gets the path of the protocol; `is_base`: an address with a path, too.
 */
static bool take_url(const char *url, bool is_base, struct otlp_settings *ret)
{
	size_t base = base_length(url), length = strlen(url);
	bool no_path = base == length || !strcmp(url + base, "/");

	if (!base)
		return false;
	if ((no_path || is_base) && length && url[length - 1] == '/')
		length--;
	if (asprintf(&ret->url, "%.*s%s", (int)length, url, no_path || is_base ? LOGS_PATH : "") <
	    0)
		ret->url = NULL;
	ret->shown = shown_part(url, base);
	return ret->url && ret->shown;
}

static bool read_url(const struct otlp_words *words, struct otlp_settings *ret)
{
	const bool of_logs = is_set("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
	const char *url = from_environment("ENDPOINT");

	if (words->url) {
		if (take_url(words->url, false, ret))
			return true;
		say("--otlp needs an address that begins with http:// or https://");
		return false;
	}
	if (url && take_url(url, !of_logs, ret))
		return true;
	say("%s is not an address that begins with http:// or https://%s",
	    otlp_settings_asker(words), words->optional ? ", ignoring" : "");
	return false;
}

static bool is_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("!#$%&'*+-.^_`|~", name[i]))
			return false;
	return length > 0;
}

static bool is_value(const char *value)
{
	for (; *value; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
			return false;
	return true;
}

/* The first value of a header stays. */
static bool has_header(const struct otlp_settings *settings, const char *name, size_t length)
{
	for (unsigned int i = 0; i < settings->header_count; i++)
		if (!strncasecmp(settings->headers[i], name, length) &&
		    settings->headers[i][length] == ':')
			return true;
	return false;
}

static bool add_header(struct otlp_settings *ret, const char *name, size_t length,
		       const char *value)
{
	char *header;

	if (!is_name(name, length) || !is_value(value))
		return false;
	if (has_header(ret, name, length))
		return true;
	if (ret->header_count == OTLP_MOST_HEADERS ||
	    asprintf(&header, "%.*s: %s", (int)length, name, value) < 0)
		return false;
	ret->headers[ret->header_count++] = header;
	return true;
}

static bool read_headers(char **headers, struct otlp_settings *ret)
{
	for (char **header = headers; header && *header; header++) {
		size_t length = strcspn(*header, "=");

		if ((*header)[length] != '=' ||
		    !add_header(ret, *header, length, *header + length + 1)) {
			say("--otlp-header needs NAME=VALUE without control characters, at most %d times",
			    OTLP_MOST_HEADERS);
			return false;
		}
	}
	return true;
}

/* "%2C" and the like, in place. */
static void decode_percent(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at == '%' && isxdigit((unsigned char)at[1]) &&
		    isxdigit((unsigned char)at[2])) {
			const char digits[3] = { at[1], at[2], '\0' };
			uint64_t byte = 0;

			(void)number_read(digits, 16, &byte);
			*to++ = (char)byte;
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

static char *trimmed(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* "name=value,name=value", values with percent signs. */
static void read_environment_headers(struct otlp_settings *ret)
{
	const char *list = from_environment("HEADERS");
	AUTO_FREE char *copy = list ? strdup(list) : NULL;
	char *rest = copy;

	for (char *entry = strsep(&rest, ","); entry; entry = strsep(&rest, ",")) {
		char *name = trimmed(entry), *equals = strchr(name, '='), *value;

		if (!*name)
			continue;
		if (equals) {
			*equals = '\0';
			value = trimmed(equals + 1);
			decode_percent(value);
			name = trimmed(name);
		}
		if (!equals || !add_header(ret, name, strlen(name), value))
			say("an entry of OTEL_EXPORTER_OTLP_HEADERS is not NAME=VALUE, ignoring");
	}
}

static void read_environment(struct otlp_settings *ret)
{
	const char *timeout = from_environment("TIMEOUT"),
		   *compression = from_environment("COMPRESSION"),
		   *protocol = from_environment("PROTOCOL");
	uint64_t ms;

	if (!ret->ca)
		ret->ca = from_environment("CERTIFICATE");
	if (compression)
		ret->gzip = ret->gzip || !strcmp(compression, "gzip");
	if (protocol && strcmp(protocol, "http/json") != 0)
		say("OTEL_EXPORTER_OTLP_PROTOCOL is not http/json, the only supported protocol, ignoring");
	if (!timeout)
		return;
	if (number_parse(timeout, &ms) && ms && ms <= LONGEST_TIMEOUT_MS)
		ret->timeout_ms = (unsigned int)ms;
	else
		say("OTEL_EXPORTER_OTLP_TIMEOUT is not a number of milliseconds, ignoring");
}

bool otlp_settings_read(const struct otlp_words *words, struct otlp_settings *ret)
{
	*ret = (struct otlp_settings){ .ca = words->ca,
				       .gzip = words->gzip,
				       .timeout_ms = TIMEOUT_MS };
	if (!read_url(words, ret) || !read_headers(words->headers, ret)) {
		otlp_settings_done(ret);
		return false;
	}
	read_environment_headers(ret);
	read_environment(ret);
	return true;
}

void otlp_settings_done(struct otlp_settings *settings)
{
	free(settings->url);
	free(settings->shown);
	for (unsigned int i = 0; i < settings->header_count; i++)
		free(settings->headers[i]);
	*settings = (struct otlp_settings){ 0 };
}
