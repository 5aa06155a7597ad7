/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was found out about containers, by id: a bounded table that forgets the one that was not
 * asked for the longest. Also keeps, for a while, that nothing was found.
 *
 * Ownership: copies what it is given. Not thread-safe: its user locks.
 */
#ifndef KT_ATTRIBUTE_NAMES_CACHE_H
#define KT_ATTRIBUTE_NAMES_CACHE_H

#include <stdint.h>

#include "attribute/names.h"

struct names_cache;

/* What is gone is remembered `keep_ns` more: for ever (UINT64_MAX) if its key can never be
 * another's. NULL when out of memory. */
struct names_cache *names_cache_new(unsigned int most, uint64_t keep_ns);
void names_cache_free(struct names_cache *cache);

/* False: never heard of, or gone for too long by `now`. *ret_when is the time that was given when
 * it was put in. */
bool names_cache_get(struct names_cache *cache, const char *key, uint64_t now, struct names *ret,
		     uint64_t *ret_when);

/* Nothing found does not replace what was known: a container that is gone keeps its names, for as
 * long as the cache keeps such. When out of memory, nothing is kept. */
void names_cache_put(struct names_cache *cache, const char *key, const struct names *names,
		     uint64_t when);

/* The container of that id (names.id) is gone, whatever its keys are. */
void names_cache_end(struct names_cache *cache, const char *id, uint64_t when);

#endif
