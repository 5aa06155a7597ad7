/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a JSON line of ours in place: no tree of values, no memory. Outlets that write each member
 * of a record in another form need no more, and in a storm a tree would be most of what they cost.
 *
 * Only what json_line.h and json_tree.h write is taken: compact, printable ASCII. The bytes can be
 * anybody's; a line in any other form is refused as a whole, so that what is copied out of one is
 * valid JSON. It is checked once, by json_walk_line(): all else relies on that.
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

/* Of a text, what is between its quotes, with its escapes; of all others everything. */
struct json_walk_value {
	enum json_walk_kind kind;
	const char *at;
	size_t size;
};

/* False: it is no object in our form. Its newline may be there or not. */
bool json_walk_line(const char *line, size_t size, struct json_walk_value *ret);

/* What is left of an object or a list. */
struct json_walk {
	const char *at, *end;
};

/* Of what is neither, nothing. */
struct json_walk json_walk_into(const struct json_walk_value *value);

/* The next one; false: there is none. *ret_key is a text, or NOTHING in a list. */
bool json_walk_next(struct json_walk *walk, struct json_walk_value *ret_key,
		    struct json_walk_value *ret_value);

/* Of several with the same key the last one; NOTHING: none, or it is no object. */
struct json_walk_value json_walk_member(const struct json_walk_value *object, const char *key);

bool json_walk_is(const struct json_walk_value *text, const char *plain);

/* Whether a key is one that our records can have: lower case, digits and underscores. */
bool json_walk_is_name(const struct json_walk_value *key);

/* As UTF-8, without its escapes, and ended by a NUL; `ret` takes text->size + 1 bytes. Returns the
 * length. */
size_t json_walk_decode(const struct json_walk_value *text, char *ret);

#endif
