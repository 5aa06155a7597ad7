// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "report/page_parts.h"
#include "stdout/cells.h"
#include "why/prose.h"

#define LANES 12
#define WIDTH 1000
#define LANE_HEIGHT 46
#define BAR_HEIGHT 24 /* of the largest bar */
#define TOP 24        /* room for the times */
#define NAME_CELLS 90
#define TICKS_MOST 8
#define TICK_SIZE 32

struct chart {
	struct html *html;
	const struct findings *findings;
	uint64_t most; /* deaths in one bar */
	double span_ns;
};

static uint64_t sum(const uint32_t bin[SET_CLASSES])
{
	uint64_t deaths = 0;

	for (int class = 0; class < SET_CLASSES; class ++)
		deaths += bin[class];
	return deaths;
}

static int64_t time_at(const struct chart *chart, int bin)
{
	return chart->findings->since_ns + (int64_t)(chart->span_ns * bin / SET_BINS);
}

/* Which class most of them are of. */
static enum set_class class_of(const uint32_t bin[SET_CLASSES])
{
	enum set_class most = SET_KERNEL;

	for (int class = SET_KERNEL; class < SET_CLASSES; class ++)
		if (bin[class] > bin[most])
			most = (enum set_class) class;
	return most;
}

static void put_class(struct html *html, enum set_class class)
{
	static const char *const names[] = { "kernel", "process", "runtime" };

	html_text(html, names[class]);
}

/* log2(number + 1), linear between powers of two; for a number of deaths that is not 2^64 - 1. */
static double logarithm(uint64_t number)
{
	const int power = 63 - __builtin_clzll(number + 1);

	return power + (double)(number + 1) / (double)(UINT64_C(1) << power) - 1;
}

/* One death is seen as well as ten thousand. */
static double height_of(const struct chart *chart, uint64_t deaths)
{
	return 4 + (BAR_HEIGHT - 4) * logarithm(deaths) / logarithm(chart->most);
}

static void put_bar(const struct chart *chart, int bin, double bottom,
		    const uint32_t deaths[SET_CLASSES])
{
	const double width = (double)WIDTH / SET_BINS, height = height_of(chart, sum(deaths));
	char from[HTML_CLOCK_SIZE], to[HTML_CLOCK_SIZE];
	struct html *html = chart->html;

	html_put(html, "<rect class=\"");
	put_class(html, class_of(deaths));
	html_put(html, "\" x=\"");
	html_real(html, bin * width + 0.5);
	html_put(html, "\" y=\"");
	html_real(html, bottom - height);
	html_put(html, "\" width=\"");
	html_real(html, width - 1);
	html_put(html, "\" height=\"");
	html_real(html, height);
	html_put(html, "\"><title>");
	page_deaths(html, sum(deaths));
	html_say(html, " from %s to %s", html_clock(time_at(chart, bin), from),
		 html_clock(time_at(chart, bin + 1), to));
	html_put(html, "</title></rect>\n");
}

static void put_label(const struct chart *chart, double y, const char *name, uint64_t deaths)
{
	struct html *html = chart->html;
	char shown[4 * NAME_CELLS + 8];

	cells_elide(name, NAME_CELLS, shown, sizeof(shown));
	html_put(html, "<text x=\"0\" y=\"");
	html_real(html, y);
	html_put(html, "\">");
	html_text(html, shown);
	html_put(html, "</text><text class=\"soft\" text-anchor=\"end\" x=\"1000\" y=\"");
	html_real(html, y);
	html_put(html, "\">");
	page_deaths(html, deaths);
	html_put(html, "</text>\n");
}

static void put_rule(const struct chart *chart, double x1, double y1, double x2, double y2)
{
	struct html *html = chart->html;

	html_put(html, "<line class=\"rule\" x1=\"");
	html_real(html, x1);
	html_put(html, "\" y1=\"");
	html_real(html, y1);
	html_put(html, "\" x2=\"");
	html_real(html, x2);
	html_put(html, "\" y2=\"");
	html_real(html, y2);
	html_put(html, "\"/>\n");
}

