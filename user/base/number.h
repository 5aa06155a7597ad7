/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in foreign text: only digits, without the sign, the blanks and the prefix that strtoull
 * accepts. */
#ifndef KT_BASE_NUMBER_H
#define KT_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the digits at `text` in base 10 or 16. Returns the end of the number; NULL: there is no
 * digit, or there are too many. */
const char *number_read(const char *text, unsigned int base, uint64_t *ret);

/* The same for "12" and "1.5" in units, truncated to whole units. */
const char *number_read_decimal(const char *text, uint64_t unit, uint64_t *ret);

/* The whole text is a decimal number. */
bool number_parse(const char *text, uint64_t *ret);

/* The same with or without the end of its line. */
bool number_parse_line(const char *text, uint64_t *ret);

/* Decimal numbers at `text`, each followed by one blank. */
bool number_read_fields(const char *text, size_t count, uint64_t *ret);

#endif
