/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as text, where printf would be most of the work. */
#ifndef KT_BASE_DIGITS_H
#define KT_BASE_DIGITS_H

#include <stdint.h>

/* Of any number of 64 bits, in either base. */
#define DIGITS_MOST 20

/* Both write the digits so that they end before `end`, and return where they begin. Nothing is
 * terminated. A constant base costs no division. */
static inline char *digits_decimal(uint64_t value, char *end)
{
	do
		*--end = (char)('0' + value % 10);
	while (value /= 10);
	return end;
}

static inline char *digits_hex(uint64_t value, char *end)
{
	do
		*--end = "0123456789abcdef"[value & 0xf];
	while (value >>= 4);
	return end;
}

#endif
