// SPDX-License-Identifier: BSD-2-Clause
#include "line/record_read.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "line/schema.h"

/* Our schema nests some levels, and none of them refers back to itself. */
#define DEEPEST 32
#define MOST_PATTERNS 16

/* Made once: a history has many lines. */
static struct {
	json_t *root;
	struct {
		const char *text;
		regex_t regex;
	} patterns[MOST_PATTERNS];
	size_t pattern_count;
} known;

static const json_t *schema_root(void)
{
	if (!known.root)
		known.root = json_loadb(schema_text, schema_size, 0, NULL);
	return known.root;
}

static const json_t *referred(const char *reference)
{
	static const char place[] = "#/$defs/";

	if (strncmp(reference, place, strlen(place)) != 0)
		return NULL;
	return json_object_get(json_object_get(schema_root(), "$defs"), reference + strlen(place));
}

static size_t characters(const char *text)
{
	size_t count = 0;
	uint32_t point;

	for (; *text; count++)
		text += text_next_point(text, &point);
	return count;
}

/* The pattern's text must live as long as the schema. */
static bool matches(const char *pattern, const char *text)
{
	size_t i = 0;

	while (i < known.pattern_count && known.patterns[i].text != pattern)
		i++;
	if (i == known.pattern_count) {
		if (i == MOST_PATTERNS ||
		    regcomp(&known.patterns[i].regex, pattern, REG_EXTENDED | REG_NOSUB))
			return false;
		known.patterns[i].text = pattern;
		known.pattern_count++;
	}
	return !regexec(&known.patterns[i].regex, text, 0, NULL, 0);
}

static bool is_of_type(const char *type, const json_t *value)
{
	if (!strcmp(type, "object"))
		return json_is_object(value);
	if (!strcmp(type, "array"))
		return json_is_array(value);
	if (!strcmp(type, "string"))
		return json_is_string(value);
	if (!strcmp(type, "integer"))
		return json_is_integer(value);
	if (!strcmp(type, "number"))
		return json_is_number(value);
	return !strcmp(type, "boolean") && json_is_boolean(value);
}

static bool is_one_of(const json_t *values, const json_t *value)
{
	const json_t *one;
	size_t i;

	json_array_foreach(values, i, one)
		if (json_equal(one, value))
			return true;
	return false;
}

static bool has_all(const json_t *names, const json_t *object)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		if (!json_object_get(object, json_string_value(name)))
			return false;
	return true;
}

static bool has_dependents(json_t *dependents, const json_t *object)
{
	json_t *names;
	const char *key;

	json_object_foreach(dependents, key, names)
		if (json_object_get(object, key) && !has_all(names, object))
			return false;
	return true;
}

static bool has_only(const json_t *properties, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		if (!json_object_get(properties, key))
			return false;
	return true;
}

static bool has_each_once(const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(array, i), json_array_get(array, j)))
				return false;
	return true;
}

/* Keywords that say nothing about a value, or are read with another keyword. */
static bool is_silent(const char *keyword)
{
	static const char *const silent[] = { "$schema",     "$comment", "title",
					      "description", "$defs",    "additionalProperties" };

	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		if (!strcmp(keyword, silent[i]))
			return true;
	return false;
}

enum answer { NO, YES, NOT_ASKED };

static enum answer answer(bool yes)
{
	return yes ? YES : NO;
}

/* The keywords that need no other schema; most of them hold if the value has another type. */
static enum answer holds_alone(const char *keyword, json_t *rule, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!strcmp(keyword, "type"))
		return answer(json_is_string(rule) && is_of_type(json_string_value(rule), value));
	if (!strcmp(keyword, "const"))
		return answer(json_equal(rule, value));
	if (!strcmp(keyword, "enum"))
		return answer(is_one_of(rule, value));
	if (!strcmp(keyword, "pattern"))
		return answer(!text || matches(json_string_value(rule), text));
	if (!strcmp(keyword, "minLength"))
		return answer(!text || (json_int_t)characters(text) >= json_integer_value(rule));
	if (!strcmp(keyword, "maxLength"))
		return answer(!text || (json_int_t)characters(text) <= json_integer_value(rule));
	if (!strcmp(keyword, "minimum"))
		return answer(!json_is_number(value) ||
			      json_number_value(value) >= json_number_value(rule));
	if (!strcmp(keyword, "maximum"))
		return answer(!json_is_number(value) ||
			      json_number_value(value) <= json_number_value(rule));
	if (!strcmp(keyword, "required"))
		return answer(!json_is_object(value) || has_all(rule, value));
	if (!strcmp(keyword, "dependentRequired"))
		return answer(!json_is_object(value) || has_dependents(rule, value));
	if (!strcmp(keyword, "minProperties"))
		return answer(!json_is_object(value) ||
			      (json_int_t)json_object_size(value) >= json_integer_value(rule));
	if (!strcmp(keyword, "minItems"))
		return answer(!json_is_array(value) ||
			      (json_int_t)json_array_size(value) >= json_integer_value(rule));
	if (!strcmp(keyword, "maxItems"))
		return answer(!json_is_array(value) ||
			      (json_int_t)json_array_size(value) <= json_integer_value(rule));
	if (!strcmp(keyword, "uniqueItems"))
		return answer(!json_is_true(rule) || has_each_once(value));
	return NOT_ASKED;
}

