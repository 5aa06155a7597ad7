// SPDX-License-Identifier: BSD-2-Clause
#include "line/owner_name.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "explain/words.h"
#include "line/json_peek.h"

/* As the tools of container runtimes show ids. */
#define ID_DIGITS 12

static bool put(struct words *out, const char *before, const struct json_walk_value *object,
		const char *key)
{
	AUTO_FREE char *name = json_peek_text(object, key);

	if (!name)
		return false;
	words_put(out, "%s", before);
	words_put_name(out, name);
	return true;
}

static bool put_id(struct words *out, const char *before, const struct json_walk_value *container)
{
	AUTO_FREE char *id = json_peek_text(container, "id");

	if (id)
		words_put(out, "%s%.*s", before, ID_DIGITS, id);
	return id != NULL;
}

/* "shop/web-0:app"; without the names, "pod UID:63425c4a8b42" */
static bool put_pod(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value pod = json_walk_member(record, "kubernetes");
	const struct json_walk_value container = json_walk_member(record, "container");

	if (json_peek_has(&pod, "pod")) {
		(void)put(out, "", &pod, "namespace");
		(void)put(out, "/", &pod, "pod");
	} else if (!put(out, "pod ", &pod, "pod_uid")) {
		return false;
	}
	if (!put(out, ":", &pod, "container") && !put(out, ":", &container, "name"))
		(void)put_id(out, ":", &container);
	return true;
}

static bool put_container(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value container = json_walk_member(record, "container");

	if (!json_peek_has(&container, "id"))
		return false;
	if (!put(out, "", &container, "runtime"))
		words_put(out, "container");
	return put(out, ":", &container, "name") || put_id(out, ":", &container);
}

static void put_uid(struct words *out, const struct json_walk_value *object, const char *key)
{
	const uint64_t uid = json_peek_number(object, key);

	if (uid)
		words_put(out, " (uid %" PRIu64 ")", uid);
}

/* Users choose the names of their units, and can choose those of the system's. */
static bool put_unit(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value systemd = json_walk_member(record, "systemd");
	const bool is_users = json_peek_has(&systemd, "user_unit");

	if (!put(out, "", &systemd, is_users ? "user_unit" : "unit"))
		return false;
	if (is_users || json_peek_has(&systemd, "session"))
		put_uid(out, &systemd, "owner_uid");
	return true;
}

static bool put_machine(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value systemd = json_walk_member(record, "systemd");

	return put(out, "machine:", &systemd, "machine");
}

static bool put_slurm(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value slurm = json_walk_member(record, "slurm");

	if (!put(out, "slurm:", &slurm, "job"))
		return false;
	(void)put(out, ".", &slurm, "step");
	return true;
}

/* Only here the user says more than the owner does. */
static bool put_cgroup(struct words *out, const struct json_walk_value *record)
{
	const struct json_walk_value cgroup = json_walk_member(record, "cgroup");
	const struct json_walk_value victim = json_walk_member(record, "victim");

	if (!put(out, "", &cgroup, "path"))
		words_put(out, "?");
	put_uid(out, &victim, "uid");
	return true;
}

void owner_name_write(const struct json_walk_value *record, char ret_text[OWNER_NAME_SIZE])
{
	static bool (*const puts[])(struct words * out, const struct json_walk_value *record) = {
		put_pod, put_container, put_machine, put_slurm, put_unit, put_cgroup,
	};
	struct words out = { .text = ret_text, .size = OWNER_NAME_SIZE };

	*ret_text = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(puts); i++)
		if (puts[i](&out, record))
			return;
}
