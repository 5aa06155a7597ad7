// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/number_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *number_words(uint64_t number, char ret_text[NUMBER_WORDS_SIZE])
{
	char digits[NUMBER_WORDS_SIZE];
	const size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *at = ret_text;

	for (size_t i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return ret_text;
}
