// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/owners.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "stdout/cells.h"

#define OTHERS UINT64_MAX
#define SAID_OWNERS 5
/* So that a line fits into 80 columns. */
#define SAID_CELLS 48

/* A free place counts as the worst. */
static bool is_worse(const struct owner_place *one, const struct owner_place *other)
{
	return one->deaths < other->deaths ||
	       (one->deaths == other->deaths && one->turn < other->turn);
}

static struct owner_place *make_room(struct owners *owners)
{
	struct owner_place *worst = owners->places;

	for (struct owner_place *at = owners->places; at < owners->places + OWNERS_PLACES; at++)
		if (is_worse(at, worst))
			worst = at;
	owners->others += worst->deaths;
	free(worst->name);
	*worst = (struct owner_place){ 0 };
	return worst;
}

static struct owner_place *find(struct owners *owners, const char *name)
{
	for (struct owner_place *at = owners->places; at < owners->places + OWNERS_PLACES; at++)
		if (at->name && !strcmp(at->name, name))
			return at;
	return NULL;
}

static struct owner_place *add(struct owners *owners, const char *name)
{
	char *copy = strdup(name);
	struct owner_place *place;

	if (!copy)
		return NULL;
	place = make_room(owners);
	*place = (struct owner_place){
		.name = copy,
		.id = ++owners->last_id,
		.is_late = owners->others > 0,
	};
	return place;
}

uint64_t owners_count(struct owners *owners, const char *name, uint64_t deaths)
{
	struct owner_place *place = find(owners, name);

	if (!place)
		place = add(owners, name);
	if (!place) {
		owners->others += deaths;
		return OTHERS;
	}
	place->deaths += deaths;
	place->turn = ++owners->turn;
	return place->id;
}

void owners_take_back(struct owners *owners, uint64_t id, uint64_t deaths)
{
	if (!id)
		return;
	for (struct owner_place *at = owners->places; at < owners->places + OWNERS_PLACES; at++)
		if (at->id == id) {
			at->deaths -= deaths;
			return;
		}
	owners->others -= deaths;
}

static int by_deaths(const void *a, const void *b)
{
	return is_worse(a, b) - is_worse(b, a);
}

void owners_say(const struct owners *owners)
{
	struct owner_place sorted[OWNERS_PLACES];
	char name[SAID_CELLS * 4 + 64];
	uint64_t others = owners->others;

	memcpy(sorted, owners->places, sizeof(sorted));
	qsort(sorted, OWNERS_PLACES, sizeof(sorted[0]), by_deaths);
	for (size_t i = 0; i < OWNERS_PLACES && sorted[i].deaths; i++) {
		if (i >= SAID_OWNERS) {
			others += sorted[i].deaths;
			continue;
		}
		cells_elide(sorted[i].name, SAID_CELLS, name, sizeof(name));
		say_escaped("%8" PRIu64 "%s of %s", sorted[i].deaths,
			    sorted[i].is_late ? " or more" : "", name);
	}
	if (others)
		say("%8" PRIu64 " of others", others);
}

void owners_done(struct owners *owners)
{
	for (size_t i = 0; i < OWNERS_PLACES; i++)
		free(owners->places[i].name);
	*owners = (struct owners){ 0 };
}
