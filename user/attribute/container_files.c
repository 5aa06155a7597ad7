// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attribute/container_claims.h"
#include "attribute/containerd_image.h"
#include "attribute/docker_config.h"
#include "attribute/kubelet_logs.h"
#include "attribute/oci_config.h"
#include "attribute/storage_list.h"
#include "base/cleanup.h"
#include "base/say.h"

/* Ten times what these files have where they are large: parsed JSON takes several times its size. */
#define MOST_CONFIG (512U << 10)
#define MOST_LIST (2U << 20)
#define MOST_NAMESPACES 64U
#define MOST_LOGS 20000U

#define TASKS "/io.containerd.runtime.v2.task"

typedef bool reader(const char *text, size_t size, const char *id, struct names *ret);

static const struct place {
	const char *runtime;
	/* '*' is a level of folders, the last one the container's unless `file` stands alone */
	const char *folder;
	const char *file;
	reader *read;
	size_t most;
	enum { BY_ID, BY_NAMESPACE_AND_ID, ONE_FOR_ALL } layout;
} places[] = {
	{ "containerd", "/run/containerd" TASKS, "config.json", oci_config_read_containerd,
	  MOST_CONFIG, BY_NAMESPACE_AND_ID },
	/* of k3s and RKE2, of k0s, of MicroK8s */
	{ "containerd", "/run/k3s/containerd" TASKS, "config.json", oci_config_read_containerd,
	  MOST_CONFIG, BY_NAMESPACE_AND_ID },
	{ "containerd", "/run/k0s/containerd" TASKS, "config.json", oci_config_read_containerd,
	  MOST_CONFIG, BY_NAMESPACE_AND_ID },
	{ "containerd", "/var/snap/microk8s/common/run/containerd" TASKS, "config.json",
	  oci_config_read_containerd, MOST_CONFIG, BY_NAMESPACE_AND_ID },
	{ "cri-o", "/run/containers/storage/overlay-containers", "userdata/config.json",
	  oci_config_read_crio, MOST_CONFIG, BY_ID },
	{ "docker", "/var/lib/docker/containers", "config.v2.json", docker_config_read, MOST_CONFIG,
	  BY_ID },
	{ "podman", "/var/lib/containers/storage/overlay-containers", "containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/vfs-containers", "containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/btrfs-containers", "containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/zfs-containers", "containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	/* of containers that are gone after a boot, "podman run --rm" among them */
	{ "podman", "/run/containers/storage/overlay-containers", "volatile-containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/overlay-containers", "volatile-containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/vfs-containers", "volatile-containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/btrfs-containers", "volatile-containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
	{ "podman", "/var/lib/containers/storage/zfs-containers", "volatile-containers.json",
	  storage_list_read, MOST_LIST, ONE_FOR_ALL },
};

struct search {
	const struct node_files *files;
	const struct container_query *query;
	const struct place *place;
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

/* Whether the file was there and read. */
static bool read_file(const struct search *search, reader *read, const char *path)
{
	AUTO_FREE char *text = NULL;
	struct names found = { 0 };
	size_t size;
	int error = node_files_read(search->files, path, search->place->most, &text, &size);

	if (error) {
		if (!node_files_is_missing(error))
			complain(search, path, strerror(-error));
		return false;
	}
	if (!read(text, size, search->query->id, &found)) {
		complain(search, path, "is not what it should be");
		return false;
	}
	/* how far a pod is to be believed depends on who tells of it, which is who came first */
	if (search->names->runtime[0] &&
	    strcmp(search->names->runtime, search->place->runtime) != 0)
		names_drop_pod(&found);
	if (names_any(&found))
		(void)names_set(found.runtime, sizeof(found.runtime), search->place->runtime);
	names_fill(search->names, &found);
	return true;
}

static bool read_below(const struct search *search, const char *namespace)
{
	const struct place *place = search->place;
	bool is_other = *namespace && strcmp(namespace, "k8s.io") != 0;
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s%s%s/%s/%s", place->folder,
			      *namespace ? "/" : "", namespace, search->query->id, place->file);

	if ((size_t)length >= sizeof(path) ||
	    !read_file(search, is_other ? oci_config_read_nerdctl : place->read, path))
		return false;
	if (place->layout == BY_NAMESPACE_AND_ID)
		containerd_image_find(search->files, place->folder, namespace, search->query->id,
				      search->names, search->unreadable);
	return true;
}

/* The namespaces that have the id, and what the first of them tells. */
struct candidates {
	const struct search *search;
	struct names names;
	unsigned int count;
};

/* Docker's namespace has bundles without a name in them; its own folder tells more. */
static bool read_namespace(void *context, const char *namespace)
{
	struct candidates *candidates = context;
	struct search own = *candidates->search;
	struct names names = { 0 };

	if (!strcmp(namespace, "k8s.io") || !strcmp(namespace, own.query->namespace))
		return false; /* has been asked */
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
	/* of two containers either can be meant: rather no name than a wrong one */
	if (candidates.count == 1)
		names_fill(search->names, &candidates.names);
}

static void read_place(const struct search *search)
{
	char path[PATH_MAX];

	switch (search->place->layout) {
	case BY_ID:
		(void)read_below(search, "");
		break;
	case BY_NAMESPACE_AND_ID:
		read_namespaces(search);
		break;
	case ONE_FOR_ALL:
		(void)snprintf(path, sizeof(path), "%s/%s", search->place->folder,
			       search->place->file);
		(void)read_file(search, search->place->read, path);
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

/* Into names of its own: what the runtime said stays. */
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

/* An id is a part of a path. */
static bool is_one_name(const char *id)
{
	return *id && !strchr(id, '/') && strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

static bool is_place_of(const struct place *place, const char *runtime)
{
	return !*runtime || !strcmp(place->runtime, runtime) ||
	       /* both keep their bundles and their list in the same folders */
	       (!strcmp(place->runtime, "podman") && !strcmp(runtime, "cri-o"));
}

bool container_files_may_know(const struct container_query *query)
{
	if (query->pod_uid[0] || query->path[0])
		return true;
	if (!is_one_name(query->id))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (is_place_of(&places[i], query->runtime))
			return true;
	return false;
}

bool container_files_find(const struct node_files *files, const struct container_query *query,
			  struct names *ret, uint64_t *unreadable)
{
	struct search search = { files, query, NULL, ret, unreadable };

	memset(ret, 0, sizeof(*ret));
	if (query->path[0])
		container_claims_find(files, query->path, ret, unreadable);
	for (size_t i = 0; i < ARRAY_SIZE(places) && is_one_name(query->id) && !is_enough(ret);
	     i++) {
		search.place = &places[i];
		if (is_place_of(search.place, query->runtime))
			read_place(&search);
	}
	if (query->pod_uid[0] && !ret->pod[0] && is_one_name(query->id))
		list_logs(&search, "/var/log/containers", match_container);
	if (query->pod_uid[0] && !ret->pod[0])
		list_logs(&search, "/var/log/pods", match_pod);
	return names_any(ret);
}

const char *container_files_watched(unsigned int index)
{
	static const char *const folders[] = {
		"/run/containerd" TASKS "/k8s.io",
		"/run/containerd" TASKS "/moby",
		"/run/containerd" TASKS "/default",
		"/run/k3s/containerd" TASKS "/k8s.io",
		"/run/k0s/containerd" TASKS "/k8s.io",
		"/var/snap/microk8s/common/run/containerd" TASKS "/k8s.io",
		"/run/containers/storage/overlay-containers",
		"/var/lib/docker/containers",
		/* for those that are made with the first container */
		"/run",
	};

	return index < ARRAY_SIZE(folders) ? folders[index] : NULL;
}
