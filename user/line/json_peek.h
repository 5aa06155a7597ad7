/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of a record that json_walk_line() has checked, as values of C. What is absent, or has
 * another type, is NULL, 0 or false: a caller never needs to ask twice.
 */
#ifndef KT_LINE_JSON_PEEK_H
#define KT_LINE_JSON_PEEK_H

#include <stdint.h>

#include "line/json_walk.h"

/* As UTF-8, to be freed by the caller. NULL: there is none, or it is empty, or no memory. */
char *json_peek_text(const struct json_walk_value *object, const char *key);

bool json_peek_has(const struct json_walk_value *object, const char *key);

/* Negative numbers are 0. */
uint64_t json_peek_number(const struct json_walk_value *object, const char *key);

double json_peek_real(const struct json_walk_value *object, const char *key);

bool json_peek_bool(const struct json_walk_value *object, const char *key);

/* Whether it is this text. */
bool json_peek_is(const struct json_walk_value *object, const char *key, const char *text);

#endif
