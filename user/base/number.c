// SPDX-License-Identifier: BSD-2-Clause
#include "base/number.h"

#include <stddef.h>

/* 16 and above: no digit of any base. */
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

bool number_parse(const char *text, uint64_t *ret)
{
	uint64_t number;
	const char *end = number_read(text, 10, &number);

	if (!end || *end)
		return false;
	*ret = number;
	return true;
}
