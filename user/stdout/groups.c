// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/groups.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "line/json_line.h"
#include "line/json_peek.h"
#include "line/reason.h"
#include "stdout/cells.h"
#include "stdout/number_words.h"
#include "stdout/row.h"
#include "stdout/row_clock.h"
#include "stdout/sheet.h"

struct group {
	char *key;
	char *newest, *newest_id; /* its last death */
	uint64_t deaths;
	int64_t first_ns, last_ns, newest_ns;
};

struct groups {
	enum group_by by;
	void *tree; /* by key, of tsearch(3) */
	struct group **list;
	size_t count, room;
	uint64_t deaths;
};

static const char *const names[] = {
	[GROUP_BY_CAUSE] = "cause",
	[GROUP_BY_OWNER] = "owner",
	[GROUP_BY_COMM] = "comm",
	[GROUP_BY_WHERE] = "where",
	[GROUP_BY_FINGERPRINT] = "fingerprint",
};

const char *group_by_name(enum group_by by)
{
	return names[by];
}

enum group_by group_by_of(const char *name)
{
	unsigned int by = 0;

	while (by < GROUP_BY_COUNT && strcmp(names[by], name) != 0)
		by++;
	return (enum group_by)by;
}

struct groups *groups_new(enum group_by by)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (groups)
		groups->by = by;
	return groups;
}

static void group_free(struct group *group)
{
	if (!group)
		return;
	free(group->key);
	free(group->newest);
	free(group->newest_id);
	free(group);
}

static int compare_keys(const void *a, const void *b)
{
	const struct group *one = a, *other = b;

	return strcmp(one->key, other->key);
}

static void keep_node(void *node)
{
	(void)node;
}

void groups_free(struct groups *groups)
{
	if (!groups)
		return;
	tdestroy(groups->tree, keep_node);
	for (size_t i = 0; i < groups->count; i++)
		group_free(groups->list[i]);
	free(groups->list);
	free(groups);
}

static char *comm_of(const struct json_walk_value *record)
{
	const struct json_walk_value victim = json_walk_member(record, "victim");

	return json_peek_text(&victim, "comm");
}

/* "segfault in zoo+0x7976" */
static char *where_of(const struct row *row)
{
	char where[REASON_SIZE];
	char *text = NULL;

	reason_where(&row->record, where);
	return asprintf(&text, "%s%s%s", row->cause, *where ? " " : "", where) < 0 ? NULL : text;
}

/* What is absent is a group of its own, "?". NULL: no memory. */
static char *key_of(enum group_by by, const struct row *row)
{
	char *key = NULL;

	switch (by) {
	case GROUP_BY_CAUSE:
		return strdup(row->cause);
	case GROUP_BY_OWNER:
		return strdup(row->owner);
	case GROUP_BY_WHERE:
		return where_of(row);
	case GROUP_BY_COMM:
		key = comm_of(&row->record);
		break;
	case GROUP_BY_FINGERPRINT:
		key = json_peek_text(&row->record, "fingerprint");
		break;
	case GROUP_BY_COUNT:
		break;
	}
	return key ? key : strdup("?");
}

static bool insert(struct groups *groups, struct group *group)
{
	if (groups->count == groups->room) {
		const size_t room = groups->room ? groups->room * 2 : 64;
		struct group **bigger = reallocarray(groups->list, room, sizeof(struct group *));

		if (!bigger)
			return false;
		groups->list = bigger;
		groups->room = room;
	}
	if (!tsearch(group, &groups->tree, compare_keys))
		return false;
	groups->list[groups->count++] = group;
	return true;
}

/* Takes over the key. NULL: no memory. */
static struct group *new_group(struct groups *groups, char *key)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group) {
		free(key);
		return NULL;
	}
	*group = (struct group){
		.key = key, .first_ns = INT64_MAX, .last_ns = INT64_MIN, .newest_ns = INT64_MIN
	};
	if (insert(groups, group))
		return group;
	group_free(group);
	return NULL;
}

