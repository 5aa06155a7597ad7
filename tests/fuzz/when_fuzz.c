// SPDX-License-Identifier: BSD-2-Clause
/* Points in time: --since and --until, and those of a record. */
#include "base/clock.h"
#include "base/when.h"
#include "demand.h"

#define NOW_NS 1795257673000000000LL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = malloc(size + 1), text[CLOCK_RFC3339_SIZE];
	int64_t ns = -1, again = -2, earlier = -3;

	memcpy(word, data, size);
	word[size] = '\0';
	if (when_parse(word, NOW_NS, &ns)) {
		demand(when_parse(word, NOW_NS, &again) && again == ns, "the same twice");
		if (ns >= 0 && ns < INT64_MAX) {
			clock_rfc3339(ns, text);
			demand(when_parse(text, 0, &again) && again == ns, "as it is printed");
			demand(clock_parse_rfc3339(text, &again) && again == ns, "as it is stored");
		}
	} else {
		demand(ns == -1, "untouched when it fails");
	}
	if (clock_parse_rfc3339(word, &earlier) && earlier >= 0 && earlier < INT64_MAX) {
		clock_rfc3339(earlier, text);
		demand(clock_parse_rfc3339(text, &again) && again == earlier, "the same again");
	}
	free(word);
	return 0;
}
