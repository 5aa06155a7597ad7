/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in text of others: digits alone, without the sign, the blanks and the prefix that
 * strtoull takes. */
#ifndef KT_BASE_NUMBER_H
#define KT_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the digits at `text` in base 10 or 16. The number's end; NULL: no digit is there, or too
 * many are. */
const char *number_read(const char *text, unsigned int base, uint64_t *ret);

/* The same of "12" and "1.5" in units, cut to whole ones. */
const char *number_read_decimal(const char *text, uint64_t unit, uint64_t *ret);

/* The whole text is a decimal number. */
bool number_parse(const char *text, uint64_t *ret);

/* The same with or without the end of its line. */
bool number_parse_line(const char *text, uint64_t *ret);

/* Decimal numbers at `text`, behind each of which stands one blank. */
bool number_read_fields(const char *text, size_t count, uint64_t *ret);

#endif
