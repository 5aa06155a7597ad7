/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a JSON line of ours in place: no tree of values, no memory. Outlets that write each member
 * of a record in another form need no more, and in a storm a tree would be most of their cost.
 *
 * Only the output of json_line.h and json_tree.h is accepted: compact, printable ASCII. The bytes
 * can come from anywhere; a line in any other form is refused as a whole, so that everything copied
 * from one is valid JSON. It is checked once, by json_walk_line(): all other functions rely on
 * that.
 */
#ifndef KT_LINE_JSON_WALK_H
#define KT_LINE_JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>

enum json_walk_kind {
	JSON_WALK_NOTHING, /* no such member */
	JSON_WALK_TEXT,
	JSON_WALK_INTEGER,
	JSON_WALK_REAL,
	JSON_WALK_TRUE,
	JSON_WALK_FALSE,
	JSON_WALK_NULL,
	JSON_WALK_OBJECT,
	JSON_WALK_LIST,
};

/* For a text, the part between its quotes, with its escapes; for all others everything. */
struct json_walk_value {
	enum json_walk_kind kind;
	const char *at;
	size_t size;
};

/* False: it is no object in our form. A newline at the end is optional. */
bool json_walk_line(const char *line, size_t size, struct json_walk_value *ret);

/* The rest of an object or a list. */
struct json_walk {
	const char *at, *end;
};

/* Of other values, nothing. */
struct json_walk json_walk_into(const struct json_walk_value *value);

/* The next member; false: there is none. *ret_key is a text, or NOTHING in a list. */
bool json_walk_next(struct json_walk *walk, struct json_walk_value *ret_key,
		    struct json_walk_value *ret_value);

/* The last one, if several have this key; NOTHING: none, or it is no object. */
struct json_walk_value json_walk_member(const struct json_walk_value *object, const char *key);

bool json_walk_is(const struct json_walk_value *text, const char *plain);

/* Whether our records can have this key: lower case, digits and underscores. */
bool json_walk_is_name(const struct json_walk_value *key);

/* As UTF-8, without its escapes, and ended by a NUL; `ret` has room for text->size + 1 bytes.
 * Returns the length. */
size_t json_walk_decode(const struct json_walk_value *text, char *ret);

#endif
