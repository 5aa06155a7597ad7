// SPDX-License-Identifier: BSD-2-Clause
#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "base/number.h"

static int64_t now_ns(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t clock_boottime_ns(void)
{
	return (uint64_t)now_ns(CLOCK_BOOTTIME);
}

uint64_t clock_monotonic_ns(void)
{
	return (uint64_t)now_ns(CLOCK_MONOTONIC);
}

/* The two clocks are slewed alike, so the offset only moves when the wall clock is set. A smaller
 * difference is only the time between two reads. It would make the start of one process look
 * different in two records. */
#define SAMPLE_ERROR_NS 50000

int64_t clock_realtime_offset_ns(void)
{
	static int64_t offset;
	int64_t best_gap = INT64_MAX, sample = 0;

	for (int i = 0; i < 5 && best_gap > SAMPLE_ERROR_NS / 10; i++) {
		int64_t before = now_ns(CLOCK_BOOTTIME), real = now_ns(CLOCK_REALTIME);
		int64_t gap = now_ns(CLOCK_BOOTTIME) - before;

		if (gap < best_gap) {
			best_gap = gap;
			sample = real - before - gap / 2;
		}
	}
	if (sample - offset > SAMPLE_ERROR_NS || offset - sample > SAMPLE_ERROR_NS)
		offset = sample;
	return offset;
}

static char *put_digits(char *to, unsigned int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + digits;
}

#define SECONDS_PER_DAY 86400
#define DATE_LENGTH 10

/* One day lasts for many deaths, and gmtime_r() takes as long as the rest of the record. */
static char *put_date(char *to, int64_t day)
{
	static _Thread_local int64_t known = INT64_MIN;
	static _Thread_local char text[DATE_LENGTH];
	const time_t t = (time_t)(day * SECONDS_PER_DAY);
	char *at = text;
	struct tm tm;

	if (day != known) {
		if (!gmtime_r(&t, &tm))
			tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
		at = put_digits(at, (unsigned int)tm.tm_year + 1900, 4);
		*at++ = '-';
		at = put_digits(at, (unsigned int)tm.tm_mon + 1, 2);
		*at++ = '-';
		(void)put_digits(at, (unsigned int)tm.tm_mday, 2);
		known = day;
	}
	memcpy(to, text, DATE_LENGTH);
	return to + DATE_LENGTH;
}

static char *put_time(char *to, unsigned int second)
{
	to = put_digits(to, second / 3600, 2);
	*to++ = ':';
	to = put_digits(to, second / 60 % 60, 2);
	*to++ = ':';
	return put_digits(to, second % 60, 2);
}

/* A death has several times. 64 bits of nanoseconds cover the years 1677 to 2262. */
void clock_rfc3339(int64_t realtime_ns, char ret_text[CLOCK_RFC3339_SIZE])
{
	int64_t seconds = realtime_ns / NS_PER_S, fraction = realtime_ns % NS_PER_S, second;
	char *to = ret_text;

	if (fraction < 0) {
		fraction += NS_PER_S;
		seconds--;
	}
	second = seconds % SECONDS_PER_DAY;
	if (second < 0)
		second += SECONDS_PER_DAY;
	to = put_date(to, (seconds - second) / SECONDS_PER_DAY);
	*to++ = 'T';
	to = put_time(to, (unsigned int)second);
	*to++ = '.';
	to = put_digits(to, (unsigned int)fraction, 9);
	*to++ = 'Z';
	*to = '\0';
}

bool clock_parse_rfc3339(const char *text, int64_t *ret_realtime_ns)
{
	char again[CLOCK_RFC3339_SIZE];
	struct tm tm = { 0 };
	const char *fraction;
	int64_t realtime_ns;
	uint64_t ns;

	fraction = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!fraction || *fraction != '.' || !number_read(fraction + 1, 10, &ns))
		return false;
	if (__builtin_mul_overflow((int64_t)timegm(&tm), NS_PER_S, &realtime_ns) ||
	    __builtin_add_overflow(realtime_ns, ns, &realtime_ns))
		return false;
	clock_rfc3339(realtime_ns, again);
	if (strcmp(text, again) != 0)
		return false;
	*ret_realtime_ns = realtime_ns;
	return true;
}
