// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.h"
#include "report/page_parts.h"
#include "why/fact.h"

static void put_item(struct html *html, const struct explanation_item *item)
{
	html_put(html, "<li>");
	if (item->label) {
		html_text(html, item->label);
		html_put(html, ": ");
	}
	if (item->is_command)
		html_put(html, "<pre>");
	html_prose(html, item->text);
	if (item->is_command)
		html_put(html, "</pre>");
	html_put(html, "</li>\n");
}

static void put_why(struct html *html, const struct explanation *why)
{
	html_put(html, "<p>");
	html_prose(html, prose_text(&why->answer));
	html_put(html, "</p>\n");
	for (int section = 0; section < SECTION_COUNT; section++) {
		if (!why->sections[section].count)
			continue;
		html_put(html, "<h4>");
		html_text(html, section_title((enum section)section));
		html_put(html, "</h4>\n<ul>\n");
		for (size_t i = 0; i < why->sections[section].count; i++)
			put_item(html, &why->sections[section].items[i]);
		html_put(html, "</ul>\n");
	}
}

static void put_row(struct html *html, const struct finding_crash *crash, size_t number)
{
	html_put(html, "<tr><td class=\"count\">");
	html_count(html, crash->set->deaths);
	html_put(html, "<span class=\"tag\">");
	html_text(html, text_plural(crash->set->deaths, " death", " deaths"));
	html_put(html, "</span></td><th scope=\"row\" class=\"name\">");
	html_text(html, crash->cause);
	html_put(html, "</th><td class=\"name\">");
	html_text(html, crash->owner);
	html_put(html, "</td><td>");
	html_time(html, crash->set->last_ns);
	html_put(html, "</td><td class=\"say\"><span class=\"name\">");
	html_text(html, crash->process);
	html_put(html, "</span>: ");
	html_text(html, crash->reason);
	html_put(html, "</td><td><a href=\"#why-");
	html_number(html, number);
	html_put(html, "\">why</a></td></tr>\n");
}

static void put_details(struct html *html, const struct finding_crash *crash, size_t number)
{
	html_put(html, "<details><summary><strong>");
	html_text(html, crash->cause);
	html_put(html, "</strong> of <span class=\"name\">");
	html_text(html, crash->owner);
	html_put(html, "</span>, ");
	page_deaths(html, crash->set->deaths);
	html_put(html, ", newest ");
	html_time(html, crash->set->last_ns);
	html_put(html, "</summary>\n<div class=\"why\" id=\"why-");
	html_number(html, number);
	html_put(html, "\">\n");
	if (crash->record)
		put_why(html, &crash->why);
	else
		html_put(html, "<p>Its line is gone from the history, or not of a form that this "
			       "killtrace knows.</p>\n");
	if (fact_has_text(crash->record, "fingerprint")) {
		html_put(html, "<p class=\"note\">Fingerprint <code>");
		html_text(html, fact_text(crash->record, "fingerprint"));
		html_put(html, "</code>, death <code>");
		html_text(html, fact_text(crash->record, "id"));
		html_put(html, "</code></p>\n");
	}
	html_put(html, "</div></details>\n");
}

static void put_rest(struct html *html, const struct findings *findings)
{
	page_more(html, findings->crash_count, findings->crash_sets.count, "kinds of death");
	if (!findings->crash_sets.others.deaths)
		return;
	html_put(html, "<p class=\"more\">and ");
	page_deaths(html, findings->crash_sets.others.deaths);
	html_put(html, " of kinds that did not fit into this report</p>\n");
}

void page_crashes(struct html *html, const struct findings *findings)
{
	html_put(
		html,
		"<section aria-labelledby=\"crashes\">\n<h2 id=\"crashes\">Same deaths</h2>\n"
		"<div class=\"wide\"><table class=\"stack\">\n<caption>Deaths with one fingerprint, most deaths "
		"first, and the newest of each</caption>\n"
		"<thead><tr><th scope=\"col\" class=\"count\">Deaths</th>"
		"<th scope=\"col\">Cause</th><th scope=\"col\">Owner</th>"
		"<th scope=\"col\">Newest</th><th scope=\"col\">Reason</th>"
		"<th scope=\"col\">Details</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < findings->crash_count; i++)
		put_row(html, &findings->crashes[i], i + 1);
	html_put(html, "</tbody>\n</table></div>\n");
	put_rest(html, findings);
	html_put(html, "</section>\n<section aria-labelledby=\"why\">\n<h2 id=\"why\">Why</h2>\n"
		       "<p class=\"note\">The newest death of each kind, as <code>killtrace why"
		       "</code> explains it. Functions and lines of source are looked up by that "
		       "command only.</p>\n");
	for (size_t i = 0; i < findings->crash_count; i++)
		put_details(html, &findings->crashes[i], i + 1);
	html_put(html, "</section>\n");
}
