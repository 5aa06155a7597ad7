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

/* NULL when out of memory. */
struct names_cache *names_cache_new(unsigned int most);
void names_cache_free(struct names_cache *cache);

/* False: never heard of. *ret_when is the time that was given when it was put in. */
bool names_cache_get(struct names_cache *cache, const char *key, struct names *ret,
		     uint64_t *ret_when);

/* Nothing found does not replace what was known: a container that is gone keeps its names. When out
 * of memory, nothing is kept. */
void names_cache_put(struct names_cache *cache, const char *key, const struct names *names,
		     uint64_t when);

#endif