static void put_lane(const struct chart *chart, size_t lane, const char *name,
		     const struct set *set)
{
	const double top = TOP + (double)lane * LANE_HEIGHT, bottom = top + LANE_HEIGHT - 3;

	put_label(chart, top + 14, name, set->deaths);
	put_rule(chart, 0, bottom, WIDTH, bottom);
	for (int bin = 0; bin < SET_BINS; bin++)
		if (sum(set->bins[bin]))
			put_bar(chart, bin, bottom, set->bins[bin]);
}

/* Between ticks: one of these, so that there are few. */
static int64_t step_of(double span_ns)
{
	static const int64_t steps[] = { 1,      5,       15,      60,      300,   900,
					 3600,   10800,   21600,   43200,   86400, 172800,
					 604800, 2592000, 7776000, 31536000 };
	const double seconds = span_ns / (double)NS_PER_S;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (seconds / (double)steps[i] <= TICKS_MOST)
			return steps[i];
	return (int64_t)(seconds / TICKS_MOST) + 1;
}

static void write_tick(const struct tm *tm, int64_t step, char ret[TICK_SIZE])
{
	if (step >= 30 * 86400L)
		(void)strftime(ret, TICK_SIZE, "%d %b %Y", tm);
	else if (step >= 86400)
		(void)strftime(ret, TICK_SIZE, "%a %d %b", tm);
	else if (step >= 3600)
		(void)strftime(ret, TICK_SIZE, "%a %H:%M", tm);
	else
		(void)strftime(ret, TICK_SIZE, step >= 60 ? "%H:%M" : "%H:%M:%S", tm);
}

static void put_tick(const struct chart *chart, time_t seconds, int64_t step, double bottom)
{
	const double x = ((double)seconds * (double)NS_PER_S - (double)chart->findings->since_ns) /
			 chart->span_ns * WIDTH;
	struct html *html = chart->html;
	char words[TICK_SIZE];
	struct tm tm;

	if (x < 0 || x > WIDTH - 60 || !localtime_r(&seconds, &tm))
		return;
	write_tick(&tm, step, words);
	put_rule(chart, x, TOP - 6, x, bottom);
	html_put(html, "<text class=\"soft\" x=\"");
	html_real(html, x);
	html_put(html, "\" y=\"13\">");
	html_text(html, words);
	html_put(html, "</text>\n");
}

/* At whole hours and days of local time. */
static void put_ticks(const struct chart *chart, double bottom)
{
	const time_t from = (time_t)(chart->findings->since_ns / NS_PER_S);
	const int64_t step = step_of(chart->span_ns);
	struct tm tm;
	time_t at;

	if (!localtime_r(&from, &tm))
		return;
	at = (time_t)(((int64_t)from + tm.tm_gmtoff) / step * step - tm.tm_gmtoff);
	for (int i = 0; i < TICKS_MOST + 2; i++)
		put_tick(chart, at + i * (time_t)step, step, bottom);
}

/* The deaths of all owners without a lane of their own. */
static void rest_of(const struct findings *findings, size_t lanes, struct set *ret)
{
	*ret = findings->whole;
	for (size_t i = 0; i < lanes; i++) {
		const struct set *set = findings->owners[i].set;

		ret->deaths -= set->deaths;
		for (int bin = 0; bin < SET_BINS; bin++)
			for (int class = 0; class < SET_CLASSES; class ++)
				ret->bins[bin][class] -= set->bins[bin][class];
	}
}

static uint64_t largest_of(const struct set *set, uint64_t least)
{
	for (int bin = 0; bin < SET_BINS; bin++)
		if (sum(set->bins[bin]) > least)
			least = sum(set->bins[bin]);
	return least;
}

/* They are reports, not deaths. */
static void put_losses(const struct chart *chart, size_t lane)
{
	const double top = TOP + (double)lane * LANE_HEIGHT, bottom = top + LANE_HEIGHT - 3;
	struct html *html = chart->html;

	html_put(html, "<text x=\"0\" y=\"");
	html_real(html, top + 14);
	html_put(html, "\">Losses were reported</text>\n");
	put_rule(chart, 0, bottom, WIDTH, bottom);
	for (int bin = 0; bin < SET_BINS; bin++) {
		if (!chart->findings->lost_bins[bin])
			continue;
		html_put(html, "<rect class=\"other\" x=\"");
		html_real(html, bin * (double)WIDTH / SET_BINS + 0.5);
		html_put(html, "\" y=\"");
		html_real(html, bottom - 14);
		html_put(html, "\" width=\"9.4\" height=\"14\"><title>");
		html_count(html, chart->findings->lost_bins[bin]);
		html_put(html, " reports of losses</title></rect>\n");
	}
}

