/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as people read them. */
#ifndef KT_STDOUT_NUMBER_WORDS_H
#define KT_STDOUT_NUMBER_WORDS_H

#include <stdint.h>

#define NUMBER_WORDS_SIZE 32

/* "15,508". Returns ret_text. */
const char *number_words(uint64_t number, char ret_text[NUMBER_WORDS_SIZE]);

#define NUMBER_RATE_SIZE (NUMBER_WORDS_SIZE + 8)

/* "1,034/s", "7/day": so many in that time, by the unit in which it is at least 1. "": the time is
 * not longer than 0. Returns ret_text. */
const char *number_rate_words(uint64_t number, double seconds, char ret_text[NUMBER_RATE_SIZE]);

#endif
