// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/attribution.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/memo.h"

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
	if (is_sent_to_itself(death))
		return attribution_cgroup(death);
	if (is_root(death->sender_path) && death->sender_memory_path[0])
		return death->sender_memory_path;
	return death->sender_path;
}

/* A path that fills its buffer was cut: a half name can be the whole name of another cgroup. */
static const char *without_half_name(const char *path, char ret[KT_PATH_LEN])
{
	size_t length = strlen(path);
	const char *last = strrchr(path, '/');

	if ((length != KT_SIDE_PATH_LEN - 1 && length != KT_PATH_LEN - 1) || !last)
		return path;
	memcpy(ret, path, (size_t)(last - path));
	ret[last - path] = '\0';
	return ret;
}

static void read_path(const char *path, struct owner *ret)
{
	char whole[KT_PATH_LEN];

	owner_from_path(without_half_name(path, whole), ret);
}

static void add_path(struct owner *owner, const char *path)
{
	struct owner other;

	read_path(path, &other);
	owner_merge(owner, &other);
}

static void read_paths(const char *const paths[], size_t count, struct owner *ret)
{
	read_path(paths[0], ret);
	for (size_t i = 1; i < count; i++)
		add_path(ret, paths[i]);
}

/* The paths, each with its NUL. Returns how many bytes; 0: they have no room. */
static size_t key_of(const char *const paths[], size_t count, char ret_key[MEMO_KEY_MOST])
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const size_t size = strlen(paths[i]) + 1;

		if (size > MEMO_KEY_MOST - used)
			return 0;
		memcpy(ret_key + used, paths[i], size);
		used += size;
	}
	return used;
}

/* Reading a path takes longer than all else that is done for most deaths. */
static void recall_paths(struct memo *owners, const char *const paths[], size_t count,
			 struct owner *ret)
{
	char key[MEMO_KEY_MOST];
	const size_t size = owners ? key_of(paths, count, key) : 0;
	const struct owner *known = size ? memo_find(owners, key, size) : NULL;

	if (known) {
		*ret = *known;
		return;
	}
	read_paths(paths, count, ret);
	if (size)
		memo_keep(owners, key, size, ret);
}

void attribution_recall(const struct death *death, struct memo *owners, struct attribution *ret)
{
	const char *const victim[] = { death->cgroup_path, death->memory_path,
				       death->systemd_path };
	const char *const sender[] = { death->sender_path, death->sender_memory_path };

	/* the owners are written as a whole below */
	names_clear(&ret->names);
	names_clear(&ret->sender_names);
	ret->invocation[0] = '\0';
	ret->child = NULL;
	ret->is_own_parser = ret->is_replaced_parser = false;
	recall_paths(owners, victim, ARRAY_SIZE(victim), &ret->owner);
	if (is_sent_to_itself(death))
		ret->sender = ret->owner;
	else
		recall_paths(owners, sender, ARRAY_SIZE(sender), &ret->sender);
}

void attribution_read(const struct death *death, struct attribution *ret)
{
	memset(ret, 0, sizeof(*ret));
	attribution_recall(death, NULL, ret);
}

/* The files know a container that the path does not show. */
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

static void find_names(struct naming *naming, const struct owner *owner, const char *path,
		       const char *memory_path, struct names *ret)
{
	char whole[KT_PATH_LEN];

	naming_find(naming, owner, without_half_name(path, whole), ret);
	/* a runtime that knows only v1 leaves its containers in their caller's cgroup in the other
	 * hierarchy */
	if (!names_any(ret) && memory_path[0] && strcmp(path, memory_path) != 0)
		naming_find(naming, owner, without_half_name(memory_path, whole), ret);
}

void attribution_find_names(struct attribution *attribution, const struct death *death,
			    struct naming *naming)
{
	naming_begin(naming);
	find_names(naming, &attribution->owner, attribution_cgroup(death), death->memory_path,
		   &attribution->names);
	/* not the victim's names just because one path is the same: the paths in the other
	 * hierarchy may differ */
	if (is_sent_to_itself(death))
		attribution->sender_names = attribution->names;
	else
		find_names(naming, &attribution->sender, attribution_sender_cgroup(death),
			   death->sender_memory_path, &attribution->sender_names);
	adopt_both(attribution);
}

bool attribution_names_innermost(const struct owner *owner, const struct names *names)
{
	return !owner->enclosing_id[0] || (names->id[0] && !strcmp(names->id, owner->container_id));
}

static size_t write_text(const char *text, char *ret)
{
	size_t size = strlen(text) + 1;

	memcpy(ret, text, size);
	return size;
}

size_t attribution_write_names(const struct attribution *attribution,
			       char ret_text[2 * NAMES_TEXT_MAX])
{
	size_t used;

	if (!names_any(&attribution->names) && !names_any(&attribution->sender_names))
		return 0;
	used = names_write(&attribution->names, ret_text);
	used += names_write(&attribution->sender_names, ret_text + used);
	used += write_text(attribution->names.unit, ret_text + used);
	return used + write_text(attribution->sender_names.unit, ret_text + used);
}

/* Returns the number of bytes read; 0 at the end of an older recording. */
static size_t read_text(const char *text, size_t size, char *ret, size_t ret_size)
{
	size_t length = strnlen(text, size);

	if (length == size || length >= ret_size)
		return 0;
	(void)names_set(ret, ret_size, text);
	return length + 1;
}

void attribution_read_names(struct attribution *attribution, const char *text, size_t size)
{
	struct names *names = &attribution->names, *sender = &attribution->sender_names;
	size_t used = names_read(text, size, names), more = 0;

	if (used)
		more = names_read(text + used, size - used, sender);
	if (more) {
		used += more;
		more = read_text(text + used, size - used, names->unit, sizeof(names->unit));
		used += more;
	} else {
		memset(names, 0, sizeof(*names));
	}
	if (more)
		(void)read_text(text + used, size - used, sender->unit, sizeof(sender->unit));
	adopt_both(attribution);
}
