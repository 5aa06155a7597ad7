// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_peek.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"

#define LONGEST_NUMBER 64

char *json_peek_text(const struct json_walk_value *object, const char *key)
{
	const struct json_walk_value value = json_walk_member(object, key);
	char *text;

	if (value.kind != JSON_WALK_TEXT || !value.size)
		return NULL;
	text = malloc(value.size + 1);
	if (text)
		(void)json_walk_decode(&value, text);
	return text;
}

bool json_peek_has(const struct json_walk_value *object, const char *key)
{
	return json_walk_member(object, key).kind != JSON_WALK_NOTHING;
}

uint64_t json_peek_number(const struct json_walk_value *object, const char *key)
{
	const struct json_walk_value value = json_walk_member(object, key);
	char digits[LONGEST_NUMBER];
	uint64_t number;

	if (value.kind != JSON_WALK_INTEGER || value.size >= sizeof(digits))
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)value.size, value.at);
	return number_parse(digits, &number) ? number : 0;
}

double json_peek_real(const struct json_walk_value *object, const char *key)
{
	const struct json_walk_value value = json_walk_member(object, key);
	char digits[LONGEST_NUMBER];

	if ((value.kind != JSON_WALK_REAL && value.kind != JSON_WALK_INTEGER) ||
	    value.size >= sizeof(digits))
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)value.size, value.at);
	return strtod(digits, NULL);
}

bool json_peek_bool(const struct json_walk_value *object, const char *key)
{
	return json_walk_member(object, key).kind == JSON_WALK_TRUE;
}

bool json_peek_is(const struct json_walk_value *object, const char *key, const char *text)
{
	const struct json_walk_value value = json_walk_member(object, key);

	return json_walk_is(&value, text);
}
