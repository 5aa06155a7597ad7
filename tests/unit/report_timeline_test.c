// SPDX-License-Identifier: BSD-2-Clause
/* The chart of a report: how high and wide its bars are, and where they and the times stand. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "report/page_parts.h"

/* 2023-11-14 22:00:00; a bar stands for one second. */
#define BEGIN_NS (1699999200 * NS_PER_S)

static struct findings findings;
static struct set set;

/* The chart of these findings, which is to be freed. */
static char *draw(void)
{
	struct html html = { 0 };

	page_timeline(&html, &findings);
	buffer_add(&html.out, "", 1);
	assert_false(html.out.failed);
	return html.out.text;
}

static void put_deaths(int bin, enum set_class class, uint32_t deaths)
{
	set.bins[bin][class] += deaths;
	findings.whole.bins[bin][class] += deaths;
	set.deaths += deaths;
	findings.whole.deaths += deaths;
}

static int begin(void **state)
{
	static char name[] = "a.service";

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	memset(&findings, 0, sizeof(findings));
	memset(&set, 0, sizeof(set));
	findings.since_ns = BEGIN_NS;
	findings.until_ns = BEGIN_NS + SET_BINS * NS_PER_S;
	findings.owners[0] = (struct finding_owner){ .set = &set, .name = name };
	findings.owner_count = 1;
	return 0;
}

/* One death has 4 + 20 / log2(most + 1); between powers of two it is linear. All stand on the line
 * of their lane. */
static void test_bars(void **state)
{
	static const char *const bars[] = {
		"<rect class=\"kernel\" x=\"0.5\" y=\"56.3\" width=\"9.4\" height=\"10.7\"><title>"
		"1 death from 2023-11-14 22:00:00 to 2023-11-14 22:00:01</title></rect>\n",
		"<rect class=\"runtime\" x=\"10.9\" y=\"53.0\" width=\"9.4\" height=\"14.0\"><title>"
		"2 deaths from 2023-11-14 22:00:01 to 2023-11-14 22:00:02</title></rect>\n",
		"<rect class=\"process\" x=\"990.1\" y=\"43.0\" width=\"9.4\" height=\"24.0\"><title>"
		"7 deaths from 2023-11-14 22:01:35 to 2023-11-14 22:01:36</title></rect>\n",
	};
	char *chart;

	(void)state;
	put_deaths(0, SET_KERNEL, 1);
	put_deaths(1, SET_RUNTIME, 2);
	put_deaths(95, SET_USERSPACE, 4);
	put_deaths(95, SET_KERNEL, 3);
	chart = draw();
	for (size_t i = 0; i < COUNT(bars); i++)
		if (!strstr(chart, bars[i]))
			fail_msg("%s is not in %s", bars[i], chart);
	assert_non_null(strstr(chart, "the highest bar stands for 7 deaths."));
	free(chart);
}

/* Times stand at whole steps, their lines between them and the lanes. */
static void test_times(void **state)
{
	static const char *const times[] = {
		"<line class=\"rule\" x1=\"0.0\" y1=\"18.0\" x2=\"0.0\" y2=\"70.0\"/>\n"
		"<text class=\"soft\" x=\"0.0\" y=\"13\">22:00:00</text>\n",
		"<line class=\"rule\" x1=\"156.2\" y1=\"18.0\" x2=\"156.2\" y2=\"70.0\"/>\n"
		"<text class=\"soft\" x=\"156.2\" y=\"13\">22:00:15</text>\n",
		"<line class=\"rule\" x1=\"937.5\" y1=\"18.0\" x2=\"937.5\" y2=\"70.0\"/>\n"
		"<text class=\"soft\" x=\"937.5\" y=\"13\">22:01:30</text>\n",
	};
	char *chart;

	(void)state;
	put_deaths(0, SET_KERNEL, 1);
	chart = draw();
	for (size_t i = 0; i < COUNT(times); i++)
		if (!strstr(chart, times[i]))
			fail_msg("%s is not in %s", times[i], chart);
	assert_null(strstr(chart, "22:01:45"));
	free(chart);
}

/* Owners without a lane share one, and reports of losses have the last. */
static void test_lanes(void **state)
{
	char *chart, *lane;

	(void)state;
	put_deaths(2, SET_KERNEL, 1);
	findings.whole.bins[3][SET_RUNTIME] = 5;
	findings.whole.deaths += 5;
	findings.lost_bins[4] = 2;
	findings.lost_times = 2;
	chart = draw();
	assert_non_null(strstr(chart, "viewBox=\"0 0 1000 162.0\""));
	lane = strstr(chart, "<text x=\"0\" y=\"84.0\">all other owners</text>");
	assert_non_null(lane);
	assert_non_null(strstr(lane, "<rect class=\"runtime\" x=\"31.8\" y=\"89.0\""));
	assert_null(strstr(lane, "class=\"kernel\" x"));
	lane = strstr(chart, "<text x=\"0\" y=\"130.0\">Losses were reported</text>");
	assert_non_null(lane);
	assert_non_null(strstr(lane, "<rect class=\"other\" x=\"42.2\" y=\"145.0\" width=\"9.4\" "
				     "height=\"14\"><title>2 reports of losses</title>"));
	free(chart);
}

static void test_no_time(void **state)
{
	struct html html = { 0 };

	(void)state;
	findings.until_ns = findings.since_ns;
	page_timeline(&html, &findings);
	assert_int_equal(html.out.size, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bars, begin),
		cmocka_unit_test_setup(test_times, begin),
		cmocka_unit_test_setup(test_lanes, begin),
		cmocka_unit_test_setup(test_no_time, begin),
	};

	return cmocka_run_group_tests_name("report_timeline", tests, NULL, NULL);
}
