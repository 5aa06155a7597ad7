/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as one page of HTML that needs nothing else: no script, no font, no image. */
#ifndef KT_REPORT_PAGE_H
#define KT_REPORT_PAGE_H

#include "base/buffer.h"
#include "report/findings.h"

/* How the page was asked for. */
struct page_wishes {
	const char *version;   /* of this program */
	const char *history;   /* the path of the database */
	const char *selection; /* the options that restrict it, as typed; "": none */
	bool all;              /* routine ends too */
};

/* To be freed: ret->text; ret->failed when out of memory. */
void page_write(const struct findings *findings, const struct page_wishes *wishes,
		struct buffer *ret);

#endif
