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
 * different in two records.
 * process look different in two records. */
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

/* A death has several times, and printf takes as long for them as for the rest of the record. */
void clock_rfc3339(int64_t realtime_ns, char ret_text[CLOCK_RFC3339_SIZE])
{
	int64_t seconds = realtime_ns / NS_PER_S, fraction = realtime_ns % NS_PER_S;
	char *to = ret_text;
	struct tm tm;
	time_t t;

	if (fraction < 0) {
		fraction += NS_PER_S;
		seconds--;
	}
	t = (time_t)seconds;
	/* 64 bits of nanoseconds cover the years 1677 to 2262 */
	if (!gmtime_r(&t, &tm))
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	to = put_digits(to, (unsigned int)tm.tm_year + 1900, 4);
	*to++ = '-';
	to = put_digits(to, (unsigned int)tm.tm_mon + 1, 2);
	*to++ = '-';
	to = put_digits(to, (unsigned int)tm.tm_mday, 2);
	*to++ = 'T';
	to = put_digits(to, (unsigned int)tm.tm_hour, 2);
	*to++ = ':';
	to = put_digits(to, (unsigned int)tm.tm_min, 2);
	*to++ = ':';
	to = put_digits(to, (unsigned int)tm.tm_sec, 2);
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
