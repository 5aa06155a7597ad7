// SPDX-License-Identifier: BSD-2-Clause
#include "why/fact.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

const json_t *fact(const json_t *record, const char *place)
{
	char key[64];

	while (record && *place) {
		size_t length = strcspn(place, ".");

		(void)snprintf(key, sizeof(key), "%.*s", (int)length, place);
		record = json_object_get(record, key);
		place += length + (place[length] == '.');
	}
	return record;
}

const char *fact_text(const json_t *record, const char *place)
{
	const char *text = json_string_value(fact(record, place));

	return text ? text : "";
}

bool fact_is(const json_t *record, const char *place, const char *text)
{
	return !strcmp(fact_text(record, place), text);
}

bool fact_has_text(const json_t *record, const char *place)
{
	return *fact_text(record, place) != '\0';
}

int64_t fact_number(const json_t *record, const char *place)
{
	return json_integer_value(fact(record, place));
}

bool fact_find_number(const json_t *record, const char *place, int64_t *ret)
{
	const json_t *value = fact(record, place);

	if (!json_is_integer(value))
		return false;
	*ret = json_integer_value(value);
	return true;
}

double fact_real(const json_t *record, const char *place)
{
	return json_number_value(fact(record, place));
}

bool fact_is_true(const json_t *record, const char *place)
{
	return json_is_true(fact(record, place));
}

bool fact_find_hex(const json_t *record, const char *place, uint64_t *ret)
{
	const char *text = fact_text(record, place);
	const char *end = !strncmp(text, "0x", 2) ? number_read(text + 2, 16, ret) : NULL;

	return end && !*end;
}
