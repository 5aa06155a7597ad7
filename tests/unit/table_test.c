// SPDX-License-Identifier: BSD-2-Clause
/* Rows for people: their layouts, their colours, and that live and stored deaths have the same. */
#include "unit.h"

#include "stdout/printer.h"
#include "stdout/table.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "decode/decode.h"
#include "explain/explain.h"
#include "line/json_record.h"
#include "scenarios.h"
#include "stdout/cells.h"
#include "stdout/human.h"
#include "stdout/number_words.h"

#define NOW_NS 1700000000000000000
#define WINDOW_NS 1000000000ULL
#define ARROW "\xe2\x86\x91"
#define TIMES "\xc3\x97"
#define DOTS "\xe2\x80\xa6"

static char text[65536];

static const char *what_is_in(int fd)
{
	const ssize_t size = pread(fd, text, sizeof(text) - 1, 0);

	assert_true(size >= 0);
	text[size] = '\0';
	return text;
}

static int empty_file(void)
{
	const int fd = memfd_create("rows", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* `columns` NULL: no terminal. */
static struct screen screen_of(const char *columns)
{
	if (columns)
		assert_int_equal(setenv("COLUMNS", columns, 1), 0);
	return (struct screen){ .fd = empty_file(), .size_fd = columns ? 0 : -1, .past = true };
}

static const char *shown(const struct screen *screen, const char *const *lines, size_t count)
{
	struct table table;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	table_begin(screen, &table);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(table_death(&table, lines[i], strlen(lines[i]), NOW_NS), 0);
	table_done(&table);
	(void)what_is_in(screen->fd);
	assert_int_equal(close(screen->fd), 0);
	return text;
}

#define CRASH                                                                                \
	"{\"cause\":\"segfault\",\"class\":\"kernel\",\"victim\":{\"pid\":1139,"             \
	"\"comm\":\"nginx\",\"age_seconds\":8400},\"fault\":{\"address\":\"0x8\","           \
	"\"access\":\"read\",\"kind\":\"null-dereference\",\"module\":\"ngx_http_geo2.so\"," \
	"\"module_offset\":\"0x1139\"},\"kubernetes\":{\"namespace\":\"shop\","              \
	"\"pod\":\"web-6d4cf56db6-x7k2p-with-a-long-name\",\"container\":\"app\"}"

static const char *const crash[] = { CRASH "}" };

static void test_no_terminal(void **state)
{
	const struct screen screen = screen_of(NULL);

	(void)state;
	assert_string_equal(
		shown(&screen, crash, 1),
		"2023-11-14 22:13:20 segfault            "
		"shop/web-6d4cf56db6-x7k2p-with-a-long-name:app nginx[1139]            2h20m   "
		"null-dereference read 0x8 in ngx_http_geo2.so+0x1139\n");
}

static void test_one_row(void **state)
{
	const struct screen screen = screen_of("140");

	(void)state;
	assert_string_equal(
		shown(&screen, crash, 1),
		"TIME                CAUSE               OWNER                    PROCESS            "
		"    AGE     REASON\n"
		"2023-11-14 22:13:20 segfault            shop/we" DOTS
		"-a-long-name:app nginx[1139] "
		"           2h20m   null-dereference read 0x8 in\n"
		"                                                                                "
		"                  ngx_http_geo2.so+0x1139\n");
}

static void test_two_rows(void **state)
{
	const struct screen screen = screen_of("100");

	(void)state;
	assert_string_equal(
		shown(&screen, crash, 1),
		"TIME                CAUSE               OWNER                                PROCESS "
		"/ REASON\n"
		"2023-11-14 22:13:20 segfault            shop/web-6d" DOTS
		"k2p-with-a-long-name:app nginx[1139]\n"
		"         null-dereference read 0x8 in ngx_http_geo2.so+0x1139\n");
}

static void test_narrow(void **state)
{
	const struct screen screen = screen_of("50");

	(void)state;
	assert_string_equal(shown(&screen, crash, 1),
			    "TIME                CAUSE OWNER / PROCESS REASON\n"
			    "2023-11-14 22:13:20 segfault shop/w" DOTS "-long-name:app\n"
			    " nginx[1139] null-dereference read 0x8 in\n"
			    "   ngx_http_geo2.so+0x1139\n");
}

/* Nothing goes beyond the width, however small it is, except the time and the cause. */
static void test_tiny(void **state)
{
	static const char *const widths[] = { "1", "2", "5", "12", "13", "20", "27", "39" };

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		const struct screen screen = screen_of(widths[i]);
		char *line = strtok((char *)shown(&screen, crash, 1), "\n");
		unsigned int lines = 0;

		for (; line; line = strtok(NULL, "\n"))
			if (lines++)
				assert_true(cells_of(line) <= strtoul(widths[i], NULL, 10) + 1);
		assert_true(lines >= 3);
	}
}

static void test_wide(void **state)
{
	struct screen screen = screen_of("80");

	(void)state;
	screen.wishes.wide = true;
	screen.wishes.no_legend = true;
	(void)shown(&screen, crash, 1);
	assert_int_equal(strchr(text, '\n') - text, (ssize_t)strlen(text) - 1);
	assert_non_null(strstr(text, "shop/web-6d4cf56db6-x7k2p-with-a-long-name:app"));
}

static void test_colors(void **state)
{
	static const struct {
		const char *line, *begins;
	} cases[] = {
		{ "{\"cause\":\"oops\",\"class\":\"kernel\"}", "\033[1;31moops\033[0m" },
		{ "{\"cause\":\"sigkill\",\"class\":\"userspace\"}", "\033[33msigkill\033[0m" },
		{ "{\"cause\":\"runtime-crash\",\"class\":\"runtime\"}",
		  "\033[35mruntime-crash\033[0m" },
		{ "{\"cause\":\"signal\",\"class\":\"userspace\",\"routine\":true}",
		  "\033[2msignal\033[0m" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct screen screen = screen_of(NULL);

		screen.color = true;
		assert_non_null(strstr(shown(&screen, &cases[i].line, 1), cases[i].begins));
		assert_non_null(strstr(text, "\033[1m?\033[0m"));
	}
}

#define REPEATS                                                                      \
	",\"repeats\":{\"count\":1204,\"first\":\"2023-11-14T22:13:20.000000000Z\"," \
	"\"last\":\"2023-11-14T22:13:21.040000000Z\",\"last_id\":\"b-9\",\"last_pid\":24017}}"

static void test_repeats(void **state)
{
	static const char *const lines[] = { CRASH "}", CRASH REPEATS };
	struct screen screen = screen_of("140");

	(void)state;
	assert_non_null(strstr(shown(&screen, lines, 2), "\n2023-11-14 22:13:20   " ARROW " " TIMES
							 "1,204 more in 1.0s (last pid 24017)\n"));
	/* not below another row, and not where lines are searched */
	screen = screen_of("200");
	assert_non_null(strstr(shown(&screen, lines + 1, 1), " (and 1,203 more in 1.0s)\n"));
	screen = screen_of(NULL);
	assert_non_null(strstr(shown(&screen, lines, 2), " (and 1,203 more in 1.0s)\n"));
}

static void test_legend(void **state)
{
	const char *lines[41];
	const struct screen screen = screen_of("200");

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		lines[i] = crash[0];
	(void)shown(&screen, lines, COUNT(lines));
	assert_non_null(strstr(text, "\nTIME "));
	assert_null(strstr(strstr(text, "\nTIME ") + 1, "\nTIME "));
}

static void test_evidence(void **state)
{
	static const char *const lines[] = {
		"{\"cause\":\"segfault\",\"summary\":\"x died\",\"prior_signals\":[{\"name\":"
		"\"SIGTERM\",\"seconds_before\":3.0,\"handled\":true,\"sender\":{\"pid\":1,"
		"\"comm\":\"systemd\"}}],\"kernel_stack\":[\"f+0x1\"],\"user_stack\":[{"
		"\"build_id\":\"98cd\",\"offset\":\"0x1139\"},{\"gap\":2}]}",
	};
	struct screen screen = screen_of(NULL);

	(void)state;
	screen.wishes.evidence = screen.wishes.stack = true;
	assert_non_null(
		strstr(shown(&screen, lines, 1),
		       "\n           summary     x died\n"
		       "           before      SIGTERM 3.0 s before from systemd[1], handled\n"
		       "           user        98cd+0x1139\n"
		       "           user        (2 frames without a build id)\n"
		       "           kernel      f+0x1\n"));
}

static void test_days(void **state)
{
	struct screen screen = screen_of("200");
	struct table table;
	const int64_t now_ns = (int64_t)time(NULL) * 1000000000;

	(void)state;
	screen.past = false;
	table_begin(&screen, &table);
	assert_int_equal(table_death(&table, crash[0], strlen(crash[0]), now_ns), 0);
	assert_int_equal(table_death(&table, crash[0], strlen(crash[0]), NOW_NS), 0);
	table_done(&table);
	(void)what_is_in(screen.fd);
	assert_int_equal(close(screen.fd), 0);
	/* at midnight the first of them may be of yesterday */
	assert_non_null(strchr(strchr(text, '\n') + 1, ':'));
	assert_non_null(strstr(text, "\n2023-11-14 22:13:20 segfault "));
}

static const struct origin origin = { .boot_id = "11111111-2222-3333-4444-555555555555",
				      .node = "node-1" };

/* What the live stream prints, and what the history prints of its line. */
static void compare(const struct scenario *scenario)
{
	static struct record_builder builder;
	static struct attribution whose;
	static struct report report;
	static struct death death;
	const struct screen live = screen_of(NULL), past = screen_of(NULL);
	struct printer *printer = printer_human_new(&live);
	struct table table;
	struct frame frame;
	json_t *record;
	size_t size;
	char *line, first[8192];
	unsigned int written;

	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	memset(&whose, 0, sizeof(whose));
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	assert_int_equal(printer->ops->death(printer, &report), 0);
	assert_int_equal(lines_write(printer->lines, &written), 0);
	assert_int_equal(written, 1);
	printer_free(printer);
	(void)snprintf(first, sizeof(first), "%s", what_is_in(live.fd));
	line = json_record_of_death(&report, &size);
	record = json_loads(line, 0, NULL);
	table_begin(&past, &table);
	assert_int_equal(
		table_record(&table, record,
			     (int64_t)(death.record.time_ns + (uint64_t)death.realtime_offset_ns)),
		0);
	table_done(&table);
	assert_string_equal(what_is_in(past.fd), first);
	assert_non_null(strstr(first, "[4711]"));
	json_decref(record);
	free(line);
	assert_int_equal(close(live.fd), 0);
	assert_int_equal(close(past.fd), 0);
}

static void test_live_and_stored(void **state)
{
	static const struct {
		const struct scenario *scenarios;
		size_t count;
	} families[] = {
		{ page_fault_scenarios, COUNT(page_fault_scenarios) },
		{ trap_scenarios, COUNT(trap_scenarios) },
		{ seccomp_scenarios, COUNT(seccomp_scenarios) },
		{ rlimit_scenarios, COUNT(rlimit_scenarios) },
		{ oom_scenarios, COUNT(oom_scenarios) },
		{ sigkill_scenarios, COUNT(sigkill_scenarios) },
		{ signal_scenarios, COUNT(signal_scenarios) },
		{ runtime_scenarios, COUNT(runtime_scenarios) },
		{ prior_scenarios, COUNT(prior_scenarios) },
		{ root_scenarios, COUNT(root_scenarios) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(families); i++)
		for (size_t j = 0; j < families[i].count; j++)
			compare(&families[i].scenarios[j]);
}

static void test_cells(void **state)
{
	char elided[64];

	(void)state;
	cells_begin();
	assert_int_equal(cells_of("abc"), 3);
	assert_int_equal(cells_of("\xe6\xbc\xa2\xe5\xad\x97"), 4);
	assert_int_equal(cells_of("e\xcc\x81"), 1);
	assert_int_equal(cells_fit("\xe6\xbc\xa2\xe5\xad\x97", 3), 3);
	cells_elide("abcdefghij", 10, elided, sizeof(elided));
	assert_string_equal(elided, "abcdefghij");
	cells_elide("abcdefghij", 7, elided, sizeof(elided));
	assert_string_equal(elided, "ab" DOTS "ghij");
	cells_elide("abcdefghij", 1, elided, sizeof(elided));
	assert_string_equal(elided, DOTS);
	cells_elide("abcdefghij", 0, elided, sizeof(elided));
	assert_string_equal(elided, "");
}

static void test_numbers(void **state)
{
	char words[NUMBER_WORDS_SIZE], age[ROW_AGE_SIZE];
	static const struct {
		double seconds;
		const char *text;
	} ages[] = { { 0.0004, "0.0s" },     { 1.5, "1.5s" },   { 42.9, "42s" },
		     { 185, "3m05s" },       { 8400, "2h20m" }, { 86400.0 * 12 + 10800, "12d03h" },
		     { 1e300, "11574d01h" }, { -1.5, "?" } };

	(void)state;
	assert_string_equal(number_words(0, words), "0");
	assert_string_equal(number_words(999, words), "999");
	assert_string_equal(number_words(1204, words), "1,204");
	assert_string_equal(number_words(UINT64_MAX, words), "18,446,744,073,709,551,615");
	for (size_t i = 0; i < COUNT(ages); i++) {
		row_age(ages[i].seconds, age);
		assert_string_equal(age, ages[i].text);
	}
}

/* What one rule shows between two equal deaths. */
static const char *shown_with_rule(const struct screen *screen, const struct waited *waited)
{
	static const char more[] = CRASH ",\"repeats\":{\"count\":2}}";
	struct table table;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	table_begin(screen, &table);
	assert_int_equal(table_death(&table, crash[0], strlen(crash[0]), NOW_NS), 0);
	assert_int_equal(table_rule(&table, waited), 0);
	assert_int_equal(table_death(&table, more, strlen(more), NOW_NS), 0);
	table_done(&table);
	(void)what_is_in(screen->fd);
	assert_int_equal(close(screen->fd), 0);
	return text;
}

static void test_rule(void **state)
{
	const struct waited armed = { .how = "armed", .deaths = 1204, .first_ns = NOW_NS };
	const struct waited pinned = { .how = "pinned", .deaths = 1, .first_ns = NOW_NS };
	const struct screen narrow = screen_of("30"), nowhere = screen_of(NULL),
			    wide = screen_of("100");
	struct printer *printer = printer_human_new(&nowhere);

	(void)state;
	assert_null(printer->ops->rule);
	printer->ops->free(printer);
	assert_int_equal(close(nowhere.fd), 0);
	assert_int_equal(setenv("COLUMNS", "100", 1), 0);
	(void)shown_with_rule(&wide, &armed);
	assert_non_null(strstr(text, "\n-- 1,204 deaths waited since 2023-11-14 22:13:20 (armed) "
				     "--\n2023-11-14 "));
	/* the row below it is no repeat of the row above */
	assert_null(strstr(text, ARROW));
	assert_int_equal(setenv("COLUMNS", "30", 1), 0);
	(void)shown_with_rule(&narrow, &pinned);
	assert_non_null(strstr(text, "\n-- 1 death waited since\n   2023-11-14 22:13:20\n"
				     "   (pinned) --\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_terminal), cmocka_unit_test(test_one_row),
		cmocka_unit_test(test_two_rows),    cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_tiny),        cmocka_unit_test(test_wide),
		cmocka_unit_test(test_colors),      cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_legend),      cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_days),        cmocka_unit_test(test_live_and_stored),
		cmocka_unit_test(test_cells),       cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
