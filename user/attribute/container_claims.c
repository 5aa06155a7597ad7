// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_claims.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attribute/containerd_image.h"
#include "attribute/container_state.h"
#include "attribute/file_ask.h"
#include "attribute/runtime_table.h"
#include "attribute/span.h"
#include "base/say.h"

/* A container can have cgroups of its own below its cgroup. */
#define MOST_DEPTH 8

struct reading {
	const struct node_files *files;
	uint64_t *unreadable;
};

/* The row `file` of the runtime. */
struct claimant {
	const struct runtime *runtime;
	const struct runtime_file *file;
};

/* NULL in both starts from the beginning. False: there are no more. */
static bool next_claimant(struct claimant *claimant)
{
	if (claimant->file && (++claimant->file)->folder)
		return true;
	do
		claimant->runtime = runtime_next(claimant->runtime);
	while (claimant->runtime && !claimant->runtime->claims);
	claimant->file = claimant->runtime ? claimant->runtime->claims : NULL;
	return claimant->file;
}

/* The last but one part of the path is a level of folders, too. */
static bool is_deep(const struct claimant *claimant)
{
	return claimant->file->layout == FILE_BY_NAMESPACE_AND_ID;
}

/* The container with that id, in the namespace if the claimant has namespaces; false: there is
 * none. */
static bool read_claim(const struct reading *reading, const struct claimant *claimant,
		       struct span namespace, struct span id, struct container_cgroups *ret_cgroups,
		       struct names *ret)
{
	const bool is_other = is_deep(claimant) && !span_is(namespace, "k8s.io");
	struct file_question question;
	struct file_answer answer;
	char path[PATH_MAX];
	int error, length;

	memset(ret, 0, sizeof(*ret));
	if (!span_copy(id, ret->id, sizeof(ret->id)))
		return false;
	length = snprintf(path, sizeof(path), "%s/%.*s/%.*s/%s", claimant->file->folder,
			  (int)namespace.n, namespace.s, (int)id.n, id.s, claimant->file->file);
	if ((size_t)length >= sizeof(path))
		return false;
	(void)file_question_make(is_other ? claimant->file->kind_elsewhere : claimant->file->kind,
				 NULL, NULL, &question);
	error = file_ask(reading->files, path, &question, &answer);
	if (node_files_is_missing(error))
		return false;
	if (error) {
		(*reading->unreadable)++;
		say_detail("containers by cgroup: '%s' %s, ignoring", path,
			   file_ask_failure(error));
		return false;
	}
	*ret_cgroups = answer.cgroups;
	names_fill(ret, &answer.names);
	(void)names_set(ret->runtime, sizeof(ret->runtime), claimant->runtime->name);
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

/* ".." would lead elsewhere; the kernel has no such names, but a recording may. */
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
	struct claimant claimant = { 0 };

	if (!span_copy(path, whole, sizeof(whole)))
		return false;
	while (next_claimant(&claimant)) {
		bool deep = is_deep(&claimant);

		if (deep && !is_name(above))
			continue;
		if (!read_claim(reading, &claimant, deep ? above : none, id, &cgroups, ret) ||
		    !container_cgroups_have(&cgroups, whole))
			continue;
		if (deep && span_copy(above, whole, sizeof(whole)))
			containerd_image_find(reading->files, claimant.file->folder, whole, ret->id,
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
	struct claimant claimant = { 0 };
	struct names names;

	while (is_name(name) && next_claimant(&claimant)) {
		if (is_deep(&claimant) ||
		    !read_claim(&reading, &claimant, none, name, &cgroups, &names))
			continue;
		if (cgroups.unified[0])
			learn(context, cgroups.unified, &names);
		if (cgroups.memory[0])
			learn(context, cgroups.memory, &names);
	}
}

const char *container_claims_watched(unsigned int index)
{
	struct claimant claimant = { 0 };

	while (next_claimant(&claimant))
		if (!is_deep(&claimant) && !index--)
			return claimant.file->folder;
	return NULL;
}
