// SPDX-License-Identifier: BSD-2-Clause
/* The full screen without a terminal: what its model counts and forgets, what keys do, and what is
 * drawn into a grid of any size. */
#include "unit.h"

#include "top/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "stdout/cells.h"

#define SECOND ((uint64_t)NS_PER_S)
#define START (1000 * SECOND)
#define WIDEST 300
#define TALLEST 100

static struct top_snapshot snapshot;

static void add(struct top_model *model, const char *owner, const char *cause, uint64_t deaths,
		uint64_t second)
{
	char line[1024];
	const struct top_news news = {
		.line = line,
		.size = (size_t)snprintf(
			line, sizeof(line),
			"{\"schema\":1,\"cause\":\"%s\",\"class\":\"kernel\",\"summary\":\"s\","
			"\"victim\":{\"pid\":7,\"comm\":\"%s\"},\"cgroup\":{\"path\":\"/%s\"}}",
			cause, owner, owner),
		.deaths = deaths,
		.first_ns = (int64_t)(second * SECOND),
		.last_ns = (int64_t)(second * SECOND),
		.counts = true,
		.is_listed = true,
	};

	assert_int_equal(top_model_add(model, &news, START + second * SECOND), 0);
}

static void counts_deaths_by_owner_and_cause(void **state)
{
	struct top_model *model = top_model_new();
	char *line;

	(void)state;
	add(model, "a", "segfault", 1, 0);
	add(model, "b", "oom-memcg", 5, 1);
	add(model, "a", "sigkill", 2, 2);
	add(model, "a", "a-cause-of-tomorrow", 1, 3);
	top_model_look(model, START + 3 * SECOND, &snapshot);
	assert_int_equal(snapshot.deaths, 9);
	assert_int_equal(snapshot.owner_count, 2);
	assert_string_equal(snapshot.owners[0].name, "/a");
	assert_int_equal(snapshot.owners[0].deaths, 4);
	assert_int_equal(snapshot.owners[0].causes[CAUSE_SIGKILL], 2);
	assert_int_equal(snapshot.owners[0].causes[CAUSE_COUNT], 1);
	assert_int_equal(snapshot.causes[CAUSE_OOM_MEMCG], 5);
	assert_int_equal(snapshot.death_count, 4);
	assert_string_equal(snapshot.list[0].cause, "a-cause-of-tomorrow");
	assert_string_equal(snapshot.list[3].cause, "segfault");
	line = top_model_line_of_death(model, snapshot.list[2].number);
	assert_non_null(strstr(line, "oom-memcg"));
	free(line);
	line = top_model_line_of_owner(model, snapshot.owners[0].id);
	assert_non_null(strstr(line, "tomorrow"));
	free(line);
	assert_null(top_model_line_of_death(model, 0));
	assert_null(top_model_line_of_death(model, 99));
	assert_null(top_model_line_of_owner(model, 1));
	top_model_free(model);
}

static void rates_forget_what_is_old(void **state)
{
	struct top_model *model = top_model_new();

	(void)state;
	add(model, "a", "segfault", 100, 0);
	add(model, "a", "segfault", 10, 55);
	add(model, "a", "segfault", 1, 60);
	top_model_look(model, START + 60 * SECOND, &snapshot);
	assert_int_equal(snapshot.second, 1);
	assert_int_equal(snapshot.ten_seconds, 11);
	assert_int_equal(snapshot.minute, 11);
	assert_int_equal(snapshot.owners[0].minute, 11);
	top_model_look(model, START + 1000 * SECOND, &snapshot);
	assert_int_equal(snapshot.minute, 0);
	assert_int_equal(snapshot.deaths, 111);
	/* a clock that goes back, and more than fits */
	add(model, "a", "segfault", UINT64_MAX / 2, 0);
	top_model_look(model, START, &snapshot);
	assert_int_equal(snapshot.second, UINT32_MAX);
	top_model_free(model);
}

static void has_a_place_for_so_many_and_counts_the_rest(void **state)
{
	struct top_model *model = top_model_new();
	char owner[32];

	(void)state;
	add(model, "busy", "segfault", 1000, 0);
	for (unsigned int i = 0; i < 10000; i++) {
		(void)snprintf(owner, sizeof(owner), "owner-%u", i);
		add(model, owner, "sigkill", 1, 1 + i);
	}
	top_model_look(model, START, &snapshot);
	assert_int_equal(snapshot.deaths, 11000);
	assert_int_equal(snapshot.owner_count, TOP_OWNERS);
	assert_int_equal(snapshot.death_count, TOP_DEATHS);
	assert_int_equal(snapshot.missing.owners, 10001 - TOP_OWNERS);
	assert_int_equal(snapshot.missing.deaths, 10001 - TOP_OWNERS);
	assert_string_equal(snapshot.owners[0].name, "/busy");
	assert_string_equal(snapshot.list[0].owner, "/owner-9999");
	assert_string_equal(snapshot.list[TOP_DEATHS - 1].owner, "/owner-9800");
	/* the first has left the list, and its owner's newest is still there */
	assert_null(top_model_line_of_death(model, 1));
	free(top_model_line_of_owner(model, snapshot.owners[0].id));
	top_model_free(model);
}

