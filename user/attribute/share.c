// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/share.h"

#include <stdbool.h>
#include <string.h>

#include "attribute/stable_name.h"

/* FNV-1a. A user that makes a collision shares its own part with the other, and takes nothing from
 * others. */
#define BASIS 0xcbf29ce484222325U
#define PRIME 0x100000001b3U

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * PRIME;
	return hash;
}

/* With its NUL, so that two texts are not the same as one longer text. */
static uint64_t add_text(uint64_t hash, const char *text)
{
	return add_bytes(hash, text, strlen(text) + 1);
}

static uint64_t add_number(uint64_t hash, uint32_t number)
{
	const unsigned char bytes[] = { (unsigned char)number, (unsigned char)(number >> 8),
					(unsigned char)(number >> 16),
					(unsigned char)(number >> 24) };

	return add_bytes(hash, bytes, sizeof(bytes));
}

static uint64_t holder_of(const struct attribution *whose, const struct stable_name *name)
{
	/* what a user makes belongs to the user, whatever it calls itself */
	if (whose->owner.have_owner_uid)
		return add_number(add_text(BASIS, "user"), whose->owner.owner_uid);
	if (!strcmp(name->kind, "kubernetes"))
		return add_text(add_text(BASIS, name->kind), name->name[0]);
	return add_text(BASIS, name->kind);
}

/* A name of these kinds can stand for the processes of several users, such as those of cron. A pod,
 * a container or a machine is one workload, whatever runs in it. */
static bool uid_tells_apart(const struct stable_name *name)
{
	return !strcmp(name->kind, "unit") || !strcmp(name->kind, "cgroup");
}

/* Neighbouring uids of people fall on different parts. Root in a container without a cgroup of its
 * own, and users with subordinate uids, change uids at will: they count as so many workloads at
 * most. */
#define PARTS_OF_USERS 16

struct share share_of(const struct attribution *whose, const struct death *death, const char *node)
{
	struct stable_name name;
	struct share share;

	stable_name_of(&whose->owner, &whose->names, attribution_cgroup(death), node, &name);
	share.holder = holder_of(whose, &name);
	share.workload = add_text(share.holder, name.kind);
	for (size_t i = 0; i < STABLE_NAME_PARTS; i++)
		share.workload = add_text(share.workload, name.name[i]);
	if (uid_tells_apart(&name))
		share.workload = add_number(share.workload, death->record.uid % PARTS_OF_USERS);
	return share;
}
