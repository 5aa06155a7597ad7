// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/number_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

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

const char *number_rate_words(uint64_t number, double seconds, char ret_text[NUMBER_RATE_SIZE])
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "s", 1 }, { "min", 60 }, { "hour", 3600 }, { "day", 86400 } };
	char words[NUMBER_WORDS_SIZE];
	size_t unit = 0;
	double rate;

	*ret_text = '\0';
	if (seconds <= 0)
		return ret_text;
	while (unit + 1 < ARRAY_SIZE(units) && (double)number * units[unit].seconds / seconds < 1)
		unit++;
	rate = (double)number * units[unit].seconds / seconds;
	(void)snprintf(ret_text, NUMBER_RATE_SIZE, "%s/%s",
		       number_words((uint64_t)(rate + 0.5), words), units[unit].name);
	return ret_text;
}
