// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/attribution.h"

#include <string.h>

static bool is_root(const char *path)
{
	return !path[0] || !strcmp(path, "/");
}

static bool goes_on(const char *path, const char *above)
{
	size_t length = is_root(above) ? 0 : strlen(above);

	return !strncmp(path, above, length) && path[length] == '/';
}

const char *attribution_cgroup(const struct death *death)
{
	if (!is_root(death->cgroup_path))
		return death->cgroup_path;
	/* memory may be accounted for a whole slice */
	if (!is_root(death->systemd_path) && goes_on(death->systemd_path, death->memory_path))
		return death->systemd_path;
	return death->memory_path[0] ? death->memory_path : death->cgroup_path;
}

static bool is_sent_to_itself(const struct death *death)
{
	return death->has_signal && (death->signal.flags & KT_SIGNAL_SELF);
}

const char *attribution_sender_cgroup(const struct death *death)
{
	return is_sent_to_itself(death) ? attribution_cgroup(death) : death->sender_path;
}

void attribution_read(const struct death *death, struct attribution *ret)
{
	struct owner other;

	memset(ret, 0, sizeof(*ret));
	owner_from_path(death->cgroup_path, &ret->owner);
	owner_from_path(death->memory_path, &other);
	owner_merge(&ret->owner, &other);
	owner_from_path(death->systemd_path, &other);
	owner_merge(&ret->owner, &other);
	if (is_sent_to_itself(death))
		ret->sender = ret->owner;
	else
		owner_from_path(death->sender_path, &ret->sender);
}

/* As far as names go. */
static bool is_same_container(const struct owner *a, const struct owner *b)
{
	return a->container_id[0] && !strcmp(a->container_id, b->container_id) &&
	       !strcmp(a->runtime, b->runtime) && !strcmp(a->enclosing_id, b->enclosing_id) &&
	       !strcmp(a->pod_uid, b->pod_uid) && a->have_owner_uid == b->have_owner_uid;
}

/* The files know a container that the path does not tell. */
static void adopt(struct owner *owner, const struct names *names)
{
	if (owner->container_id[0] || !names->id[0])
		return;
	(void)names_set(owner->container_id, sizeof(owner->container_id), names->id);
	(void)names_set(owner->runtime, sizeof(owner->runtime), names->runtime);
}

static void adopt_both(struct attribution *attribution)
{
	adopt(&attribution->owner, &attribution->names);
	adopt(&attribution->sender, &attribution->sender_names);
}

void attribution_find_names(struct attribution *attribution, const struct death *death,
			    struct naming *naming)
{
	const char *path = attribution_cgroup(death),
		   *sender_path = attribution_sender_cgroup(death);

	naming_begin(naming);
	naming_find(naming, &attribution->owner, path, &attribution->names);
	/* a runtime that knows v1 only leaves its containers where their caller is in the other */
	if (!names_any(&attribution->names) && death->memory_path[0] &&
	    strcmp(path, death->memory_path) != 0)
		naming_find(naming, &attribution->owner, death->memory_path, &attribution->names);
	if (!strcmp(path, sender_path) ||
	    is_same_container(&attribution->owner, &attribution->sender))
		attribution->sender_names = attribution->names;
	else
		naming_find(naming, &attribution->sender, sender_path, &attribution->sender_names);
	adopt_both(attribution);
}

bool attribution_names_innermost(const struct owner *owner, const struct names *names)
{
	return !owner->enclosing_id[0] || (names->id[0] && !strcmp(names->id, owner->container_id));
}

size_t attribution_write_names(const struct attribution *attribution,
			       char ret_text[2 * NAMES_TEXT_MAX])
{
	size_t used;

	if (!names_any(&attribution->names) && !names_any(&attribution->sender_names))
		return 0;
	used = names_write(&attribution->names, ret_text);
	return used + names_write(&attribution->sender_names, ret_text + used);
}

void attribution_read_names(struct attribution *attribution, const char *text, size_t size)
{
	size_t used = names_read(text, size, &attribution->names);

	if (used && !names_read(text + used, size - used, &attribution->sender_names))
		memset(&attribution->names, 0, sizeof(attribution->names));
	adopt_both(attribution);
}
