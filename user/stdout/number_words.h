/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as people read them. */
#ifndef KT_STDOUT_NUMBER_WORDS_H
#define KT_STDOUT_NUMBER_WORDS_H

#include <stdint.h>

#define NUMBER_WORDS_SIZE 32

/* "15,508". Returns ret_text. */
const char *number_words(uint64_t number, char ret_text[NUMBER_WORDS_SIZE]);

#endif
