/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in text of others: digits alone, without the sign, the blanks and the prefix that
 * strtoull() takes. */
#ifndef KT_BASE_NUMBER_H
#define KT_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the digits at `text` in base 10 or 16. The number's end; NULL: no digit is there, or too
 * many are. */
const char *number_read(const char *text, unsigned int base, uint64_t *ret);

/* The whole text is a decimal number. */
bool number_parse(const char *text, uint64_t *ret);

#endif
