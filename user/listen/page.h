/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metrics as the answer to a request. It is made again if it is older than a second.
 *
 * Ownership: embedded; all zero at first; page_done() releases it. Connections that are still
 * reading an older text keep that text.
 */
#ifndef KT_LISTEN_PAGE_H
#define KT_LISTEN_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "listen/microhttpd.h"
#include "metrics/metrics.h"

struct page {
	struct MHD_Response *response;
	uint64_t made_ns; /* CLOCK_MONOTONIC */
};

/* The answer, which belongs to the page; NULL when out of memory. */
struct MHD_Response *page_get(struct page *page, const struct microhttpd *http,
			      struct metrics *metrics, bool open_metrics);
void page_done(struct page *page, const struct microhttpd *http);

#endif
