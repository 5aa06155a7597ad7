// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/row_clock.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

/* The part of the date that is worth showing. */
enum day { DAY_NONE, DAY_TODAY, DAY_IN_YEAR, DAY_WHOLE };

static enum day day_of(const struct screen *screen, const struct tm *then)
{
	const time_t now = time(NULL);
	struct tm today;

	if (screen->size_fd < 0 || !localtime_r(&now, &today) || then->tm_year != today.tm_year)
		return DAY_WHOLE;
	if (then->tm_yday != today.tm_yday)
		return DAY_IN_YEAR;
	return screen->past ? DAY_TODAY : DAY_NONE;
}

static size_t write_day(enum day day, const struct tm *tm, char *ret_text)
{
	switch (day) {
	case DAY_NONE:
		return strftime(ret_text, ROW_CLOCK_SIZE, "%H:%M:%S", tm);
	case DAY_TODAY:
		return strftime(ret_text, ROW_CLOCK_SIZE, "today  %H:%M:%S", tm);
	case DAY_IN_YEAR:
		return strftime(ret_text, ROW_CLOCK_SIZE, "%b %e %H:%M:%S", tm);
	case DAY_WHOLE:
		break;
	}
	return strftime(ret_text, ROW_CLOCK_SIZE, "%Y-%m-%d %H:%M:%S", tm);
}

void row_clock(const struct screen *screen, int64_t realtime_ns, char ret_text[ROW_CLOCK_SIZE])
{
	const time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !write_day(day_of(screen, &tm), &tm, ret_text))
		(void)snprintf(ret_text, ROW_CLOCK_SIZE, "unknown time");
}
