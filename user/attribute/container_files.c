// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attribute/container_bundle.h"
#include "attribute/container_claims.h"
#include "attribute/containerd_image.h"
#include "attribute/docker_root.h"
#include "attribute/file_ask.h"
#include "attribute/kubelet_logs.h"
#include "attribute/podman_label.h"
#include "attribute/runtime_table.h"
#include "base/cleanup.h"
#include "base/say.h"

#define MOST_NAMESPACES 64U
#define MOST_LOGS 20000U

struct search {
	const struct node_files *files;
	const struct container_query *query;
	const struct runtime *runtime;
	const struct runtime_file *place;
	struct names *names;
	uint64_t *unreadable;
};

/* A sandbox has no name of its own. */
static bool is_enough(const struct names *names)
{
	return names->sandbox[0] || (names->name[0] && names->image[0]);
}

static void complain(const struct search *search, const char *path, const char *what)
{
	(*search->unreadable)++;
	say_detail("names of containers: '%s' %s, ignoring", path, what);
}

/* Whether the file was there and could be read. */
static bool read_file(const struct search *search, enum file_kind kind, const char *path)
{
	struct file_question question;
	struct file_answer answer;
	struct names found;
	int error = file_question_make(kind, search->query->id, NULL, &question)
			    ? file_ask(search->files, path, &question, &answer)
			    : -ENOENT;

	if (error) {
		if (!node_files_is_missing(error))
			complain(search, path, file_ask_failure(error));
		return false;
	}
	found = answer.names;
	/* how far a pod can be trusted depends on the source, and the first one is used */
	if (search->names->runtime[0] && strcmp(search->names->runtime, search->runtime->name) != 0)
		names_drop_pod(&found);
	if (names_any(&found))
		(void)names_set(found.runtime, sizeof(found.runtime), search->runtime->name);
	names_fill(search->names, &found);
	return true;
}

static bool read_below(const struct search *search, const char *namespace)
{
	const struct runtime_file *place = search->place;
	bool is_other = *namespace && strcmp(namespace, "k8s.io") != 0;
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s%s%s/%s/%s", place->folder,
			      *namespace ? "/" : "", namespace, search->query->id, place->file);

	if ((size_t)length >= sizeof(path) ||
	    !read_file(search, is_other ? place->kind_elsewhere : place->kind, path))
		return false;
	if (place->layout == FILE_BY_NAMESPACE_AND_ID)
		containerd_image_find(search->files, place->folder, namespace, search->query->id,
				      search->names, search->unreadable);
	return true;
}

/* The namespaces that have the id, and the names from the first of them. */
struct candidates {
	const struct search *search;
	struct names names;
	unsigned int count;
};

/* Docker's namespace has bundles without a name; its own folder has more. */
static bool read_namespace(void *context, const char *namespace)
{
	struct candidates *candidates = context;
	struct search own = *candidates->search;
	struct names names = { 0 };

	if (!strcmp(namespace, "k8s.io") || !strcmp(namespace, own.query->namespace))
		return false; /* was already asked */
	own.names = &names;
	if (read_below(&own, namespace) && !candidates->count++)
		candidates->names = names;
	return candidates->count > 1;
}

static void read_namespaces(const struct search *search)
{
	struct candidates candidates = { .search = search };
	const char *namespace = search->query->namespace;
	int error;

	if ((*namespace && read_below(search, namespace)) ||
	    (strcmp(namespace, "k8s.io") != 0 && read_below(search, "k8s.io")))
		return;
	error = node_files_list(search->files, search->place->folder, MOST_NAMESPACES,
				read_namespace, &candidates);
	if (error && !node_files_is_missing(error))
		complain(search, search->place->folder, strerror(-error));
	/* either of two containers can be meant: no name is better than a wrong one */
	if (candidates.count == 1)
		names_fill(search->names, &candidates.names);
}

