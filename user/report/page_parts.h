/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a report, in their order. For page.c only. */
#ifndef KT_REPORT_PAGE_PARTS_H
#define KT_REPORT_PAGE_PARTS_H

#include "report/findings.h"
#include "report/html.h"
#include "report/page.h"

void page_style(struct html *html);
/* What the page cannot know: losses, and times of which there is nothing. */
void page_coverage(struct html *html, const struct findings *findings,
		   const struct page_wishes *wishes);
void page_owners(struct html *html, const struct findings *findings);
void page_timeline(struct html *html, const struct findings *findings);
void page_memory(struct html *html, const struct findings *findings);
void page_causes(struct html *html, const struct findings *findings);
void page_crashes(struct html *html, const struct findings *findings);

/* "3 oom-memcg, 1 segfault", the largest first. */
void page_cause_counts(struct html *html, const struct set *set);

/* "and 12 more KIND" if not all are listed; `kind` is our own word. */
void page_more(struct html *html, size_t listed, size_t total, const char *kind);

/* "deaths": with a count in front. */
void page_deaths(struct html *html, uint64_t deaths);

#endif
