// SPDX-License-Identifier: BSD-2-Clause
#include "why/prose.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

#define LONGEST_NAME (PROSE_NAME_SIZE - 8)

static void put(struct prose *prose, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void put(struct prose *prose, const char *format, va_list args)
{
	AUTO_FREE char *more = NULL;
	int length = vasprintf(&more, format, args);
	char *text;

	if (length < 0)
		more = NULL;
	text = more ? realloc(prose->text, prose->size + (size_t)length + 1) : NULL;
	if (!text) {
		prose->failed = true;
		return;
	}
	memcpy(text + prose->size, more, (size_t)length + 1);
	prose->text = text;
	prose->size += (size_t)length;
}

void prose_put(struct prose *prose, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(prose, format, args);
	va_end(args);
}

const char *prose_text(const struct prose *prose)
{
	return prose->text ? prose->text : "";
}

void prose_done(struct prose *prose)
{
	free(prose->text);
	*prose = (struct prose){ 0 };
}

const char *prose_name(const char *name, char ret[PROSE_NAME_SIZE])
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	char whole[4 * PROSE_NAME_SIZE];
	size_t length;

	text_for_terminal(*name ? name : "?", whole, sizeof(whole));
	ret[0] = PROSE_NAME_BEGINS;
	text_for_terminal(*name ? name : "?", ret + 1, LONGEST_NAME);
	length = strlen(ret);
	(void)snprintf(ret + length, PROSE_NAME_SIZE - length, "%s%c",
		       strlen(whole) > length - 1 ? ellipsis : "", PROSE_NAME_ENDS);
	return ret;
}

const char *prose_bytes(int64_t bytes, char ret[PROSE_SHORT_SIZE])
{
	char *point;

	(void)text_bytes((unsigned long long)bytes, ret, PROSE_SHORT_SIZE);
	point = strstr(ret, ".0 ");
	if (point)
		memmove(point, point + 2, strlen(point + 2) + 1);
	return ret;
}

const char *prose_duration(double seconds, char ret[PROSE_SHORT_SIZE])
{
	const uint64_t whole = seconds > 0 && seconds < 1e12 ? (uint64_t)(seconds + 0.5) : 0;

	if (seconds < 10)
		(void)snprintf(ret, PROSE_SHORT_SIZE, seconds < 0.1 ? "%.3f s" : "%.1f s",
			       seconds > 0 ? seconds : 0.0);
	else if (whole < 600)
		(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 " s", whole);
	else if (whole < 7200)
		(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 " min", whole / 60);
	else if (whole < 172800)
		(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 " h %" PRIu64 " min", whole / 3600,
			       whole / 60 % 60);
	else
		(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 " d %" PRIu64 " h", whole / 86400,
			       whole / 3600 % 24);
	return ret;
}

const char *prose_times(uint64_t count, char ret[PROSE_SHORT_SIZE])
{
	if (count < 3)
		return count == 1 ? "once" : "twice";
	(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 " times", count);
	return ret;
}

const char *prose_ordinal(uint64_t count, char ret[PROSE_SHORT_SIZE])
{
	const uint64_t last = count % 10;
	const char *end = "th";

	if (count % 100 / 10 != 1 && last >= 1 && last <= 3)
		end = last == 1 ? "st" : last == 2 ? "nd" : "rd";
	(void)snprintf(ret, PROSE_SHORT_SIZE, "%" PRIu64 "%s", count, end);
	return ret;
}

static bool is_same_day(const struct tm *one, time_t other)
{
	struct tm tm;

	return localtime_r(&other, &tm) && tm.tm_yday == one->tm_yday && tm.tm_year == one->tm_year;
}

const char *prose_clock(int64_t time_ns, int64_t now_ns, char ret[PROSE_SHORT_SIZE])
{
	const time_t seconds = (time_t)(time_ns / NS_PER_S);
	size_t size = 0;
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return "an unknown time";
	if (!now_ns)
		size = strftime(ret, PROSE_SHORT_SIZE, "%a %Y-%m-%d %H:%M:%S %Z", &tm);
	else if (is_same_day(&tm, (time_t)(now_ns / NS_PER_S)))
		size = strftime(ret, PROSE_SHORT_SIZE, "%H:%M:%S", &tm);
	else
		size = strftime(ret, PROSE_SHORT_SIZE, "%a %Y-%m-%d %H:%M:%S", &tm);
	return size ? ret : "an unknown time";
}
