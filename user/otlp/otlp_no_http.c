// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the static binary: Debian's libcurl needs Kerberos, which has no static library.
 */
#include "otlp/otlp_http.h"

const char *otlp_http_missing(void)
{
	return "this binary is built without HTTP: let the collector's file receiver read what "
	       "'killtrace -o otlp' writes";
}

struct otlp_http *otlp_http_new(const struct otlp_settings *settings,
				const atomic_uint_least64_t *end_ns)
{
	(void)settings;
	(void)end_ns;
	return NULL;
}

void otlp_http_free(struct otlp_http *http)
{
	(void)http;
}

void otlp_http_post(struct otlp_http *http, const char *body, size_t size,
		    void (*waits)(void *context), void *context, struct otlp_answer *ret)
{
	(void)waits;
	(void)context;
	(void)http;
	(void)body;
	(void)size;
	*ret = (struct otlp_answer){ .words = "no HTTP" };
}
