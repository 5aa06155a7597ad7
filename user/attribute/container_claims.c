// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_claims.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attribute/containerd_image.h"
#include "attribute/oci_config.h"
#include "attribute/container_state.h"
#include "attribute/span.h"
#include "base/cleanup.h"
#include "base/say.h"

/* As in container_files.c: ten times what these files have where they are large. */
#define MOST_STATE (512U << 10)
/* A container can have cgroups of its own below. */
#define MOST_DEPTH 8

static const struct claimant {
	const char *runtime;
	const char *folder;
	const char *file;
	bool (*read)(const char *text, size_t size, struct container_cgroups *ret);
	/* the path's last part but one is a level of folders, too */
	bool by_namespace;
} claimants[] = {
	{ "containerd", "/run/containerd/io.containerd.runtime.v2.task", "config.json",
	  container_state_oci, true },
	{ "runc", "/run/runc", "state.json", container_state_runc, false },
	{ "crun", "/run/crun", "status", container_state_crun, false },
	/* which writes what runc writes */
	{ "youki", "/run/youki", "state.json", container_state_runc, false },
};

struct reading {
	const struct node_files *files;
	uint64_t *unreadable;
};

/* Who has the id, in the namespace if the claimant has such; false if nobody has. */
static bool read_claim(const struct reading *reading, const struct claimant *claimant,
		       struct span namespace, struct span id, struct container_cgroups *ret_cgroups,
		       struct names *ret)
{
	AUTO_FREE char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int error, length;

	memset(ret, 0, sizeof(*ret));
	if (!span_copy(id, ret->id, sizeof(ret->id)))
		return false;
	length = snprintf(path, sizeof(path), "%s/%.*s/%.*s/%s", claimant->folder, (int)namespace.n,
			  namespace.s, (int)id.n, id.s, claimant->file);
	if ((size_t)length >= sizeof(path))
		return false;
	error = node_files_read(reading->files, path, MOST_STATE, &text, &size);
	if (node_files_is_missing(error))
		return false;
	if (error || !claimant->read(text, size, ret_cgroups)) {
		(*reading->unreadable)++;
		say_detail("containers by cgroup: '%s' %s, ignoring", path,
			   error ? strerror(-error) : "is not what it should be");
		return false;
	}
	if (claimant->by_namespace)
		(void)(span_is(namespace, "k8s.io") ? oci_config_read_containerd
						    : oci_config_read_nerdctl)(text, size, "", ret);
	(void)names_set(ret->runtime, sizeof(ret->runtime), claimant->runtime);
	return true;
}

static struct span last_of(struct span path)
{
	size_t at = path.n;

	while (at && path.s[at - 1] != '/')
		at--;
	return span_drop(path, at);
}

static struct span without_last(struct span path)
{
	struct span rest = span_chop(path, last_of(path).n);

	return span_chop(rest, rest.n ? 1 : 0);
}

/* ".." would lead elsewhere; the kernel has no such names, a recording may. */
static bool is_name(struct span name)
{
	return name.n && !span_is(name, ".") && !span_is(name, "..");
}

/* The last part of the path may be an id. */
static bool is_claimed(const struct reading *reading, struct span path, struct names *ret)
{
	static const struct span none = { "", 0 };
	struct span id = last_of(path), above = last_of(without_last(path));
	struct container_cgroups cgroups;
	char whole[sizeof(cgroups.memory)];

	if (!span_copy(path, whole, sizeof(whole)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(claimants); i++) {
		bool deep = claimants[i].by_namespace;

		if (deep && !is_name(above))
			continue;
		if (!read_claim(reading, &claimants[i], deep ? above : none, id, &cgroups, ret) ||
		    !container_cgroups_have(&cgroups, whole))
			continue;
		if (deep && span_copy(above, whole, sizeof(whole)))
			containerd_image_find(reading->files, claimants[i].folder, whole, ret->id,
					      ret, reading->unreadable);
		return true;
	}
	return false;
}

void container_claims_find(const struct node_files *files, const char *cgroup, struct names *ret,
			   uint64_t *unreadable)
{
	struct reading reading = { files, unreadable };
	struct span path = { cgroup, strlen(cgroup) };

	for (unsigned int depth = 0; is_name(last_of(path)) && depth < MOST_DEPTH; depth++) {
		if (is_claimed(&reading, path, ret))
			return;
		path = without_last(path);
	}
	memset(ret, 0, sizeof(*ret));
}

void container_claims_learn(const struct node_files *files, const char *id,
			    void (*learn)(void *context, const char *cgroup,
					  const struct names *names),
			    void *context, uint64_t *unreadable)
{
	struct reading reading = { files, unreadable };
	struct span name = { id, strlen(id) }, none = { "", 0 };
	struct container_cgroups cgroups;
	struct names names;

	for (size_t i = 0; i < ARRAY_SIZE(claimants) && is_name(name); i++) {
		if (claimants[i].by_namespace ||
		    !read_claim(&reading, &claimants[i], none, name, &cgroups, &names))
			continue;
		if (cgroups.unified[0])
			learn(context, cgroups.unified, &names);
		if (cgroups.memory[0])
			learn(context, cgroups.memory, &names);
	}
}

const char *container_claims_watched(unsigned int index)
{
	for (size_t i = 0; i < ARRAY_SIZE(claimants); i++)
		if (!claimants[i].by_namespace && !index--)
			return claimants[i].folder;
	return NULL;
}
