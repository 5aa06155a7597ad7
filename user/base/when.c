// SPDX-License-Identifier: BSD-2-Clause
#include "base/when.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define MOST_SECONDS (INT64_MAX / NS_PER_S - 1)
#define DAY 86400

/* Only digits: no sign and no blank, which strtol accepts. Returns the end of the number, NULL:
 * there is none. */
static const char *read_number(const char *at, int digits, int least, int most, int *ret)
{
	int value = 0;

	for (int i = 0; i < digits; i++, at++) {
		if (*at < '0' || *at > '9')
			return NULL;
		value = value * 10 + (*at - '0');
	}
	if (value < least || value > most)
		return NULL;
	*ret = value;
	return at;
}

/* "2026-11-21" */
static const char *read_date(const char *at, struct tm *ret)
{
	at = read_number(at, 4, 1970, 9999, &ret->tm_year);
	if (!at || *at++ != '-')
		return NULL;
	at = read_number(at, 2, 1, 12, &ret->tm_mon);
	if (!at || *at++ != '-')
		return NULL;
	ret->tm_year -= 1900;
	ret->tm_mon--;
	return read_number(at, 2, 1, 31, &ret->tm_mday);
}

/* ".5" after seconds; digits beyond nanoseconds are cut. */
static const char *read_fraction(const char *at, int64_t *ret_ns)
{
	int64_t unit = NS_PER_S / 10;

	if (*at < '0' || *at > '9')
		return NULL;
	for (; *at >= '0' && *at <= '9'; at++, unit /= 10)
		*ret_ns += unit * (*at - '0');
	return at;
}

/* "10:41" or "10:41:13.5" */
static const char *read_time(const char *at, struct tm *ret, int64_t *ret_ns)
{
	at = read_number(at, 2, 0, 23, &ret->tm_hour);
	if (!at || *at++ != ':')
		return NULL;
	at = read_number(at, 2, 0, 59, &ret->tm_min);
	if (!at || *at != ':')
		return at;
	at = read_number(at + 1, 2, 0, 60, &ret->tm_sec);
	return at && *at == '.' ? read_fraction(at + 1, ret_ns) : at;
}

/* "Z", "UTC", "+01:00" or "+0100", optionally after a blank */
static const char *read_offset(const char *at, int64_t *ret_seconds)
{
	int hours, minutes, sign;

	at += *at == ' ';
	sign = *at == '-' ? -1 : 1;
	if (!strcmp(at, "UTC")) {
		*ret_seconds = 0;
		return at + strlen(at);
	}
	if (*at == 'Z' || *at == 'z') {
		*ret_seconds = 0;
		return at + 1;
	}
	if (*at != '+' && *at != '-')
		return NULL;
	at = read_number(at + 1, 2, 0, 23, &hours);
	if (at)
		at = read_number(at + (*at == ':'), 2, 0, 59, &minutes);
	if (at)
		*ret_seconds = sign * (hours * 3600LL + minutes * 60LL);
	return at;
}

/* timegm() and mktime() turn a 31st of February into the 3rd of March. */
static bool to_seconds(const struct tm *tm, bool local, int64_t *ret)
{
	struct tm copy = *tm;

	copy.tm_isdst = -1;
	*ret = local ? mktime(&copy) : timegm(&copy);
	return copy.tm_mday == tm->tm_mday && copy.tm_mon == tm->tm_mon;
}

/* A time that is too late to be represented is later than everything. */
static int64_t to_ns(int64_t seconds, int64_t fraction_ns)
{
	return seconds > MOST_SECONDS ? INT64_MAX : seconds * NS_PER_S + fraction_ns;
}

static bool parse_date_and_time(const char *word, int64_t *ret_ns)
{
	struct tm tm = { 0 };
	int64_t fraction = 0, offset = 0, seconds;
	bool local = true;
	const char *at = read_date(word, &tm);

	if (at && (*at == 'T' || *at == 't' || *at == ' ') && strcmp(at, " UTC") != 0)
		at = read_time(at + 1, &tm, &fraction);
	if (at && *at) {
		local = false;
		at = read_offset(at, &offset);
	}
	if (!at || *at || !to_seconds(&tm, local, &seconds))
		return false;
	*ret_ns = to_ns(seconds - offset, fraction);
	return true;
}