static void survives_lines_that_are_none(void **state)
{
	static const char *const lines[] = { "", "{", "[]", "{\"schema\":1}", "{\"cause\":7}" };
	struct top_model *model = top_model_new();
	struct top_news news = { .deaths = 1, .counts = true, .is_listed = true };
	char *huge = malloc(TOP_LINE_MOST + 200);
	unsigned int bad = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		news.line = lines[i];
		news.size = strlen(lines[i]);
		bad += top_model_add(model, &news, START) == -EINVAL;
	}
	assert_true(bad >= 4);
	/* too long to keep: it counts, and cannot be explained */
	news.size = (size_t)sprintf(huge, "{\"cause\":\"oops\",\"x\":\"%*s\"}", TOP_LINE_MOST, "");
	news.line = huge;
	assert_int_equal(top_model_add(model, &news, START), 0);
	top_model_look(model, START, &snapshot);
	assert_int_equal(snapshot.missing.unreadable, bad);
	assert_string_equal(snapshot.list[0].cause, "oops");
	assert_null(top_model_line_of_death(model, snapshot.list[0].number));
	free(huge);
	top_model_free(model);
}

static char grid[TALLEST][WIDEST * 8];

/* Pens of pages draw from left to right, and only what fits. */
static void put(void *context, unsigned int row, unsigned int column, enum paint paint,
		bool is_reverse, const char *text)
{
	const struct top_pen *pen = context;

	(void)paint;
	(void)is_reverse;
	assert_true(row < pen->rows);
	assert_true(column + cells_of(text) <= pen->columns);
	for (const char *at = text; *at; at++)
		assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
	while (cells_of(grid[row]) < column)
		(void)strcat(grid[row], " ");
	(void)strcat(grid[row], text);
}

static void draw(struct top_look *look, unsigned int columns, unsigned int rows)
{
	const struct screen screen = { .size_fd = 0, .past = true };
	const struct top_title title = { "source", &screen, false };
	struct top_pen pen = { .put = put, .rows = rows, .columns = columns };

	pen.context = &pen;
	memset(grid, 0, sizeof(grid));
	top_look_at(look, &snapshot);
	top_page_draw(&pen, &title, &snapshot, look);
}

static bool is_drawn(const char *text)
{
	for (size_t i = 0; i < TALLEST; i++)
		if (strstr(grid[i], text))
			return true;
	return false;
}

static void fill(struct top_model *model)
{
	add(model, "old", "sigkill", 500, 0);
	add(model, "quiet", "segfault", 1, 1);
	add(model, "noisy", "oom-memcg", 30, 2);
	add(model, "evil\\u001b[2J\\n\\u009b1m\\u202e\\u5b57", "sigkill", 2, 3);
	top_model_add_losses(model, &(struct losses){ .count = { [LOSS_RING_FULL] = 7 } });
	top_model_set_hidden(model, 6, 2);
	top_model_look(model, START + 61 * SECOND, &snapshot);
}

static void draws_at_every_size(void **state)
{
	static const unsigned int sizes[] = { 1,  2,  3,  5,  11,  12,  13,  20,
					      24, 59, 60, 80, 139, 140, 200, 299 };
	struct top_model *model = top_model_new();
	struct top_look look = { 0 };

	(void)state;
	cells_begin();
	fill(model);
	for (size_t c = 0; c < 16; c++)
		for (size_t r = 0; r < 16; r++)
			for (int over = 0; over < 4; over++) {
				if (sizes[r] >= TALLEST)
					continue;
				look.over = (enum top_over)over;
				look.text = strdup(
					"a long line \xe5\xad\x97\xe5\xad\x97 of text\n\nend");
				draw(&look, sizes[c], sizes[r]);
				look.pane = (enum top_pane)(over & 1);
				draw(&look, sizes[c], sizes[r]);
				free(look.text);
			}
	top_model_free(model);
}

static void shows_what_there_is(void **state)
{
	struct top_model *model = top_model_new();
	struct top_look look = { 0 };

	(void)state;
	fill(model);
	draw(&look, 100, 24);
	assert_true(is_drawn("533 deaths LOSSES  source"));
	assert_true(is_drawn("lost 7 deaths that found no room in the ring buffer"));
	assert_true(is_drawn("minute 32; 4 owners, hidden 6 routine ends (--all), 2 filtered out"));
	assert_true(is_drawn("sigkill 502  oom-memcg 30  segfault 1"));
	assert_true(is_drawn("30    30/min "));
	draw(&look, 200, 24);
	assert_true(is_drawn("/evil\\x1b[2J"));
	top_model_free(model);
}

