// SPDX-License-Identifier: BSD-2-Clause
#include "listen/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "listen/open_metrics.h"
#include "metrics/kernel_oom.h"

/* To be freed; NULL when out of memory. */
static char *plain_text(struct metrics *metrics, size_t *ret_size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_size);

	if (!file)
		return NULL;
	metrics_write(metrics, file);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

static char *open_text(struct metrics *metrics, size_t *ret_size)
{
	struct buffer made = { 0 };
	char *text = plain_text(metrics, ret_size);

	if (!text)
		return NULL;
	open_metrics_make(text, &made);
	free(text);
	if (made.failed) {
		free(made.text);
		return NULL;
	}
	*ret_size = made.size;
	return made.text;
}

static struct MHD_Response *make(const struct microhttpd *http, struct metrics *metrics,
				 bool open_metrics)
{
	static const char *const types[] = {
		"text/plain; version=0.0.4; charset=utf-8",
		"application/openmetrics-text; version=1.0.0; charset=utf-8",
	};
	struct MHD_Response *response;
	size_t size = 0;
	char *text;

	kernel_oom_count(metrics);
	text = open_metrics ? open_text(metrics, &size) : plain_text(metrics, &size);
	if (!text)
		return NULL;
	response = http->create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	else
		(void)http->add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
						types[open_metrics]);
	return response;
}

struct MHD_Response *page_get(struct page *page, const struct microhttpd *http,
			      struct metrics *metrics, bool open_metrics)
{
	const uint64_t now = clock_monotonic_ns();

	if (page->response && now - page->made_ns < (uint64_t)NS_PER_S)
		return page->response;
	page_done(page, http);
	page->response = make(http, metrics, open_metrics);
	page->made_ns = now;
	return page->response;
}

void page_done(struct page *page, const struct microhttpd *http)
{
	if (page->response)
		http->destroy_response(page->response);
	page->response = NULL;
}
