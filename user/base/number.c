// SPDX-License-Identifier: BSD-2-Clause
#include "base/number.h"

#include <string.h>

/* 16 and above: not a digit in any base. */
static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

const char *number_read(const char *text, unsigned int base, uint64_t *ret)
{
	const char *at = text;
	uint64_t number = 0;

	for (unsigned int digit; (digit = digit_of(*at)) < base; at++)
		if (__builtin_mul_overflow(number, (uint64_t)base, &number) ||
		    __builtin_add_overflow(number, (uint64_t)digit, &number))
			return NULL;
	if (at == text)
		return NULL;
	*ret = number;
	return at;
}

const char *number_read_decimal(const char *text, uint64_t unit, uint64_t *ret)
{
	uint64_t number = 0;

	/* ".5" */
	if (*text != '.' || digit_of(text[1]) >= 10)
		text = number_read(text, 10, &number);
	if (!text || __builtin_mul_overflow(number, unit, &number))
		return NULL;
	if (*text == '.')
		for (text++; digit_of(*text) < 10; text++) {
			unit /= 10;
			if (__builtin_add_overflow(number, unit * digit_of(*text), &number))
				return NULL;
		}
	*ret = number;
	return text;
}

static bool parse(const char *text, const char *behind, uint64_t *ret)
{
	uint64_t number;
	const char *end = number_read(text, 10, &number);

	if (!end || (*end && strcmp(end, behind) != 0))
		return false;
	*ret = number;
	return true;
}

bool number_parse(const char *text, uint64_t *ret)
{
	return parse(text, "", ret);
}

bool number_parse_line(const char *text, uint64_t *ret)
{
	return parse(text, "\n", ret);
}

bool number_read_fields(const char *text, size_t count, uint64_t *ret)
{
	for (size_t i = 0; i < count; i++, text++) {
		text = number_read(text, 10, &ret[i]);
		if (!text || *text != ' ')
			return false;
	}
	return true;
}
