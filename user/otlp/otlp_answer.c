// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_answer.h"

#include <jansson.h>

#include "base/number.h"

enum otlp_outcome otlp_answer_outcome(const struct http_answer *answer)
{
	switch (answer->status) {
	case 0:
	case 429:
	case 502:
	case 503:
	case 504:
		return OTLP_AGAIN;
	default:
		return answer->status / 100 == 2 ? OTLP_TAKEN : OTLP_REFUSED;
	}
}

uint64_t otlp_answer_rejected(const struct http_answer *answer, unsigned int records)
{
	json_t *body = json_loadb(answer->body, answer->size, 0, NULL);
	json_t *count =
		json_object_get(json_object_get(body, "partialSuccess"), "rejectedLogRecords");
	uint64_t rejected = 0;

	if (json_integer_value(count) > 0)
		rejected = (uint64_t)json_integer_value(count);
	else if (json_is_string(count)) /* in the JSON form, 64-bit numbers are strings */
		(void)number_parse(json_string_value(count), &rejected);
	json_decref(body);
	return rejected > records ? records : rejected;
}
