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
/* Years that begin in March have their leap day at the end, and 400 of them are a cycle of the
 * calendar: from 1600-03-01 on no time here is negative. */
#define DAYS_BEFORE_1970 135080
#define FIRST_YEAR 1600
#define DAYS_OF_400_YEARS 146097
#define DAYS_OF_100_YEARS 36524
#define DAYS_OF_4_YEARS 1461
#define DAYS_OF_5_MONTHS 153

static char *put_date(char *to, unsigned int day)
{
	const unsigned int cycles = day / DAYS_OF_400_YEARS;
	unsigned int year, month;

	day %= DAYS_OF_400_YEARS;
	year = (day - day / (DAYS_OF_4_YEARS - 1) + day / DAYS_OF_100_YEARS -
		day / (DAYS_OF_400_YEARS - 1)) /
	       365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / DAYS_OF_5_MONTHS; /* 0: March */
	day -= (DAYS_OF_5_MONTHS * month + 2) / 5;
	year += FIRST_YEAR + 400 * cycles + (month >= 10);
	to = put_digits(to, year, 4);
	*to++ = '-';
	to = put_digits(to, month < 10 ? month + 3 : month - 9, 2);
	*to++ = '-';
	return put_digits(to, day + 1, 2);
}

static char *put_time(char *to, unsigned int second)
{
	to = put_digits(to, second / 3600, 2);
	*to++ = ':';
	to = put_digits(to, second / 60 % 60, 2);
	*to++ = ':';
	return put_digits(to, second % 60, 2);
}

/* A death has several times, and gmtime_r() and printf take as long for them as for the rest of the
 * record. 64 bits of nanoseconds cover the years 1677 to 2262. */
void clock_rfc3339(int64_t realtime_ns, char ret_text[CLOCK_RFC3339_SIZE])
{
	int64_t seconds = realtime_ns / NS_PER_S, fraction = realtime_ns % NS_PER_S;
	uint64_t since;
	char *to = ret_text;

	if (fraction < 0) {
		fraction += NS_PER_S;
		seconds--;
	}
	since = (uint64_t)(seconds + (int64_t)DAYS_BEFORE_1970 * SECONDS_PER_DAY);
	to = put_date(to, (unsigned int)(since / SECONDS_PER_DAY));
	*to++ = 'T';
	to = put_time(to, (unsigned int)(since % SECONDS_PER_DAY));
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
