// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/page_parts.h"
#include "why/fact.h"
#include "why/prose.h"

#define BARS 30
#define LIMIT_AT 240.0 /* where the limit is in a bar of 300 */
#define WIDTH 300.0

/* What filled a limit, without counting anything twice. */
struct filling {
	int64_t limit, usage;
	int64_t anon, shmem, file, kernel; /* file without shmem */
	int64_t rest;                      /* of the usage */
	bool has_parts;
};

static int64_t not_negative(int64_t number)
{
	return number > 0 ? number : 0;
}

static bool read_filling(const json_t *record, struct filling *ret)
{
	struct filling filling = { 0 };

	if (!fact_find_number(record, "oom.limit_bytes", &filling.limit) || filling.limit <= 0 ||
	    !fact_find_number(record, "oom.usage_bytes", &filling.usage))
		return false;
	filling.has_parts = fact(record, "oom.limit_memory") != NULL;
	filling.anon = not_negative(fact_number(record, "oom.limit_memory.anon"));
	filling.shmem = not_negative(fact_number(record, "oom.limit_memory.shmem"));
	filling.file = not_negative(fact_number(record, "oom.limit_memory.file") - filling.shmem);
	filling.kernel = not_negative(fact_number(record, "oom.limit_memory.kernel"));
	filling.rest = not_negative(filling.usage - filling.anon - filling.shmem - filling.file -
				    filling.kernel);
	*ret = filling;
	return true;
}

/* Returns where the next part begins. */
static double put_part(struct html *html, double x, int64_t bytes, int64_t limit, int part)
{
	static const char *const classes[] = { "anon", "shmem", "file", "kmem", "other" };
	const double width = (double)bytes / (double)limit * LIMIT_AT;
	const double shown = x + width > WIDTH ? WIDTH - x : width;

	if (shown <= 0)
		return x;
	html_put(html, "<rect class=\"");
	html_text(html, classes[part]);
	html_put(html, "\" x=\"");
	html_real(html, x);
	html_put(html, "\" y=\"3\" width=\"");
	html_real(html, shown);
	html_put(html, "\" height=\"12\"/>");
	return x + shown;
}

static void put_bar(struct html *html, const struct filling *filling)
{
	const int64_t parts[] = { filling->anon, filling->shmem, filling->file, filling->kernel,
				  filling->rest };
	double x = 0;

	html_put(html, "<svg role=\"img\" viewBox=\"0 0 300 18\" preserveAspectRatio=\"none\">"
		       "<title>");
	html_say(html, "%s of %s", BYTES(filling->usage), BYTES(filling->limit));
	html_put(html, "</title>");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		x = put_part(html, x, parts[i], filling->limit, (int)i);
	html_put(html, "<line class=\"limit\" x1=\"240\" y1=\"0\" x2=\"240\" y2=\"18\"/></svg>");
}

static void put_bytes(struct html *html, int64_t bytes, const char *name, bool *is_first)
{
	if (!bytes)
		return;
	html_say(html, "%s%s %s", *is_first ? "" : ", ", name, BYTES(bytes));
	*is_first = false;
}

static void put_parts(struct html *html, const json_t *record, const struct filling *filling)
{
	bool is_first = true;

	put_bytes(html, filling->anon, "anon", &is_first);
	put_bytes(html, filling->shmem, "tmpfs and shared", &is_first);
	put_bytes(html, filling->file, "files", &is_first);
	put_bytes(html, filling->kernel, "kernel", &is_first);
	if (!filling->has_parts)
		html_text(html, "what filled it is not known");
	if (fact_number(record, "oom.limit_memory.swap"))
		html_say(html, "; in swap %s", BYTES(fact_number(record, "oom.limit_memory.swap")));
	if (fact_is(record, "oom.limit_memory.source", "memory.stat"))
		html_text(html, " (read after the kill: memory of the victim can be gone from "
				"these figures)");
	if (fact_is_true(record, "oom.limit_memory.stale"))
		html_text(html, " (older than the kill)");
}

static void put_kill(struct html *html, const struct finding_crash *crash,
		     const struct filling *filling)
{
	html_put(html, "<tr><th scope=\"row\" class=\"name\">");
	html_text(html, crash->owner);
	html_put(html, "</th><td>");
	html_time(html, crash->set->last_ns);
	html_put(html, "</td><td class=\"count\">");
	html_text(html, BYTES(filling->usage));
	html_put(html, "<span class=\"tag\"> in use</span>");
	html_put(html, "</td><td class=\"count\">");
	html_text(html, BYTES(filling->limit));
	html_put(html, "<span class=\"tag\"> limit</span>");
	html_put(html, "</td><td class=\"bar\">");
	put_bar(html, filling);
	put_parts(html, crash->record, filling);
	html_put(html, "</td></tr>\n");
}

static void put_head(struct html *html)
{
	html_put(
		html,
		"<section aria-labelledby=\"memory\">\n"
		"<h2 id=\"memory\">Memory at the limit</h2>\n"
		"<ul class=\"key\"><li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect "
		"class=\"anon\" width=\"9\" height=\"9\"/></svg>anon</li><li><svg "
		"viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect class=\"shmem\" width=\"9\" "
		"height=\"9\"/></svg>tmpfs and shared</li><li><svg viewBox=\"0 0 9 9\" "
		"aria-hidden=\"true\"><rect class=\"file\" width=\"9\" height=\"9\"/></svg>files"
		"</li><li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect class=\"process\" "
		"width=\"9\" height=\"9\"/></svg>kernel</li><li><svg viewBox=\"0 0 9 9\" "
		"aria-hidden=\"true\"><rect class=\"other\" width=\"9\" height=\"9\"/></svg>"
		"other or unknown</li><li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><line "
		"class=\"limit\" x1=\"4\" y1=\"0\" x2=\"4\" y2=\"9\"/></svg>the limit</li></ul>\n"
		"<div class=\"wide\"><table class=\"stack\">\n<caption>The newest OOM kill of each kind; each bar "
		"has its own limit at the same place</caption>\n<thead><tr>"
		"<th scope=\"col\">Owner</th><th scope=\"col\">When</th>"
		"<th scope=\"col\" class=\"count\">In use</th>"
		"<th scope=\"col\" class=\"count\">Limit</th>"
		"<th scope=\"col\">What filled it</th></tr></thead>\n<tbody>\n");
}

void page_memory(struct html *html, const struct findings *findings)
{
	size_t total = 0, listed = 0;

	for (size_t i = 0; i < findings->crash_count; i++) {
		const struct finding_crash *crash = &findings->crashes[i];
		struct filling filling;

		if (!crash->record || !read_filling(crash->record, &filling))
			continue;
		if (!total++)
			put_head(html);
		if (listed == BARS)
			continue;
		put_kill(html, crash, &filling);
		listed++;
	}
	if (!total)
		return;
	html_put(html, "</tbody>\n</table></div>\n");
	page_more(html, listed, total, "kinds of OOM kill");
	html_put(html, "</section>\n");
}
