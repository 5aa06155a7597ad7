// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json_put.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

/* The longest path there is, each of its bytes replaced by three. */
#define LONGEST_TEXT (3 * 1024 + 1)

/* Takes the reference. Keys are our own, and strings have been cleaned: no second look at them. */
void json_put_value(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new_nocheck(object, key, value);
}

void json_put_text(json_t *object, const char *key, const char *value)
{
	char clean[LONGEST_TEXT];

	if (!value || !*value)
		return;
	text_valid_utf8(value, clean, sizeof(clean));
	json_put_value(object, key, json_string_nocheck(clean));
}

void json_put_number(json_t *object, const char *key, uint64_t value)
{
	json_put_value(object, key, json_integer((json_int_t)value));
}

void json_put_signed(json_t *object, const char *key, int64_t value)
{
	json_put_value(object, key, json_integer(value));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
	json_put_value(object, key, json_boolean(value));
}

void json_put_hex(json_t *object, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, value);
	json_put_text(object, key, text);
}

void json_put_time(json_t *object, const char *key, int64_t realtime_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(realtime_ns, text);
	json_put_text(object, key, text);
}

/* An object with nothing in it says nothing: it stays out. */
void json_put_object(json_t *object, const char *key, json_t *value)
{
	if (json_object_size(value))
		json_put_value(object, key, value);
	else
		json_decref(value);
}