static const char *selected_owner(const struct top_look *look)
{
	return snapshot.owners[look->owners[top_look_selected(look, &snapshot, TOP_PANE_OWNERS)]]
		.name;
}

static enum top_action press(struct top_look *look, uint32_t key)
{
	const enum top_action action = top_look_key(look, &snapshot, key);

	draw(look, 100, 24);
	return action;
}

static void keys_move_sort_and_filter(void **state)
{
	struct top_model *model = top_model_new();
	struct top_look look = { 0 };

	(void)state;
	fill(model);
	draw(&look, 100, 24);
	/* "old" came more than a minute ago */
	assert_string_equal(selected_owner(&look), "/noisy");
	(void)press(&look, 's');
	assert_string_equal(selected_owner(&look), "/old");
	(void)press(&look, TOP_KEY_DOWN);
	assert_string_equal(selected_owner(&look), "/noisy");
	/* it stays selected where it goes */
	(void)press(&look, 's');
	(void)press(&look, 's');
	assert_string_equal(selected_owner(&look), "/noisy");
	(void)press(&look, 'G');
	assert_string_equal(selected_owner(&look), "/quiet");
	(void)press(&look, TOP_KEY_PAGE_DOWN);
	assert_string_equal(selected_owner(&look), "/quiet");
	(void)press(&look, 'g');
	(void)press(&look, '/');
	for (const char *at = "OOM"; *at; at++)
		(void)press(&look, (uint32_t)*at);
	assert_int_equal(look.owner_count, 1);
	assert_int_equal(press(&look, TOP_KEY_ENTER), TOP_GO_ON);
	assert_int_equal(press(&look, TOP_KEY_ENTER), TOP_EXPLAIN);
	/* nothing to explain where there are no rows */
	(void)press(&look, '/');
	(void)press(&look, 'x');
	(void)press(&look, '\n');
	assert_int_equal(look.owner_count, 0);
	assert_int_equal(press(&look, TOP_KEY_ENTER), TOP_GO_ON);
	assert_int_equal(press(&look, TOP_KEY_DOWN), TOP_GO_ON);
	assert_true(is_drawn("no row has the text"));
	(void)press(&look, TOP_KEY_ESCAPE);
	assert_int_equal(look.owner_count, 4);
	/* longer than its room, and characters that no row has */
	(void)press(&look, '/');
	for (int i = 0; i < 200; i++)
		(void)press(&look, i % 2 ? 'y' : 0x1f600);
	assert_int_equal(strlen(look.filter), TOP_FILTER_SIZE - 1);
	for (int i = 0; i < 100; i++)
		(void)press(&look, TOP_KEY_BACKSPACE);
	assert_int_equal(look.over, TOP_OVER_NOTHING);
	(void)press(&look, 'p');
	assert_true(is_drawn("PAUSED"));
	assert_int_equal(press(&look, 'q'), TOP_QUIT);
	top_model_free(model);
}

static void moves_in_a_text(void **state)
{
	struct top_model *model = top_model_new();
	struct top_look look = { 0 };
	char *text = calloc(1, 100 * 16);

	(void)state;
	fill(model);
	for (int i = 0; i < 100; i++)
		(void)sprintf(text + strlen(text), "line %d.\n", i);
	top_look_show(&look, text);
	draw(&look, 40, 11);
	assert_true(is_drawn("line 0."));
	assert_true(is_drawn("1-10 of 100 lines"));
	assert_false(is_drawn("line 10."));
	look.text_page = 10;
	(void)top_look_key(&look, &snapshot, ' ');
	draw(&look, 40, 11);
	assert_true(is_drawn("line 10."));
	(void)top_look_key(&look, &snapshot, 'G');
	draw(&look, 40, 11);
	assert_true(is_drawn("line 99."));
	assert_true(is_drawn("line 90."));
	/* it is shorter now than where it was */
	draw(&look, 40, 2);
	assert_int_equal(top_look_key(&look, &snapshot, 'q'), TOP_GO_ON);
	assert_null(look.text);
	assert_int_equal(look.over, TOP_OVER_NOTHING);
	top_look_done(&look);
	top_model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_deaths_by_owner_and_cause),
		cmocka_unit_test(rates_forget_what_is_old),
		cmocka_unit_test(has_a_place_for_so_many_and_counts_the_rest),
		cmocka_unit_test(survives_lines_that_are_none),
		cmocka_unit_test(draws_at_every_size),
		cmocka_unit_test(shows_what_there_is),
		cmocka_unit_test(keys_move_sort_and_filter),
		cmocka_unit_test(moves_in_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
