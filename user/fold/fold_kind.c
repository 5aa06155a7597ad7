// SPDX-License-Identifier: BSD-2-Clause
#include "fold/fold_kind.h"

#include <string.h>

static void add(struct digest *digest, const char *text)
{
	digest_text(digest, text);
}

static void add_number(struct digest *digest, uint64_t number)
{
	digest_add(digest, &number, sizeof(number));
}

/* The last byte may be in use. */
static void add_comm(struct digest *digest, const char comm[KT_COMM_LEN])
{
	char text[KT_COMM_LEN + 1] = "";

	memcpy(text, comm, KT_COMM_LEN);
	add(digest, text);
}

static void add_owner(struct digest *digest, const struct owner *owner)
{
	const char *const texts[] = {
		owner->unit,      owner->user_unit,    owner->slice,
		owner->session,   owner->machine,      owner->container_id,
		owner->runtime,   owner->enclosing_id, owner->enclosing_runtime,
		owner->pod_uid,   owner->qos,          owner->podman_pod,
		owner->slurm_job, owner->slurm_step,   owner->slurm_task,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add(digest, texts[i]);
	add_number(digest, owner->have_owner_uid);
	add_number(digest, owner->have_owner_uid ? owner->owner_uid : 0);
}

static void add_names(struct digest *digest, const struct names *names)
{
	const char *const texts[] = {
		names->id,  names->runtime, names->name,      names->image,   names->namespace,
		names->pod, names->pod_uid, names->container, names->sandbox, names->unit,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add(digest, texts[i]);
}

/* A path belongs to one cgroup at a time, also after a restart of its unit. This does not hold for
 * a path that was cut, so the cgroup's number must also be the same. */
static void add_place(struct digest *digest, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_record *record = &death->record;
	const bool is_cut = record->flags & KT_DEATH_PATH_TRUNCATED;

	add(digest, death->cgroup_path);
	add(digest, death->memory_path);
	add(digest, death->systemd_path);
	add_number(digest, is_cut);
	add_number(digest, is_cut ? record->cgroup_id : 0);
	add_number(digest, is_cut ? record->memory_cgroup_id : 0);
	add_owner(digest, &report->whose->owner);
	add_names(digest, &report->whose->names);
}

static void add_program(struct digest *digest, const struct report *report)
{
	add_number(digest, report->death->record.uid);
	add_comm(digest, report->death->record.comm);
	add(digest, report->death->exe);
}

static bool side_is_cut(const char *side_path)
{
	return strlen(side_path) == KT_SIDE_PATH_LEN - 1;
}

static void add_sender(struct digest *digest, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_signal *signal = &death->signal;

	add_number(digest, report->verdict.sender);
	if (report->verdict.sender == SENDER_NONE)
		return;
	add_number(digest, signal->flags & KT_SIGNAL_SELF);
	add_number(digest, signal->sender_uid);
	add_comm(digest, signal->sender_comm);
	add(digest, death->sender_exe);
	add(digest, death->sender_path);
	add(digest, death->sender_memory_path);
	add_number(digest, side_is_cut(death->sender_path) || side_is_cut(death->sender_memory_path)
				   ? signal->sender_cgroup_id
				   : 0);
	add_owner(digest, &report->whose->sender);
	add_names(digest, &report->whose->sender_names);
}

/* Without a fingerprint, deaths are compared by their status alone. */
static void add_end(struct digest *digest, const struct report *report)
{
	add(digest, cause_name(report->verdict.cause));
	add(digest, report->fingerprint);
	add_number(digest, report->death->record.status);
	add_number(digest, report->verdict.routine);
}

static bool is_contained(const struct owner *owner)
{
	return owner->machine[0] || owner->container_id[0] || owner->pod_uid[0];
}

/* A container is one owner, whoever runs in it: its root can be any user. */
static void add_owner_of_lines(struct digest *digest, const struct report *report)
{
	const struct owner *owner = &report->whose->owner;

	if (owner->unit[0] || is_contained(owner))
		add_owner(digest, owner);
	else
		add_place(digest, report);
	if (!is_contained(owner))
		add_number(digest, report->death->record.uid);
}

/* Numbers from here on are what user namespaces give to the users of a machine, beside its own
 * users. */
#define FIRST_SUBORDINATE_UID 65536

/* Not what another user runs in that part of the tree, as sudo(8) does. */
static bool is_of_tree_owner(const struct owner *owner, uint32_t uid)
{
	return owner->have_owner_uid && (uid == owner->owner_uid || uid >= FIRST_SUBORDINATE_UID);
}

typedef void adder(struct digest *digest, const struct report *report);

static void make(struct memo *memo, adder *add_all, const struct report *report,
		 struct fold_digest *ret)
{
	struct digest digest;

	digest_begin(&digest, memo);
	add_all(&digest, report);
	digest_end(&digest, ret->bytes);
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

static void add_foreign_sender(struct digest *digest, const struct report *report)
{
	add_number(digest, report->death->signal.sender_uid);
	add_owner(digest, &report->whose->sender);
}

/* The users that a container or a user namespace can make up are its owner. */
static uint64_t sender_of_lines(struct memo *memo, const struct report *report)
{
	const uint32_t uid = report->death->signal.sender_uid;
	struct fold_digest whose;

	if (report->verdict.sender != SENDER_PROCESS)
		return 0;
	if (uid == report->death->record.uid || uid >= FIRST_SUBORDINATE_UID ||
	    is_own_container(&report->whose->owner, &report->whose->sender))
		return 1;
	make(memo, add_foreign_sender, report, &whose);
	return number_of(&whose) | 2;
}

void fold_kind_of(const struct report *report, struct memo *memo, struct fold_kind *ret)
{
	const struct owner *owner = &report->whose->owner;

	make(memo, add_place, report, &ret->parts[REPEATS_CGROUP]);
	make(memo, add_program, report, &ret->parts[REPEATS_PROGRAM]);
	make(memo, add_end, report, &ret->parts[REPEATS_END]);
	make(memo, add_sender, report, &ret->parts[REPEATS_SENDER]);
	make(memo, add_owner_of_lines, report, &ret->owner);
	ret->cause = report->verdict.cause;
	ret->routine = report->verdict.routine;
	ret->sender = sender_of_lines(memo, report);
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
