/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON objects in the forms of the public record. Out of memory, a member stays out. */
#ifndef KT_SINK_JSON_PUT_H
#define KT_SINK_JSON_PUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Takes the reference. */
void json_put_value(json_t *object, const char *key, json_t *value);

/* Any bytes; NULL and "" are nothing known, and stay out. */
void json_put_text(json_t *object, const char *key, const char *value);

void json_put_number(json_t *object, const char *key, uint64_t value);
void json_put_signed(json_t *object, const char *key, int64_t value);
void json_put_bool(json_t *object, const char *key, bool value);

/* "0x1f": addresses and offsets. */
void json_put_hex(json_t *object, const char *key, uint64_t value);

/* RFC 3339 in UTC. */
void json_put_time(json_t *object, const char *key, int64_t realtime_ns);

/* Takes the reference. An object without members says nothing, and stays out. */
void json_put_object(json_t *object, const char *key, json_t *value);

#endif