/* Behind everything: times without an agent. */
static void put_gaps(const struct chart *chart, double height)
{
	const struct findings *findings = chart->findings;
	struct html *html = chart->html;

	for (unsigned int i = 0; i < findings->ran.count; i++) {
		const struct history_gap *gap = &findings->ran.gaps[i];
		const double from = (double)(gap->from_ns - findings->since_ns) / chart->span_ns;
		const double to = (double)(gap->to_ns - findings->since_ns) / chart->span_ns;

		html_put(html, "<rect class=\"gap\" x=\"");
		html_real(html, from * WIDTH);
		html_put(html, "\" y=\"18\" width=\"");
		html_real(html, (to - from) * WIDTH + 1);
		html_put(html, "\" height=\"");
		html_real(html, height - 18);
		html_put(html, "\"><title>no agent ran</title></rect>\n");
	}
}

static void put_key(const struct chart *chart)
{
	struct html *html = chart->html;

	html_put(html, "<ul class=\"key\"><li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\">"
		       "<rect class=\"kernel\" width=\"9\" height=\"9\"/></svg>the kernel decided"
		       "</li><li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect "
		       "class=\"process\" width=\"9\" height=\"9\"/></svg>a process decided</li>"
		       "<li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect class=\"runtime\" "
		       "width=\"9\" height=\"9\"/></svg>a language runtime ended it</li>");
	if (chart->findings->ran.total)
		html_put(html, "<li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\"><rect "
			       "class=\"gap\" width=\"9\" height=\"9\"/></svg>no agent ran</li>");
	html_put(html, "</ul>\n<p class=\"note\">A bar stands for ");
	html_text(html, DURATION(chart->span_ns / SET_BINS / (double)NS_PER_S));
	html_put(html, " and has the colour of most of its deaths. Heights are logarithmic; the "
		       "highest bar stands for ");
	page_deaths(html, chart->most);
	html_put(html, ".</p>\n");
}

static void put_svg(const struct chart *chart, size_t lanes, const struct set *rest)
{
	const size_t count = lanes + (rest->deaths != 0) + (chart->findings->lost_times != 0);
	const double height = TOP + (double)count * LANE_HEIGHT;
	struct html *html = chart->html;

	html_put(html, "<svg role=\"img\" aria-label=\"Deaths by time, a lane for each "
		       "owner\" viewBox=\"0 0 1000 ");
	html_real(html, height);
	html_put(html, "\"><title>Deaths by time, a lane for each owner"
		       "</title>\n");
	put_gaps(chart, height);
	put_ticks(chart, height);
	for (size_t i = 0; i < lanes; i++)
		put_lane(chart, i, chart->findings->owners[i].name, chart->findings->owners[i].set);
	if (rest->deaths)
		put_lane(chart, lanes, "all other owners", rest);
	if (chart->findings->lost_times)
		put_losses(chart, count - 1);
	html_put(html, "</svg>\n");
}

void page_timeline(struct html *html, const struct findings *findings)
{
	const size_t lanes = findings->owner_count < LANES ? findings->owner_count : LANES;
	const double span_ns = (double)findings->until_ns - (double)findings->since_ns;
	struct chart chart = { html, findings, 1, span_ns };
	struct set rest;

	if (span_ns <= 0)
		return;
	rest_of(findings, lanes, &rest);
	chart.most = largest_of(&rest, chart.most);
	for (size_t i = 0; i < lanes; i++)
		chart.most = largest_of(findings->owners[i].set, chart.most);
	html_put(html, "<section aria-labelledby=\"timeline\">\n"
		       "<h2 id=\"timeline\">Timeline</h2>\n<div class=\"wide chart\">\n");
	put_svg(&chart, lanes, &rest);
	html_put(html, "</div>\n");
	put_key(&chart);
	html_put(html, "</section>\n");
}
