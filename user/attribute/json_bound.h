/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON files of containers, parts of which are chosen by tenants: they are parsed only if their
 * size in memory is bounded.
 *
 * Parsed JSON takes much more than its text: half a MiB of "{},{},..." takes 40 MiB. Pure and
 * total.
 */
#ifndef KT_ATTRIBUTE_JSON_BOUND_H
#define KT_ATTRIBUTE_JSON_BOUND_H

#include <jansson.h>
#include <stddef.h>

/* Ten times what a large container configuration takes. */
#define JSON_BOUND_BYTES ((size_t)3 << 20)
/* For a list of all containers: some thousand. */
#define JSON_BOUND_LIST_BYTES ((size_t)12 << 20)

/* To be decref'd. NULL: it is no JSON, or takes more than `most` bytes of memory. */
json_t *json_bound_load(const char *text, size_t size, size_t most);

#endif
