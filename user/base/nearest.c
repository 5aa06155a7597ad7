// SPDX-License-Identifier: BSD-2-Clause
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 64

/* Optimal string alignment distance: insertions, deletions, changes and swapped neighbours. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], length_a = strlen(a), length_b = strlen(b);

	if (length_a > LONGEST || length_b > LONGEST)
		return SIZE_MAX; /* too long to compare: nothing is near it */
	for (size_t j = 0; j <= length_b; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < best)
				best = two_above[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[length_a % 3][length_b];
}

#define SHORTEST_START 3

static size_t common_start(const char *a, const char *b)
{
	size_t length = 0;

	while (a[length] && a[length] == b[length])
		length++;
	return length;
}

/* "hist" is short for "history", and "segv" can only mean "segfault". NULL: several begin so. */
static const char *same_start(const char *word, const char *const *candidates, size_t count)
{
	size_t longest = SHORTEST_START - 1;
	const char *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const size_t length = common_start(word, candidates[i]);

		if (length == longest)
			best = NULL;
		if (length <= longest)
			continue;
		longest = length;
		best = candidates[i];
	}
	/* half of what was typed, at least */
	return longest * 2 >= strlen(word) ? best : NULL;
}

const char *nearest_word(const char *word, const char *const *candidates, size_t count)
{
	const char *best = NULL;
	size_t least = strlen(word) / 2 + 1; /* if half of it is wrong, it is another word */

	for (size_t i = 0; i < count; i++) {
		size_t edits = distance(word, candidates[i]);

		if (edits < least) {
			least = edits;
			best = candidates[i];
		}
	}
	return best ? best : same_start(word, candidates, count);
}
