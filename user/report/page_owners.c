// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.h"
#include "report/page_parts.h"

static void put_owner(struct html *html, const struct finding_owner *owner)
{
	html_put(html, "<tr><th scope=\"row\" class=\"name\">");
	html_text(html, owner->name);
	html_put(html, "</th><td class=\"count\">");
	html_count(html, owner->set->deaths);
	html_put(html, "<span class=\"tag\">");
	html_text(html, text_plural(owner->set->deaths, " death", " deaths"));
	html_put(html, "</span>");
	html_put(html, "</td><td>");
	page_cause_counts(html, owner->set);
	html_put(html, "</td><td>");
	html_time(html, owner->set->first_ns);
	if (owner->set->last_ns != owner->set->first_ns) {
		html_put(html, "<br><span class=\"tag\">to </span>");
		html_time(html, owner->set->last_ns);
	}
	html_put(html, "</td><td class=\"say\">");
	html_text(html, owner->newest);
	html_put(html, "</td></tr>\n");
}

void page_owners(struct html *html, const struct findings *findings)
{
	html_put(
		html,
		"<section aria-labelledby=\"owners\">\n<h2 id=\"owners\">Owners</h2>\n"
		"<div class=\"wide\"><table class=\"stack\">\n<caption>Units, containers, pods and cgroups "
		"that lost processes, most deaths first</caption>\n"
		"<thead><tr><th scope=\"col\">Owner</th>"
		"<th scope=\"col\" class=\"count\">Deaths</th><th scope=\"col\">Causes</th>"
		"<th scope=\"col\">First, last</th>"
		"<th scope=\"col\">Newest</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < findings->owner_count; i++)
		put_owner(html, &findings->owners[i]);
	html_put(html, "</tbody>\n</table></div>\n");
	page_more(html, findings->owner_count, findings->owner_total, "owners");
	if (findings->owner_sets.others.deaths) {
		html_put(html, "<p class=\"more\">and ");
		page_deaths(html, findings->owner_sets.others.deaths);
		html_put(html, " of owners that did not fit into this report; a shorter time, or "
			       "--unit, shows them</p>\n");
	}
	html_put(html, "</section>\n");
}