static bool holds(const json_t *schema, json_t *value, int depth);

// NOLINTBEGIN(misc-no-recursion): bounded by DEEPEST
static size_t how_many_hold(const json_t *schemas, json_t *value, int depth)
{
	const json_t *schema;
	size_t i, count = 0;

	json_array_foreach(schemas, i, schema)
		count += holds(schema, value, depth);
	return count;
}

static bool members_hold(json_t *properties, const json_t *object, int depth)
{
	const char *key;
	json_t *schema;

	json_object_foreach(properties, key, schema) {
		json_t *member = json_object_get(object, key);

		if (member && !holds(schema, member, depth))
			return false;
	}
	return true;
}

static bool items_hold(const json_t *schema, const json_t *array, int depth)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
		if (!holds(schema, item, depth))
			return false;
	return true;
}

/* The keywords that refer to other schemas. */
static bool holds_further(const char *keyword, json_t *rule, json_t *value, int depth)
{
	if (!strcmp(keyword, "$ref"))
		return holds(referred(json_string_value(rule)), value, depth);
	if (!strcmp(keyword, "oneOf"))
		return how_many_hold(rule, value, depth) == 1;
	if (!strcmp(keyword, "allOf"))
		return how_many_hold(rule, value, depth) == json_array_size(rule);
	if (!strcmp(keyword, "anyOf"))
		return how_many_hold(rule, value, depth) > 0;
	if (!strcmp(keyword, "not"))
		return !holds(rule, value, depth);
	if (!strcmp(keyword, "properties"))
		return members_hold(rule, value, depth);
	return !strcmp(keyword, "items") && items_hold(rule, value, depth);
}

static bool holds(const json_t *schema, json_t *value, int depth)
{
	const char *keyword;
	json_t *rule;

	if (!schema || depth > DEEPEST)
		return false;
	json_object_foreach((json_t *)schema, keyword, rule) {
		enum answer alone;

		if (is_silent(keyword))
			continue;
		alone = holds_alone(keyword, rule, value);
		if (alone == NO ||
		    (alone == NOT_ASKED && !holds_further(keyword, rule, value, depth + 1)))
			return false;
	}
	return !json_is_false(json_object_get(schema, "additionalProperties")) ||
	       !json_is_object(value) || has_only(json_object_get(schema, "properties"), value);
}

/* Removes the members that the schema does not name. */
static void prune(const json_t *schema, json_t *value, int depth)
{
	const char *reference = json_string_value(json_object_get(schema, "$ref"));
	const json_t *properties = json_object_get(schema, "properties"),
		     *items = json_object_get(schema, "items");
	json_t *member;
	const char *key;
	void *next;
	size_t i;

	if (!schema || depth > DEEPEST)
		return;
	if (reference)
		prune(referred(reference), value, depth + 1);
	if (items)
		json_array_foreach(value, i, member)
			prune(items, member, depth + 1);
	if (!properties)
		return;
	json_object_foreach_safe(value, next, key, member) {
		if (json_object_get(properties, key))
			prune(json_object_get(properties, key), member, depth + 1);
		else if (json_is_false(json_object_get(schema, "additionalProperties")))
			(void)json_object_del(value, key);
	}
}
// NOLINTEND(misc-no-recursion)

json_t *record_read(const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	const char *kind = json_object_get(record, "cause") ? "#/$defs/death" : "#/$defs/loss";

	if (!json_is_object(record)) {
		json_decref(record);
		return NULL;
	}
	prune(referred(kind), record, 0);
	if (!holds(schema_root(), record, 0)) {
		json_decref(record);
		return NULL;
	}
	return record;
}