static struct group *find(struct groups *groups, const struct row *row)
{
	char *key = key_of(groups->by, row);
	struct group *const *found;

	if (!key)
		return NULL;
	found = tfind(&(struct group){ .key = key }, &groups->tree, compare_keys);
	if (!found)
		return new_group(groups, key);
	free(key);
	return *found;
}

/* What the key does not say already. */
static char *words_of(enum group_by by, const struct row *row)
{
	char *words = NULL;
	int length;

	if (by == GROUP_BY_OWNER)
		length = asprintf(&words, "%s %s %s", row->cause, row->process, row->reason);
	else if (by == GROUP_BY_CAUSE || by == GROUP_BY_WHERE)
		length = asprintf(&words, "%s %s %s", row->owner, row->process, row->reason);
	else
		length = asprintf(&words, "%s %s %s %s", row->cause, row->owner, row->process,
				  row->reason);
	return length < 0 ? NULL : words;
}

static bool note_newest(struct group *group, enum group_by by, const struct row *row,
			int64_t last_ns)
{
	if (last_ns < group->newest_ns)
		return true;
	group->newest_ns = last_ns;
	free(group->newest);
	free(group->newest_id);
	group->newest_id = json_peek_text(&row->record, "id");
	group->newest = words_of(by, row);
	return group->newest != NULL;
}

int groups_add(struct groups *groups, const char *line, uint64_t deaths, int64_t first_ns,
	       int64_t last_ns)
{
	struct group *group;
	struct row row;
	int error = row_of_line(line, strlen(line), &row);

	if (error)
		return error;
	group = find(groups, &row);
	if (!group || !note_newest(group, groups->by, &row, last_ns))
		error = -ENOMEM;
	row_done(&row);
	if (error)
		return error;
	group->deaths += deaths;
	groups->deaths += deaths;
	if (first_ns < group->first_ns)
		group->first_ns = first_ns;
	if (last_ns > group->last_ns)
		group->last_ns = last_ns;
	return 0;
}

uint64_t groups_deaths(const struct groups *groups)
{
	return groups->deaths;
}

/* The largest first; of equal ones, the latest. */
static int compare_sizes(const void *a, const void *b)
{
	const struct group *const *one = a, *const *other = b;

	if ((*one)->deaths != (*other)->deaths)
		return (*one)->deaths < (*other)->deaths ? 1 : -1;
	if ((*one)->last_ns != (*other)->last_ns)
		return (*one)->last_ns < (*other)->last_ns ? 1 : -1;
	return strcmp((*one)->key, (*other)->key);
}

static size_t sort(struct groups *groups, unsigned long most)
{
	if (groups->count)
		qsort(groups->list, groups->count, sizeof(struct group *), compare_sizes);
	return most && most < groups->count ? most : groups->count;
}

enum { COUNT_CELLS = 9, RATE_CELLS = 9, LONGEST_KEY = 48 };

/* Over the time from the first to the last; "": there is one moment only. */
static void write_rate(const struct group *group, char ret[NUMBER_RATE_SIZE])
{
	*ret = '\0';
	if (group->deaths > 1)
		number_rate_words(group->deaths,
				  (double)(group->last_ns - group->first_ns) / (double)NS_PER_S,
				  ret);
}

static void put_column(struct sheet *sheet, enum paint paint, const char *text, size_t cells)
{
	sheet_put(sheet, paint, text, cells);
	sheet_blanks(sheet, 2);
}

static void put_count(struct sheet *sheet, enum paint paint, const char *count)
{
	sheet_blanks(sheet, strlen(count) < COUNT_CELLS ? COUNT_CELLS - strlen(count) : 0);
	put_column(sheet, paint, count, 0);
}

/* The widths of its columns. */
struct shape {
	size_t clock, key, width;
};

