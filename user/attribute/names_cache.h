/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about containers, by id: a bounded table that forgets the least recently used one.
 * It also keeps, for a while, that nothing was found.
 *
 * Ownership: copies what it is given. Not thread-safe: the caller locks.
 */
#ifndef KT_ATTRIBUTE_NAMES_CACHE_H
#define KT_ATTRIBUTE_NAMES_CACHE_H

#include <stdint.h>

#include "attribute/names.h"

struct names_cache;

/* A container that is gone is remembered for another `keep_ns`: forever (UINT64_MAX) if its key is
 * never used again. NULL when out of memory. */
struct names_cache *names_cache_new(unsigned int most, uint64_t keep_ns);
void names_cache_free(struct names_cache *cache);

/* False: never heard of, or gone for too long by `now`. *ret_when is the time that was given when
 * it was put in. */
bool names_cache_get(struct names_cache *cache, const char *key, uint64_t now, struct names *ret,
		     uint64_t *ret_when);

/* An empty result does not replace what is known: a container that is gone keeps its names, as long
 * as the cache keeps them. When out of memory, nothing is kept. */
void names_cache_put(struct names_cache *cache, const char *key, const struct names *names,
		     uint64_t when);

/* The container with that id (names.id) is gone, whatever its keys are. */
void names_cache_end(struct names_cache *cache, const char *id, uint64_t when);

#endif
