/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry in journald's native protocol, read as journald does it (journald-native.c). */
#ifndef KT_FUZZ_ENTRY_H
#define KT_FUZZ_ENTRY_H

#include <endian.h>

#include "demand.h"
#include "outlet/journal.h"

#define ENTRY_LONGEST_NAME 64

static inline bool entry_is_name(const char *name, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (!length || length > ENTRY_LONGEST_NAME || name[0] == '_' ||
	    (name[0] >= '0' && name[0] <= '9'))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!strchr(letters, name[i]))
			return false;
	return true;
}

/* The field at `at`: sets its name and its value, and returns where the next one begins. */
static inline const char *entry_field(const char *at, const char *end, size_t *ret_name,
				      const char **ret_value, size_t *ret_size)
{
	const char *line = memchr(at, '\n', (size_t)(end - at));
	const char *equals = line ? memchr(at, '=', (size_t)(line - at)) : NULL;
	uint64_t length;

	demand(line != NULL, "a field ends");
	*ret_name = (size_t)((equals ? equals : line) - at);
	demand(entry_is_name(at, *ret_name), "a field's name");
	if (equals) {
		*ret_value = equals + 1;
		*ret_size = (size_t)(line - equals - 1);
		return line + 1;
	}
	demand((size_t)(end - line - 1) > sizeof(length), "room for a length");
	memcpy(&length, line + 1, sizeof(length));
	length = le64toh(length);
	*ret_value = line + 1 + sizeof(length);
	demand(length < (size_t)(end - *ret_value), "a value within the entry");
	demand((*ret_value)[length] == '\n', "a value's end");
	*ret_size = length;
	return *ret_value + length + 1;
}

/*
 * The fields that journald and journalctl interpret: each is there at most once, even if names are
 * hostile.
 */
static inline void demand_entry(const char *entry, size_t size)
{
	static const char *const once[] = {
		"MESSAGE",           "MESSAGE_ID",          "PRIORITY",
		"SYSLOG_IDENTIFIER", "OBJECT_SYSTEMD_UNIT", "OBJECT_SYSTEMD_USER_UNIT"
	};
	unsigned int seen[sizeof(once) / sizeof(once[0])] = { 0 };
	const char *at = entry, *end = entry + size;

	while (at < end) {
		const char *name = at, *value;
		size_t name_length, value_size;

		at = entry_field(at, end, &name_length, &value, &value_size);
		for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
			if (strlen(once[i]) == name_length && !memcmp(once[i], name, name_length)) {
				demand(!seen[i]++, "a field once");
				if (!i)
					demand_clean_bytes(value, value_size);
			}
	}
	demand(seen[3] == 1, "who says it");
}

#endif
