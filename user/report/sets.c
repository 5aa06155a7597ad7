// SPDX-License-Identifier: BSD-2-Clause
#include "report/sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum set_class set_class_of(enum cause cause)
{
	const char *class = cause_class(cause);

	if (!strcmp(class, "kernel"))
		return SET_KERNEL;
	return !strcmp(class, "runtime") ? SET_RUNTIME : SET_USERSPACE;
}

/* FNV-1a */
static size_t place_of(const unsigned char *key, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ key[i]) * UINT64_C(0x100000001b3);
	return (size_t)((hash ^ (hash >> 32)) % SETS_PLACES);
}

static void begin(struct set *set)
{
	set->first_ns = INT64_MAX;
	set->last_ns = INT64_MIN;
}

/* NULL: out of memory. */
static struct set *add_set(struct sets *sets, const void *key, size_t key_size, struct set **place)
{
	struct set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->key = malloc(key_size + 1);
	if (!set->key) {
		free(set);
		return NULL;
	}
	memcpy(set->key, key, key_size);
	set->key[key_size] = '\0';
	set->key_size = key_size;
	begin(set);
	set->next = *place;
	*place = set;
	sets->list[sets->count++] = set;
	return set;
}

static struct set *find(struct sets *sets, const void *key, size_t key_size)
{
	struct set **place = &sets->places[place_of(key, key_size)];

	for (struct set *set = *place; set; set = set->next)
		if (set->key_size == key_size && !memcmp(set->key, key, key_size))
			return set;
	if (sets->count < SETS_MOST)
		return add_set(sets, key, key_size, place);
	if (!sets->others.deaths)
		begin(&sets->others);
	return &sets->others;
}

bool sets_add(struct sets *sets, const void *key, size_t key_size, const struct set_deaths *deaths)
{
	struct set *set = find(sets, key, key_size);

	if (!set)
		return false;
	set->deaths += deaths->deaths;
	set->causes[deaths->cause] += deaths->deaths;
	if (deaths->bin >= 0)
		set->bins[deaths->bin][set_class_of(deaths->cause)] += (uint32_t)deaths->deaths;
	if (deaths->first_ns < set->first_ns)
		set->first_ns = deaths->first_ns;
	/* rows come newest first, and of equal ones the first is the newest */
	if (deaths->last_ns > set->last_ns) {
		set->last_ns = deaths->last_ns;
		set->newest = deaths->number;
	}
	return true;
}

void set_merge(struct set *set, const struct set *more)
{
	set->deaths += more->deaths;
	for (int i = 0; i < CAUSE_COUNT; i++)
		set->causes[i] += more->causes[i];
	for (int i = 0; i < SET_BINS; i++)
		for (int class = 0; class < SET_CLASSES; class ++)
			set->bins[i][class] += more->bins[i][class];
	if (more->first_ns < set->first_ns)
		set->first_ns = more->first_ns;
	if (more->last_ns > set->last_ns) {
		set->last_ns = more->last_ns;
		set->newest = more->newest;
	}
}

static int compare(const void *a, const void *b)
{
	const struct set *const *one = a, *const *other = b;

	if ((*one)->deaths != (*other)->deaths)
		return (*one)->deaths < (*other)->deaths ? 1 : -1;
	if ((*one)->last_ns != (*other)->last_ns)
		return (*one)->last_ns < (*other)->last_ns ? 1 : -1;
	return (*one)->newest < (*other)->newest ? 1 : -1;
}

void sets_sort(struct sets *sets)
{
	qsort(sets->list, sets->count, sizeof(struct set *), compare);
}

void sets_done(struct sets *sets)
{
	for (size_t i = 0; i < sets->count; i++) {
		free(sets->list[i]->key);
		free(sets->list[i]);
	}
	sets->count = 0;
}
