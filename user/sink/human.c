// SPDX-License-Identifier: BSD-2-Clause
#include "sink/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "sink/output.h"

struct human_sink {
	struct sink sink;
	int fd;
	bool color;
};

#define LINE_SIZE (SUMMARY_SIZE + 256)

/* Local time: whoever reads this looks at a clock on the wall. */
static void write_time(int64_t realtime_ns, char *ret_text, size_t size)
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(ret_text, size, "%H:%M:%S", &tm))
		(void)snprintf(ret_text, size, "??:??:??");
}

/* Red for the kernel's doing, yellow for what processes and runtimes did, dim for routine. */
static const char *color_of(const struct report *report)
{
	if (report->verdict.routine)
		return "\033[2m";
	return !strcmp(cause_class(report->verdict.cause), "kernel") ? "\033[31m" : "\033[33m";
}

static int human_death(struct sink *sink, const struct report *report)
{
	const struct human_sink *human = (const struct human_sink *)sink;
	const struct death *death = report->death;
	char line[LINE_SIZE], clock[16];
	int length;

	write_time(clock_realtime_ns(death->record.time_ns, death->realtime_offset_ns), clock,
		   sizeof(clock));
	length = snprintf(line, sizeof(line), "%s %s%-19s%s %s\n", clock,
			  human->color ? color_of(report) : "", cause_name(report->verdict.cause),
			  human->color ? "\033[0m" : "", report->summary);
	return output_write(human->fd, line, (size_t)length);
}

static int human_losses(struct sink *sink, const struct origin *origin, const struct losses *losses,
			int64_t realtime_ns)
{
	char line[256], clock[16];

	(void)origin;
	write_time(realtime_ns, clock, sizeof(clock));
	for (int i = 0; i < LOSS_COUNT; i++) {
		int length, error;

		if (!losses->count[i])
			continue;
		length = snprintf(line, sizeof(line), "%s %-19s %" PRIu64 " %s\n", clock, "LOST",
				  losses->count[i], loss_meaning((enum loss)i, losses->count[i]));
		error = output_write(((struct human_sink *)sink)->fd, line, (size_t)length);
		if (error)
			return error;
	}
	return 0;
}

static void human_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_human_new(int fd, bool color)
{
	static const struct sink_ops ops = { human_death, human_losses, human_free };
	struct human_sink *sink = malloc(sizeof(*sink));

	if (!sink)
		return NULL;
	*sink = (struct human_sink){ { &ops }, fd, color };
	return (struct sink *)sink;
}