static void read_moved(const struct search *search)
{
	char root[512], path[PATH_MAX];
	int error = docker_root_read(search->files, search->place->folder, root, sizeof(root));

	if (!error) {
		(void)snprintf(path, sizeof(path), "%s/containers/%s/%s", root, search->query->id,
			       search->place->file);
		(void)read_file(search, search->place->kind, path);
	} else if (!node_files_is_missing(error)) {
		complain(search, search->place->folder, file_ask_failure(error));
	}
}

static void read_place(const struct search *search)
{
	char path[PATH_MAX];

	switch (search->place->layout) {
	case FILE_BY_ID:
		(void)read_below(search, "");
		break;
	case FILE_BY_NAMESPACE_AND_ID:
		read_namespaces(search);
		break;
	case FILE_MOVED:
		read_moved(search);
		break;
	case FILE_FOR_ALL:
		(void)snprintf(path, sizeof(path), "%s/%s", search->place->folder,
			       search->place->file);
		(void)read_file(search, search->place->kind, path);
	}
}

static bool match_container(void *context, const char *file)
{
	const struct search *search = context;

	return kubelet_logs_match_container(file, search->query->id, search->names);
}

static bool match_pod(void *context, const char *folder)
{
	const struct search *search = context;

	return kubelet_logs_match_pod(folder, search->query->pod_uid, search->names);
}

/* Uses names of its own, so that what the runtime said stays. */
static void list_logs(const struct search *search, const char *folder,
		      bool (*match)(void *context, const char *name))
{
	struct names found = { 0 };
	struct search own = *search;
	int error;

	own.names = &found;
	error = node_files_list(search->files, folder, MOST_LOGS, match, &own);
	if (error && !node_files_is_missing(error))
		complain(search, folder, strerror(-error));
	names_fill(search->names, &found);
}

/* An id must be a single part of a path. */
static bool is_one_name(const char *id)
{
	return *id && !strchr(id, '/') && strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

/* Two daemons can each have a container with the same id: then neither name is certain. */
static bool is_another_daemons(const struct search *search)
{
	return search->place->layout == FILE_BY_NAMESPACE_AND_ID &&
	       !strcmp(search->names->runtime, search->runtime->name);
}

static bool is_worth_a_look(const struct runtime *at, const char *runtime)
{
	const char *same = runtime_named(runtime)->same_files_as;

	return at->names &&
	       (!*runtime || !strcmp(at->name, runtime) || (same && !strcmp(at->name, same)));
}

bool container_files_may_know(const struct container_query *query)
{
	if (query->pod_uid[0] || query->path[0])
		return true;
	if (!is_one_name(query->id))
		return false;
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		if (is_worth_a_look(at, query->runtime))
			return true;
	return false;
}

/* Reads all places of one runtime, until enough is known. */
static void read_places(struct search *search)
{
	for (search->place = search->runtime->names;
	     search->place->folder && !is_enough(search->names); search->place++)
		if (!is_another_daemons(search))
			read_place(search);
}

bool container_files_find(const struct node_files *files, const struct container_query *query,
			  struct names *ret, uint64_t *unreadable)
{
	struct search search = {
		.files = files, .query = query, .names = ret, .unreadable = unreadable
	};

	memset(ret, 0, sizeof(*ret));
	if (query->path[0])
		container_claims_find(files, query->path, ret, unreadable);
	for (const struct runtime *at = runtime_next(NULL); at && is_one_name(query->id);
	     at = runtime_next(at)) {
		search.runtime = at;
		if (is_worth_a_look(at, query->runtime))
			read_places(&search);
	}
	if (names_any(ret) && is_one_name(query->id))
		container_bundle_find(files, query->id, ret, unreadable);
	if (is_one_name(query->id))
		podman_label_find(files, query->id, ret, unreadable);
	if (query->pod_uid[0] && !ret->pod[0] && is_one_name(query->id))
		list_logs(&search, "/var/log/containers", match_container);
	if (query->pod_uid[0] && !ret->pod[0])
		list_logs(&search, "/var/log/pods", match_pod);
	return names_any(ret);
}

const char *container_files_watched(unsigned int index)
{
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const char *const *folder = at->watched; folder && *folder; folder++)
			if (!index--)
				return *folder;
	return NULL;
}