static struct shape shape_of(const struct groups *groups, const struct screen *screen, size_t count)
{
	struct shape shape = { .key = strlen("FINGERPRINT"), .width = screen_width(screen) };
	char clock[ROW_CLOCK_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct group *group = groups->list[i];
		const size_t key = cells_of(group->key);

		row_clock(screen, group->first_ns, clock);
		if (strlen(clock) > shape.clock)
			shape.clock = strlen(clock);
		if (key > shape.key)
			shape.key = key < LONGEST_KEY ? key : LONGEST_KEY;
	}
	return shape;
}

static void put_legend(struct sheet *sheet, const struct shape *shape, enum group_by by)
{
	static const char *const titles[] = {
		[GROUP_BY_CAUSE] = "CAUSE",
		[GROUP_BY_OWNER] = "OWNER",
		[GROUP_BY_COMM] = "COMM",
		[GROUP_BY_WHERE] = "WHERE",
		[GROUP_BY_FINGERPRINT] = "FINGERPRINT",
	};

	put_count(sheet, PAINT_DIM, "COUNT");
	put_column(sheet, PAINT_DIM, "FIRST", shape->clock);
	put_column(sheet, PAINT_DIM, "LAST", shape->clock);
	put_column(sheet, PAINT_DIM, "RATE", RATE_CELLS);
	put_column(sheet, PAINT_DIM, titles[by], shape->key);
	sheet_put(sheet, PAINT_DIM, "NEWEST", 0);
	sheet_end_line(sheet);
}

static void put_group(struct sheet *sheet, const struct group *group, const struct shape *shape,
		      const struct screen *screen)
{
	char count[NUMBER_WORDS_SIZE], clock[ROW_CLOCK_SIZE], rate[NUMBER_RATE_SIZE];
	char key[4 * LONGEST_KEY + 1024];

	put_count(sheet, PAINT_NONE, number_words(group->deaths, count));
	row_clock(screen, group->first_ns, clock);
	put_column(sheet, PAINT_NONE, clock, shape->clock);
	row_clock(screen, group->last_ns, clock);
	put_column(sheet, PAINT_NONE, clock, shape->clock);
	write_rate(group, rate);
	put_column(sheet, PAINT_NONE, rate, RATE_CELLS);
	text_for_terminal_again(group->key, key, sizeof(key));
	if (shape->width)
		cells_elide(group->key, shape->key, key, sizeof(key));
	put_column(sheet, PAINT_BOLD, key, shape->key);
	/* it has a line of its own where little is left of this one */
	if (shape->width && sheet->column + LONGEST_KEY / 2 > shape->width) {
		sheet_end_line(sheet);
		sheet_blanks(sheet, COUNT_CELLS + 2);
	}
	sheet_wrap(sheet, group->newest, shape->width, sheet->column + 2);
}

int groups_print(struct groups *groups, const struct screen *screen, unsigned long most)
{
	struct sheet sheet = { .color = screen->color };
	const size_t count = sort(groups, most);
	const struct shape shape = shape_of(groups, screen, count);

	if (screen->size_fd >= 0 && !screen->wishes.no_legend && count)
		put_legend(&sheet, &shape, groups->by);
	for (size_t i = 0; i < count; i++)
		put_group(&sheet, groups->list[i], &shape, screen);
	return sheet_write(&sheet, screen->fd);
}

static char *line_of(const struct group *group, enum group_by by, size_t *ret_size)
{
	struct json_line line;

	json_line_begin(&line);
	json_line_text(&line, "group_by", group_by_name(by));
	json_line_text(&line, "key", group->key);
	json_line_number(&line, "count", group->deaths);
	json_line_time(&line, "first", group->first_ns);
	json_line_time(&line, "last", group->last_ns);
	json_line_text(&line, "newest_id", group->newest_id);
	return json_line_end(&line, ret_size);
}

int groups_print_json(struct groups *groups, int fd, unsigned long most)
{
	const size_t count = sort(groups, most);
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		size_t size = 0;
		AUTO_FREE char *line = line_of(groups->list[i], groups->by, &size);

		error = line ? output_write(fd, line, size) : -ENOMEM;
	}
	return error;
}
