// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.h"
#include "report/page_parts.h"

static void put_losses(struct html *html, const struct findings *findings)
{
	bool is_first = true;

	html_put(html, "<p>Losses were reported ");
	html_text(html, TIMES(findings->lost_times));
	html_put(html, ": ");
	for (int i = 0; i < LOSS_COUNT; i++) {
		const uint64_t count = findings->lost.count[i];

		if (!count)
			continue;
		html_text(html, is_first ? "" : "; ");
		html_count(html, count);
		html_say(html, " %s", loss_meaning((enum loss)i, count));
		is_first = false;
	}
	html_put(html, ". So deaths, or evidence about them, can be missing.</p>\n");
}

static void put_begin(struct html *html, const struct findings *findings)
{
	html_put(html, "<p>The history begins at ");
	html_time(html, findings->begins_ns);
	html_put(html, ". What died before that is not in it.</p>\n");
}

static void put_damaged(struct html *html, const struct findings *findings)
{
	html_put(html, "<p>");
	html_count(html, findings->damaged);
	html_text(html, text_plural(findings->damaged, " line of the history is",
				    " lines of the history are"));
	html_put(html, " not of a form that this killtrace knows, and left out.</p>\n");
}

/* A killed agent ran for some minutes after its last note, but wrote nothing of them. */
static void put_gaps(struct html *html, const struct history_ran *ran)
{
	for (unsigned int i = 0; i < ran->count; i++) {
		html_put(html, "<p>The agent did not run from ");
		html_time(html, ran->gaps[i].from_ns);
		html_put(html, " to ");
		html_time(html, ran->gaps[i].to_ns);
		html_put(html, ".</p>\n");
	}
	page_more(html, ran->count, ran->total, "such times");
	html_put(html,
		 "<p>An agent that was killed can have run for up to 5 minutes longer. What died "
		 "while none ran is only here if its programs were pinned.</p>\n");
}

static void put_known(struct html *html, const struct findings *findings)
{
	const struct history_ran *ran = &findings->ran;

	if (ran->known_ns >= findings->until_ns) {
		html_put(html,
			 "The history does not say when an agent ran: a time without deaths can "
			 "be one without an agent.");
		return;
	}
	if (ran->known_ns > findings->since_ns) {
		html_put(html, "It is not known whether an agent ran before ");
		html_time(html, ran->known_ns);
		html_put(html, ". ");
	}
	if (!ran->total && ran->known_ns > findings->since_ns)
		html_put(html, "From then on it ran all the time.");
	else if (!ran->total)
		html_put(html, "The agent ran all the time.");
}

void page_coverage(struct html *html, const struct findings *findings,
		   const struct page_wishes *wishes)
{
	/* else an agent ran before, and nothing died */
	const bool begins_late = findings->begins_ns > findings->since_ns &&
				 findings->ran.known_ns >= findings->begins_ns;
	const bool warns = findings->lost_times || begins_late || findings->damaged ||
			   !findings->begins_ns || findings->ran.total;

	if (warns)
		html_put(html, "<section class=\"warn\" aria-labelledby=\"missing\">\n"
			       "<h2 id=\"missing\">What can be missing</h2>\n");
	if (!findings->begins_ns)
		html_put(html, "<p>The history is empty.</p>\n");
	if (findings->lost_times)
		put_losses(html, findings);
	if (findings->ran.total)
		put_gaps(html, &findings->ran);
	if (begins_late)
		put_begin(html, findings);
	if (findings->damaged)
		put_damaged(html, findings);
	if (warns)
		html_put(html, "</section>\n");
	html_put(html, "<p class=\"note\">");
	if (!findings->lost_times && findings->begins_ns)
		html_put(html, "No losses were reported in this time. ");
	put_known(html, findings);
	if (!wishes->all)
		html_put(html, " Routine ends, such as SIGTERM from the service manager, are left "
			       "out.");
	html_put(html, "</p>\n");
}
