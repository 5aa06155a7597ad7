// SPDX-License-Identifier: BSD-2-Clause
#include "report/page.h"

#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/page_parts.h"

#define CAUSES_LISTED 5

void page_deaths(struct html *html, uint64_t deaths)
{
	html_count(html, deaths);
	html_text(html, text_plural(deaths, " death", " deaths"));
}

void page_more(struct html *html, size_t listed, size_t total, const char *kind)
{
	if (listed >= total)
		return;
	html_put(html, "<p class=\"more\">and ");
	html_count(html, total - listed);
	html_text(html, " more ");
	html_text(html, kind);
	html_put(html, "</p>\n");
}

/* The cause with the most deaths of those that come after `before`; CAUSE_COUNT: there is none.
 * `before` is CAUSE_COUNT at first. */
static enum cause next_cause(const struct set *set, enum cause before)
{
	enum cause next = CAUSE_COUNT;

	for (enum cause at = 0; at < CAUSE_COUNT; at++) {
		const uint64_t deaths = set->causes[at];
		const bool is_done = before < CAUSE_COUNT &&
				     (deaths > set->causes[before] ||
				      (deaths == set->causes[before] && at <= before));

		if (deaths && !is_done && (next == CAUSE_COUNT || deaths > set->causes[next]))
			next = at;
	}
	return next;
}

void page_cause_counts(struct html *html, const struct set *set)
{
	enum cause cause = next_cause(set, CAUSE_COUNT);
	uint64_t left = set->deaths;

	for (int i = 0; cause < CAUSE_COUNT && i < CAUSES_LISTED; i++) {
		html_text(html, i ? ", " : "");
		html_count(html, set->causes[cause]);
		html_put(html, " <span class=\"cause\">");
		html_text(html, cause_name(cause));
		html_put(html, "</span>");
		left -= set->causes[cause];
		cause = next_cause(set, cause);
	}
	if (!left)
		return;
	html_put(html, ", and ");
	html_count(html, left);
	html_put(html, " of other causes");
}

static void put_title(struct html *html, const struct findings *findings)
{
	html_text(html, "Killed processes");
	if (findings->node)
		html_say(html, " on %s", findings->node);
	if (findings->nodes)
		html_text(html, " and other nodes");
}

static void put_head(struct html *html, const struct findings *findings)
{
	html_put(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'unsafe-inline'\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"color-scheme\" content=\"light dark\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	put_title(html, findings);
	html_put(html, "</title>\n<style>\n");
	page_style(html);
	html_put(html, "</style>\n</head>\n<body>\n");
}

/* "UTC+02:00 (CEST)" */
static void put_zone(struct html *html, int64_t time_ns)
{
	const time_t seconds = (time_t)(time_ns / NS_PER_S);
	char offset[8] = "", name[32] = "";
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return;
	(void)strftime(offset, sizeof(offset), "%z", &tm);
	(void)strftime(name, sizeof(name), "%Z", &tm);
	html_say(html, "Times are in local time of the node where the page was made: UTC%.3s:%s",
		 offset, offset[0] ? offset + 3 : "");
	html_say(html, " (%s).", name);
}

static void put_summary(struct html *html, const struct findings *findings)
{
	html_put(html, "<p class=\"lead\">");
	if (!findings->deaths) {
		html_put(html, "No death in the history matches.</p>\n");
		return;
	}
	page_deaths(html, findings->deaths);
	html_put(html, " of ");
	html_count(html, findings->owner_total);
	html_text(html, findings->owner_sets.others.deaths ? " and more" : "");
	html_text(html, findings->owner_total == 1 ? " owner: " : " owners: ");
	page_cause_counts(html, &findings->whole);
	html_put(html, ".</p>\n<p>The first was at ");
	html_time(html, findings->whole.first_ns);
	html_put(html, ", the last at ");
	html_time(html, findings->whole.last_ns);
	html_put(html, ".</p>\n");
}

static void put_opening(struct html *html, const struct findings *findings,
			const struct page_wishes *wishes)
{
	html_put(html, "<header>\n<h1>");
	put_title(html, findings);
	html_put(html, "</h1>\n<p class=\"span\">from ");
	html_time(html, findings->since_ns);
	html_put(html, " to ");
	html_time(html, findings->until_ns);
	html_put(html, "</p>\n");
	put_summary(html, findings);
	if (*wishes->selection) {
		html_put(html, "<p>Only deaths that match: <code>");
		html_text(html, wishes->selection);
		html_put(html, "</code></p>\n");
	}
	html_put(html, "</header>\n");
}

static void put_end(struct html *html, const struct findings *findings,
		    const struct page_wishes *wishes)
{
	html_put(html, "<footer>\n<p>Made by killtrace ");
	html_text(html, wishes->version);
	html_put(html, " at ");
	html_time(html, findings->now_ns);
	html_put(html, " from <code>");
	html_text(html, wishes->history);
	html_put(html, "</code>. ");
	put_zone(html, findings->until_ns);
	html_put(html, "</p>\n</footer>\n</body>\n</html>\n");
}

void page_write(const struct findings *findings, const struct page_wishes *wishes,
		struct buffer *ret)
{
	struct html html = { 0 };

	put_head(&html, findings);
	put_opening(&html, findings, wishes);
	html_put(&html, "<main>\n");
	page_coverage(&html, findings, wishes);
	if (findings->deaths) {
		page_owners(&html, findings);
		page_timeline(&html, findings);
		page_memory(&html, findings);
		page_causes(&html, findings);
		page_crashes(&html, findings);
	}
	html_put(&html, "</main>\n");
	put_end(&html, findings, wishes);
	*ret = html.out;
}