static bool midnight(int64_t now_ns, int days_back, struct tm *ret)
{
	time_t now = (time_t)(now_ns / NS_PER_S);

	if (!localtime_r(&now, ret))
		return false;
	ret->tm_hour = ret->tm_min = ret->tm_sec = 0;
	ret->tm_mday -= days_back;
	ret->tm_isdst = -1;
	return true;
}

static bool parse_time_of_day(const char *word, int64_t now_ns, int64_t *ret_ns)
{
	int64_t fraction = 0, seconds;
	struct tm tm;
	const char *at = midnight(now_ns, 0, &tm) ? read_time(word, &tm, &fraction) : NULL;

	if (!at || *at)
		return false;
	seconds = mktime(&tm);
	*ret_ns = seconds * NS_PER_S + fraction;
	return true;
}

static int64_t unit_seconds(const char *word, size_t length)
{
	static const struct {
		const char *words; /* each separated by blanks */
		int64_t seconds;
	} units[] = {
		{ " s sec second seconds ", 1 }, { " m min minute minutes ", 60 },
		{ " h hr hour hours ", 3600 },   { " d day days ", DAY },
		{ " w week weeks ", 7LL * DAY },
	};

	for (size_t i = 0; length && i < ARRAY_SIZE(units); i++)
		for (const char *at = units[i].words; *at; at++)
			if (*at == ' ' && !strncmp(at + 1, word, length) && at[1 + length] == ' ')
				return units[i].seconds;
	return 0;
}

/* "2h", "30 minutes"; NULL: neither, or far too long. */
static const char *read_piece(const char *at, int64_t *total)
{
	int64_t number = 0, unit;
	size_t length;

	if (*at < '0' || *at > '9')
		return NULL;
	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (*at - '0');
		if (number > MOST_SECONDS / (7LL * DAY))
			return NULL;
	}
	at += *at == ' ';
	length = strspn(at, "abcdefghijklmnopqrstuvwxyz");
	unit = unit_seconds(at, length);
	*total += number * unit;
	return unit ? at + length : NULL;
}

static bool parse_ago(const char *word, int64_t now_ns, int64_t *ret_ns)
{
	const bool minus = *word == '-';
	const char *at = word + minus;
	int64_t total = 0;

	do {
		at = read_piece(at, &total);
		if (!at || total > now_ns / NS_PER_S)
			return false;
		if (!minus && !strcmp(at, " ago"))
			break;
		if (*at == ' ' && at[1])
			at++;
	} while (*at);
	*ret_ns = now_ns - total * NS_PER_S;
	return true;
}

/* "@1795257673", "@1795257673.5" */
static bool parse_seconds(const char *word, int64_t *ret_ns)
{
	const char *at = word + 1;
	int64_t seconds = 0, fraction = 0;

	if (*word != '@' || *at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (seconds > MOST_SECONDS * 1000)
			return false;
		seconds = seconds * 10 + (*at - '0');
	}
	if (*at == '.')
		at = read_fraction(at + 1, &fraction);
	if (!at || *at)
		return false;
	*ret_ns = to_ns(seconds, fraction);
	return true;
}

bool when_parse(const char *word, int64_t now_ns, int64_t *ret_ns)
{
	struct tm tm;

	if (!strcmp(word, "now")) {
		*ret_ns = now_ns;
		return true;
	}
	if (!strcmp(word, "today") || !strcmp(word, "yesterday")) {
		if (!midnight(now_ns, *word == 'y', &tm))
			return false;
		*ret_ns = mktime(&tm) * NS_PER_S;
		return true;
	}
	return parse_date_and_time(word, ret_ns) || parse_time_of_day(word, now_ns, ret_ns) ||
	       parse_ago(word, now_ns, ret_ns) || parse_seconds(word, ret_ns);
}
