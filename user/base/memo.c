// SPDX-License-Identifier: BSD-2-Clause
#include "base/memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* More than the kinds and cgroups that die at a time on most nodes. */
#define SETS 256
#define WAYS 2

struct entry {
	uint64_t hash;
	size_t size;           /* of the key */
	unsigned char bytes[]; /* the value, then the key */
};

struct memo {
	size_t value_size;
	struct entry *entries[SETS][WAYS]; /* of each set the newest first */
};

struct memo *memo_new(size_t value_size)
{
	struct memo *memo = calloc(1, sizeof(*memo));

	if (memo)
		memo->value_size = value_size;
	return memo;
}

void memo_free(struct memo *memo)
{
	if (!memo)
		return;
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			free(memo->entries[i][j]);
	free(memo);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
	return hash ^ hash >> 32;
}

static uint64_t hash_of(const unsigned char *key, size_t size)
{
	uint64_t hash = size, word = 0;

	for (; size >= sizeof(word); key += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, key, size);
	return mix(hash, word);
}

const void *memo_find(const struct memo *memo, const void *key, size_t size)
{
	struct entry *const *set;
	uint64_t hash;

	if (!memo || size > MEMO_KEY_MOST)
		return NULL;
	hash = hash_of(key, size);
	set = memo->entries[hash % SETS];
	for (size_t i = 0; i < WAYS; i++)
		if (set[i] && set[i]->hash == hash && set[i]->size == size &&
		    !memcmp(set[i]->bytes + memo->value_size, key, size))
			return set[i]->bytes;
	return NULL;
}

void memo_keep(struct memo *memo, const void *key, size_t size, const void *value)
{
	struct entry *entry, **set;

	if (!memo || size > MEMO_KEY_MOST)
		return;
	entry = malloc(sizeof(*entry) + memo->value_size + size);
	if (!entry)
		return;
	entry->hash = hash_of(key, size);
	entry->size = size;
	memcpy(entry->bytes, value, memo->value_size);
	memcpy(entry->bytes + memo->value_size, key, size);
	set = memo->entries[entry->hash % SETS];
	free(set[WAYS - 1]);
	for (size_t i = WAYS - 1; i; i--)
		set[i] = set[i - 1];
	set[0] = entry;
}
