/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/unit_name.h"

#include <string.h>

#define UNIT_NAME_MAX 255

static const char *const unit_suffixes[] = {
	".service", ".scope", ".slice", ".socket", ".mount",  ".automount",
	".swap",    ".timer", ".path",  ".target", ".device",
};

static bool alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool unit_char(char c)
{
	return alphanumeric(c) || (c != '\0' && strchr("@:-_.\\", c));
}

static size_t suffix_length(struct span name)
{
	for (size_t i = 0; i < sizeof(unit_suffixes) / sizeof(unit_suffixes[0]); i++)
		if (span_ends(name, unit_suffixes[i]))
			return strlen(unit_suffixes[i]);
	return 0;
}

/* Plain (a.service) and instance (a@b.service) names; a template (a@.service) runs nothing. */
static bool unit_name_valid(struct span name, bool instance_allowed)
{
	size_t suffix = suffix_length(name);
	struct span base = span_chop(name, suffix);
	const char *at;

	if (suffix == 0 || base.n == 0 || name.n > UNIT_NAME_MAX)
		return false;
	for (size_t i = 0; i < base.n; i++)
		if (!unit_char(base.s[i]))
			return false;
	at = memchr(base.s, '@', base.n);
	if (!at)
		return true;
	return instance_allowed && at != base.s && at + 1 < base.s + base.n;
}

static struct span unescape_component(struct span c)
{
	return span_starts(c, "_") ? span_drop(c, 1) : c;
}

bool unit_name_decode(struct span component, struct span *ret_unit)
{
	struct span name = unescape_component(component);

	if (span_ends(name, ".slice") || !unit_name_valid(name, true))
		return false;
	*ret_unit = name;
	return true;
}

bool unit_name_decode_slice(struct span component, struct span *ret_slice)
{
	struct span name = unescape_component(component);

	if (!span_ends(name, ".slice") || !unit_name_valid(name, false))
		return false;
	*ret_slice = name;
	return true;
}

bool unit_name_between(struct span name, const char *prefix, const char *suffix,
		       struct span *ret_part)
{
	if (name.n <= strlen(prefix) + strlen(suffix))
		return false;
	if (!span_starts(name, prefix) || !span_ends(name, suffix))
		return false;
	*ret_part = span_chop(span_drop(name, strlen(prefix)), strlen(suffix));
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool unit_name_unescape(struct span name, char *ret, size_t size)
{
	size_t out = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.s[i];

		if (c == '\\') {
			if (i + 3 >= name.n || name.s[i + 1] != 'x')
				return false;

			int high = hex_value(name.s[i + 2]), low = hex_value(name.s[i + 3]);

			if (high < 0 || low < 0 || high + low == 0)
				return false;
			c = (char)(high * 16 + low);
			i += 3;
		}
		if (out + 1 >= size)
			return false;
		ret[out++] = c;
	}
	ret[out] = '\0';
	return true;
}

bool unit_name_session_id(struct span id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!alphanumeric(id.s[i]))
			return false;
	return id.n > 0;
}

/* 65535 and 4294967295 are no users: the kernel and systemd use them for "none". */
bool unit_name_parse_uid(struct span text, uint32_t *ret_uid)
{
	uint64_t uid = 0;

	if (text.n == 0 || text.n > 10 || (text.n > 1 && text.s[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.s[i] < '0' || text.s[i] > '9')
			return false;
		uid = uid * 10 + (uint64_t)(text.s[i] - '0');
	}
	if (uid >= UINT32_MAX || uid == UINT16_MAX)
		return false;
	*ret_uid = (uint32_t)uid;
	return true;
}
