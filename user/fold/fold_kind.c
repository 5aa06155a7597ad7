// SPDX-License-Identifier: BSD-2-Clause
#include "fold/fold_kind.h"

#include <sha2.h>
#include <string.h>

_Static_assert(FOLD_DIGEST_BYTES == SHA256_DIGEST_LENGTH, "the whole digest");

/* With its NUL, so that two texts are not the same as one longer text. */
static void add(SHA2_CTX *hash, const char *text)
{
	SHA256Update(hash, (const uint8_t *)text, strlen(text) + 1);
}

static void add_number(SHA2_CTX *hash, uint64_t number)
{
	SHA256Update(hash, (const uint8_t *)&number, sizeof(number));
}

/* The last byte may be in use. */
static void add_comm(SHA2_CTX *hash, const char comm[KT_COMM_LEN])
{
	char text[KT_COMM_LEN + 1] = "";

	memcpy(text, comm, KT_COMM_LEN);
	add(hash, text);
}

static void add_owner(SHA2_CTX *hash, const struct owner *owner)
{
	const char *const texts[] = {
		owner->unit,      owner->user_unit,    owner->slice,
		owner->session,   owner->machine,      owner->container_id,
		owner->runtime,   owner->enclosing_id, owner->enclosing_runtime,
		owner->pod_uid,   owner->qos,          owner->podman_pod,
		owner->slurm_job, owner->slurm_step,   owner->slurm_task,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add(hash, texts[i]);
	add_number(hash, owner->have_owner_uid);
	add_number(hash, owner->have_owner_uid ? owner->owner_uid : 0);
}

static void add_names(SHA2_CTX *hash, const struct names *names)
{
	const char *const texts[] = {
		names->id,  names->runtime, names->name,      names->image,   names->namespace,
		names->pod, names->pod_uid, names->container, names->sandbox, names->unit,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add(hash, texts[i]);
}

/* A path belongs to one cgroup at a time, also after a restart of its unit. This does not hold for
 * a path that was cut, so the cgroup's number must also be the same. */
static void add_place(SHA2_CTX *hash, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_record *record = &death->record;
	const bool is_cut = record->flags & KT_DEATH_PATH_TRUNCATED;

	add(hash, death->cgroup_path);
	add(hash, death->memory_path);
	add(hash, death->systemd_path);
	add_number(hash, is_cut);
	add_number(hash, is_cut ? record->cgroup_id : 0);
	add_number(hash, is_cut ? record->memory_cgroup_id : 0);
	add_owner(hash, &report->whose->owner);
	add_names(hash, &report->whose->names);
}

static void add_program(SHA2_CTX *hash, const struct report *report)
{
	add_number(hash, report->death->record.uid);
	add_comm(hash, report->death->record.comm);
	add(hash, report->death->exe);
}

static bool side_is_cut(const char *side_path)
{
	return strlen(side_path) == KT_SIDE_PATH_LEN - 1;
}

static void add_sender(SHA2_CTX *hash, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_signal *signal = &death->signal;

	add_number(hash, report->verdict.sender);
	if (report->verdict.sender == SENDER_NONE)
		return;
	add_number(hash, signal->flags & KT_SIGNAL_SELF);
	add_number(hash, signal->sender_uid);
	add_comm(hash, signal->sender_comm);
	add(hash, death->sender_exe);
	add(hash, death->sender_path);
	add(hash, death->sender_memory_path);
	add_number(hash, side_is_cut(death->sender_path) || side_is_cut(death->sender_memory_path)
				 ? signal->sender_cgroup_id
				 : 0);
	add_owner(hash, &report->whose->sender);
	add_names(hash, &report->whose->sender_names);
}

/* Without a fingerprint, deaths are compared by their status alone. */
static void add_end(SHA2_CTX *hash, const struct report *report)
{
	add(hash, cause_name(report->verdict.cause));
	add(hash, report->fingerprint);
	add_number(hash, report->death->record.status);
	add_number(hash, report->verdict.routine);
}

static bool is_contained(const struct owner *owner)
{
	return owner->machine[0] || owner->container_id[0] || owner->pod_uid[0];
}

/* A container is one owner, whoever runs in it: its root can be any user. */
static void add_owner_of_lines(SHA2_CTX *hash, const struct report *report)
{
	const struct owner *owner = &report->whose->owner;

	if (owner->unit[0] || is_contained(owner))
		add_owner(hash, owner);
	else
		add_place(hash, report);
	if (!is_contained(owner))
		add_number(hash, report->death->record.uid);
}

/* Numbers from here on are what user namespaces give to the users of a machine, beside its own
 * users. */
#define FIRST_SUBORDINATE_UID 65536

/* Not what another user runs in that part of the tree, as sudo(8) does. */
static bool is_of_tree_owner(const struct owner *owner, uint32_t uid)
{
	return owner->have_owner_uid && (uid == owner->owner_uid || uid >= FIRST_SUBORDINATE_UID);
}

static void digest(void (*adder)(SHA2_CTX *hash, const struct report *report),
		   const struct report *report, struct fold_digest *ret)
{
	SHA2_CTX hash;

	SHA256Init(&hash);
	adder(&hash, report);
	SHA256Final(ret->bytes, &hash);
}

static uint64_t number_of(const struct fold_digest *digest)
{
	uint64_t number;

	memcpy(&number, digest->bytes, sizeof(number));
	return number;
}

static bool is_own_container(const struct owner *owner, const struct owner *sender)
{
	return is_contained(owner) && !strcmp(owner->container_id, sender->container_id) &&
	       !strcmp(owner->pod_uid, sender->pod_uid) && !strcmp(owner->machine, sender->machine);
}

static void add_foreign_sender(SHA2_CTX *hash, const struct report *report)
{
	add_number(hash, report->death->signal.sender_uid);
	add_owner(hash, &report->whose->sender);
}

/* The users that a container or a user namespace can make up are its owner. */
static uint64_t sender_of_lines(const struct report *report)
{
	const uint32_t uid = report->death->signal.sender_uid;
	struct fold_digest whose;

	if (report->verdict.sender != SENDER_PROCESS)
		return 0;
	if (uid == report->death->record.uid || uid >= FIRST_SUBORDINATE_UID ||
	    is_own_container(&report->whose->owner, &report->whose->sender))
		return 1;
	digest(add_foreign_sender, report, &whose);
	return number_of(&whose) | 2;
}

void fold_kind_of(const struct report *report, struct fold_kind *ret)
{
	const struct owner *owner = &report->whose->owner;

	digest(add_place, report, &ret->parts[REPEATS_CGROUP]);
	digest(add_program, report, &ret->parts[REPEATS_PROGRAM]);
	digest(add_end, report, &ret->parts[REPEATS_END]);
	digest(add_sender, report, &ret->parts[REPEATS_SENDER]);
	digest(add_owner_of_lines, report, &ret->owner);
	ret->cause = report->verdict.cause;
	ret->routine = report->verdict.routine;
	ret->sender = sender_of_lines(report);
	ret->has_user = is_of_tree_owner(owner, report->death->record.uid);
	ret->user = ret->has_user ? owner->owner_uid : 0;
}

bool fold_digest_is(const struct fold_digest *digest, const struct fold_digest *other)
{
	return !memcmp(digest->bytes, other->bytes, sizeof(digest->bytes));
}

unsigned int fold_kind_differs(const struct fold_kind *kind, const struct fold_kind *other)
{
	unsigned int differs = 0;

	for (int i = 0; i < REPEATS_PARTS; i++)
		if (!fold_digest_is(&kind->parts[i], &other->parts[i]))
			differs |= 1U << i;
	return differs;
}

bool fold_kind_same_cause(const struct fold_kind *kind, const struct fold_kind *other)
{
	return kind->cause == other->cause && kind->routine == other->routine &&
	       kind->sender == other->sender;
}

uint64_t fold_kind_number(const struct fold_kind *kind)
{
	uint64_t number = 0;

	for (int i = 0; i < REPEATS_PARTS; i++)
		number = number * 31 + number_of(&kind->parts[i]);
	return number ? number : 1;
}

uint64_t fold_kind_owner_number(const struct fold_kind *kind)
{
	const uint64_t number = number_of(&kind->owner);

	return number ? number : 1;
}
