// SPDX-License-Identifier: BSD-2-Clause
#include "report/page_parts.h"

#include <string.h>

static void put_cause(struct html *html, const struct findings *findings, enum cause cause)
{
	const uint64_t deaths = findings->whole.causes[cause];
	const double share = 100.0 * (double)deaths / (double)findings->deaths;

	html_put(html, "<tr><th scope=\"row\" class=\"name\">");
	html_text(html, cause_name(cause));
	html_put(html, "</th><td class=\"count\">");
	html_count(html, deaths);
	html_put(html, "</td><td class=\"count\">");
	if (share < 0.1)
		html_text(html, "< 0.1 %");
	else
		html_say(html, "%.1f %%", share);
	html_put(html, "</td><td>");
	html_text(html, cause_class(cause));
	html_put(html, "</td><td class=\"say\">");
	html_text(html, cause_help(cause));
	html_put(html, "</td></tr>\n");
}

static bool is_before(const uint64_t *deaths, int one, int other)
{
	return deaths[one] != deaths[other] ? deaths[one] > deaths[other] : one < other;
}

void page_causes(struct html *html, const struct findings *findings)
{
	const uint64_t *deaths = findings->whole.causes;
	int order[CAUSE_COUNT];

	for (int i = 0; i < CAUSE_COUNT; i++) {
		int at = i;

		for (; at && is_before(deaths, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	html_put(html,
		 "<section aria-labelledby=\"causes\">\n<h2 id=\"causes\">Causes</h2>\n"
		 "<div class=\"wide\"><table>\n<caption>What the processes died of</caption>\n"
		 "<thead><tr><th scope=\"col\">Cause</th>"
		 "<th scope=\"col\" class=\"count\">Deaths</th>"
		 "<th scope=\"col\" class=\"count\">Share</th>"
		 "<th scope=\"col\">Decided by</th><th scope=\"col\">Meaning</th></tr>"
		 "</thead>\n<tbody>\n");
	for (int i = 0; i < CAUSE_COUNT && deaths[order[i]]; i++)
		put_cause(html, findings, (enum cause)order[i]);
	html_put(html, "</tbody>\n</table></div>\n</section>\n");
}
