// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/names_cache.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* One block of memory: the key is followed by the names as names_write() writes them, and then by
 * their cgroup and unit. */
struct known {
	TAILQ_ENTRY(known) by_use;
	uint64_t when;
	uint64_t gone;     /* when it was first missing; 0: it is there */
	size_t names_size; /* 0: nothing was found */
	const char *names;
	char key[];
};

struct names_cache {
	void *by_key;
	TAILQ_HEAD(by_use, known) by_use; /* the least recently used first */
	unsigned int count, most;
	uint64_t keep_ns;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->key, ((const struct known *)b)->key);
}

struct names_cache *names_cache_new(unsigned int most, uint64_t keep_ns)
{
	struct names_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	TAILQ_INIT(&cache->by_use);
	cache->most = most;
	cache->keep_ns = keep_ns;
	return cache;
}

static struct known *new_entry(const char *key, const char *names, size_t names_size,
			       const char *cgroup, const char *unit)
{
	size_t key_size = strlen(key) + 1, cgroup_size = strlen(cgroup) + 1,
	       unit_size = strlen(unit) + 1;
	struct known *entry =
		malloc(sizeof(*entry) + key_size + names_size + cgroup_size + unit_size);

	if (!entry)
		return NULL;
	memcpy(entry->key, key, key_size);
	memcpy(entry->key + key_size, names, names_size);
	memcpy(entry->key + key_size + names_size, cgroup, cgroup_size);
	memcpy(entry->key + key_size + names_size + cgroup_size, unit, unit_size);
	entry->names = entry->key + key_size;
	entry->names_size = names_size;
	entry->gone = 0;
	return entry;
}

static struct known *find(struct names_cache *cache, const char *key)
{
	/* an entry serves as the key to compare with */
	struct known *wanted = new_entry(key, "", 0, "", ""), *const * found;

	if (!wanted)
		return NULL;
	found = tfind(wanted, &cache->by_key, compare);
	free(wanted);
	return found ? *found : NULL;
}

static void forget(struct names_cache *cache, struct known *entry)
{
	(void)tdelete(entry, &cache->by_key, compare);
	TAILQ_REMOVE(&cache->by_use, entry, by_use);
	cache->count--;
	free(entry);
}

void names_cache_free(struct names_cache *cache)
{
	if (!cache)
		return;
	while (!TAILQ_EMPTY(&cache->by_use))
		forget(cache, TAILQ_FIRST(&cache->by_use));
	free(cache);
}

bool names_cache_get(struct names_cache *cache, const char *key, uint64_t now, struct names *ret,
		     uint64_t *ret_when)
{
	struct known *entry = find(cache, key);

	memset(ret, 0, sizeof(*ret));
	if (!entry)
		return false;
	if (entry->gone && now - entry->gone > cache->keep_ns) {
		forget(cache, entry);
		return false;
	}
	TAILQ_REMOVE(&cache->by_use, entry, by_use);
	TAILQ_INSERT_TAIL(&cache->by_use, entry, by_use);
	if (entry->names_size) {
		(void)names_read(entry->names, entry->names_size, ret);
		(void)names_set(ret->cgroup, sizeof(ret->cgroup), entry->names + entry->names_size);
		(void)names_set(ret->unit, sizeof(ret->unit),
				entry->names + entry->names_size + strlen(ret->cgroup) + 1);
	}
	*ret_when = entry->when;
	return true;
}

void names_cache_put(struct names_cache *cache, const char *key, const struct names *names,
		     uint64_t when)
{
	struct known *entry = find(cache, key);
	char text[NAMES_TEXT_MAX];

	if (entry && !names_any(names)) {
		entry->when = when;
		if (!entry->gone)
			entry->gone = when;
		return;
	}
	if (entry)
		forget(cache, entry);
	entry = new_entry(key, text, names_any(names) ? names_write(names, text) : 0, names->cgroup,
			  names->unit);
	if (!entry)
		return;
	entry->when = when;
	if (!tsearch(entry, &cache->by_key, compare)) {
		free(entry);
		return;
	}
	TAILQ_INSERT_TAIL(&cache->by_use, entry, by_use);
	if (++cache->count > cache->most)
		forget(cache, TAILQ_FIRST(&cache->by_use));
}

void names_cache_end(struct names_cache *cache, const char *id, uint64_t when)
{
	struct names names;

	for (struct known *entry = TAILQ_FIRST(&cache->by_use); entry;
	     entry = TAILQ_NEXT(entry, by_use)) {
		(void)names_read(entry->names, entry->names_size, &names);
		if (!strcmp(names.id, id) && !entry->gone)
			entry->gone = when;
	}
}
