/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes one JSON object as a line: compact, of pure ASCII without control bytes, byte for byte as
 * jansson would with JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12), except for DEL,
 * which is escaped too. It is written straight into the text, without a tree of values before it:
 * in a storm of deaths that tree would be most of the cost of a death.
 *
 * Ownership: json_line_end() gives the text to the caller. Invariants: keys are our own and need no
 * escaping; a line for which there is no memory is left out, never written in part.
 */
#ifndef KT_LINE_JSON_LINE_H
#define KT_LINE_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether a byte of a text needs no escape. */
extern const bool json_line_plain[256];

static inline bool json_line_is_plain(char byte)
{
	return json_line_plain[(unsigned char)byte];
}

struct json_line {
	char *text;
	size_t size, room;
	bool failed; /* out of memory */
};

void json_line_begin(struct json_line *line);

/* With its newline, to be freed by the caller. NULL when out of memory. */
char *json_line_end(struct json_line *line, size_t *ret_size);

/* With the size of the key, which a compiler knows below: see there. */
void json_line_put_text(struct json_line *line, const char *key, size_t key_size,
			const char *value);
void json_line_put_signed(struct json_line *line, const char *key, size_t key_size, int64_t value);
void json_line_put_real(struct json_line *line, const char *key, size_t key_size, double value);
void json_line_put_bool(struct json_line *line, const char *key, size_t key_size, bool value);
void json_line_put_hex(struct json_line *line, const char *key, size_t key_size, uint64_t value);
void json_line_put_time(struct json_line *line, const char *key, size_t key_size,
			int64_t realtime_ns);
size_t json_line_put_open(struct json_line *line, const char *key, size_t key_size);
size_t json_line_put_open_list(struct json_line *line, const char *key, size_t key_size);

/* Any bytes; NULL and "" mean unknown, and are left out. */
static inline void json_line_text(struct json_line *line, const char *key, const char *value)
{
	json_line_put_text(line, key, strlen(key), value);
}

static inline void json_line_signed(struct json_line *line, const char *key, int64_t value)
{
	json_line_put_signed(line, key, strlen(key), value);
}

/* Above INT64_MAX it becomes negative: readers of JSON have no larger numbers. */
static inline void json_line_number(struct json_line *line, const char *key, uint64_t value)
{
	json_line_signed(line, key, (int64_t)value);
}

static inline void json_line_real(struct json_line *line, const char *key, double value)
{
	json_line_put_real(line, key, strlen(key), value);
}

static inline void json_line_bool(struct json_line *line, const char *key, bool value)
{
	json_line_put_bool(line, key, strlen(key), value);
}

/* "0x1f": addresses and offsets. */
static inline void json_line_hex(struct json_line *line, const char *key, uint64_t value)
{
	json_line_put_hex(line, key, strlen(key), value);
}

/* RFC 3339 in UTC. */
static inline void json_line_time(struct json_line *line, const char *key, int64_t realtime_ns)
{
	json_line_put_time(line, key, strlen(key), realtime_ns);
}

/* An object or a list, until it is closed with the returned value. If nothing is in it, it is left
 * out. An object in a list has no key: NULL. */
static inline size_t json_line_open(struct json_line *line, const char *key)
{
	return json_line_put_open(line, key, key ? strlen(key) : 0);
}

static inline size_t json_line_open_list(struct json_line *line, const char *key)
{
	return json_line_put_open_list(line, key, key ? strlen(key) : 0);
}

void json_line_close(struct json_line *line, size_t opened);
void json_line_close_list(struct json_line *line, size_t opened);

/* A text in a list. */
void json_line_item(struct json_line *line, const char *value);

#endif
