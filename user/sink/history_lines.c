// SPDX-License-Identifier: BSD-2-Clause
#include "sink/history_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "explain/report.h"
#include "sink/history_row.h"
#include "sink/output.h"
#include "source/losses.h"

#define CLOCK_SIZE 32
#define CAUSE_SIZE 64

/* Local time, as the live stream has it; in a history the day matters. */
static void write_time(int64_t realtime_ns, char ret_text[CLOCK_SIZE])
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(ret_text, CLOCK_SIZE, "%Y-%m-%d %H:%M:%S", &tm))
		(void)snprintf(ret_text, CLOCK_SIZE, "unknown time");
}

static const char *color_of(const struct history_row *row)
{
	const char *class = json_string_value(json_object_get(row->json, "class"));

	if (row->told.routine)
		return "\033[2m";
	return class && !strcmp(class, "kernel") ? "\033[31m" : "\033[33m";
}

/* Made safe once when it was stored; but a database is a file that others may have written. */
static int write_death(int fd, bool color, const struct history_row *row, const char *clock)
{
	char cause[CAUSE_SIZE], summary[SUMMARY_SIZE];
	AUTO_FREE char *line = NULL;
	int length;

	text_for_terminal_again(row->told.cause, cause, sizeof(cause));
	text_for_terminal_again(row->summary, summary, sizeof(summary));
	length = asprintf(&line, "%s %s%-19s%s %s\n", clock, color ? color_of(row) : "", cause,
			  color ? "\033[0m" : "", summary);
	return length < 0 ? -ENOMEM : output_write(fd, line, (size_t)length);
}

static int write_losses(int fd, const json_t *lost, const char *clock)
{
	for (int i = 0; i < LOSS_COUNT; i++) {
		const json_t *count = json_object_get(lost, loss_name((enum loss)i));
		char line[256];
		int length, error;

		if (!json_is_integer(count))
			continue;
		length = snprintf(line, sizeof(line), "%s %-19s %" PRIu64 " %s\n", clock, "LOST",
				  (uint64_t)json_integer_value(count),
				  loss_meaning((enum loss)i, (uint64_t)json_integer_value(count)));
		error = output_write(fd, line, (size_t)length);
		if (error)
			return error;
	}
	return 0;
}

int history_lines_write(int fd, bool color, const char *line, int64_t realtime_ns)
{
	struct history_row row;
	char clock[CLOCK_SIZE];
	int error;

	if (!history_row_read(line, strlen(line), &row))
		return 0;
	write_time(realtime_ns, clock);
	error = row.is_death ? write_death(fd, color, &row, clock)
			     : write_losses(fd, json_object_get(row.json, "lost"), clock);
	history_row_done(&row);
	return error;
}
