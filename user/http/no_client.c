// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the static binary: Debian's libcurl needs Kerberos, which has no static library.
 */
#include "http/http_client.h"

const char *http_client_missing(void)
{
	return "this binary is built without HTTP: use the one that loads shared libraries";
}

struct http_client *http_client_new(const struct http_manner *manner,
				    const atomic_uint_least64_t *end_ns)
{
	(void)manner;
	(void)end_ns;
	return NULL;
}

void http_client_free(struct http_client *client)
{
	(void)client;
}

void http_client_send(struct http_client *client, const struct http_request *request,
		      void (*waits)(void *context), void *context, struct http_answer *ret)
{
	(void)client;
	(void)request;
	(void)waits;
	(void)context;
	*ret = (struct http_answer){ .words = "no HTTP" };
}
