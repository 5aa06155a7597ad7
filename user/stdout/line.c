// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"

#define CLOCK_SIZE 32
#define WHAT_SIZE 64
#define LINE_SIZE (CLOCK_SIZE + WHAT_SIZE + SUMMARY_SIZE + 32)

static const char *color_of(const struct reported *reported)
{
	if (reported->routine)
		return "\033[2m";
	return !strcmp(reported_text(reported, REPORTED_CLASS), "kernel") ? "\033[31m" : "\033[33m";
}

static void write_time(int64_t realtime_ns, bool with_day, char ret_text[CLOCK_SIZE])
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	size_t size = 0;
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		size = with_day ? strftime(ret_text, CLOCK_SIZE, "%Y-%m-%d %H:%M:%S", &tm)
				: strftime(ret_text, CLOCK_SIZE, "%H:%M:%S", &tm);
	if (!size)
		(void)snprintf(ret_text, CLOCK_SIZE, "unknown time");
}

/* Texts were made safe earlier, but a database is a file that other programs may have written. */
static int write_line(int fd, const char *clock, const char *color, const char *what,
		      const char *text, bool routine)
{
	char line[LINE_SIZE], what_safe[WHAT_SIZE], text_safe[SUMMARY_SIZE];
	int length;

	text_for_terminal_again(what, what_safe, sizeof(what_safe));
	text_for_terminal_again(text, text_safe, sizeof(text_safe));
	text_disarm(what_safe);
	text_disarm(text_safe);
	length = snprintf(line, sizeof(line), "%s %s%-19s%s %s%s\n", clock, color, what_safe,
			  *color ? "\033[0m" : "", text_safe, routine ? " (routine)" : "");
	return output_write(fd, line, (size_t)length);
}

int line_write_death(int fd, bool color, bool with_day, const struct reported *reported)
{
	char clock[CLOCK_SIZE];

	write_time(reported->realtime_ns, with_day, clock);
	return write_line(fd, clock, color ? color_of(reported) : "",
			  reported_text(reported, REPORTED_CAUSE),
			  reported_text(reported, REPORTED_SUMMARY), reported->routine);
}

int line_write_losses(int fd, bool with_day, const struct losses *losses, int64_t realtime_ns)
{
	char text[256], clock[CLOCK_SIZE];
	int error = 0;

	write_time(realtime_ns, with_day, clock);
	for (int i = 0; i < LOSS_COUNT && !error; i++) {
		const uint64_t count = losses->count[i];

		if (!count)
			continue;
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %s", count,
			       loss_meaning((enum loss)i, count));
		error = write_line(fd, clock, "", "LOST", text, false);
	}
	return error;
}

int line_write_record(int fd, bool color, const json_t *record, int64_t realtime_ns)
{
	AUTO_FREE struct reported *reported = reported_of_json(record, realtime_ns);
	struct losses losses;

	if (!reported)
		return -ENOMEM;
	if (reported->is_death)
		return line_write_death(fd, color, true, reported);
	reported_losses(record, &losses);
	return line_write_losses(fd, true, &losses, realtime_ns);
}
