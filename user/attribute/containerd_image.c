// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/containerd_image.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attribute/bolt_file.h"
#include "base/cleanup.h"
#include "base/say.h"

#define METADATA "/io.containerd.metadata.v1.bolt/meta.db"

static const struct {
	const char *tasks;
	const char *database;
} daemons[] = {
	{ "/run/containerd/io.containerd.runtime.v2.task", "/var/lib/containerd" METADATA },
	{ "/run/k3s/containerd/io.containerd.runtime.v2.task",
	  "/var/lib/rancher/k3s/agent/containerd" METADATA },
};

static const char *database_of(const char *tasks)
{
	for (size_t i = 0; i < ARRAY_SIZE(daemons); i++)
		if (!strcmp(daemons[i].tasks, tasks))
			return daemons[i].database;
	return NULL;
}

/* metadata/buckets.go: v1, the namespace, "containers", the id */
static int read_image(const struct node_files *files, const char *database, const char *namespace,
		      const char *id, struct names *ret)
{
	const char *const way[] = { "v1", namespace, "containers", id, "image", NULL };
	AUTO_CLOSE int fd = node_files_open_file(files, database);

	return fd < 0 ? fd : bolt_file_get(fd, way, ret->image, sizeof(ret->image));
}

void containerd_image_find(const struct node_files *files, const char *tasks, const char *namespace,
			   const char *id, struct names *ret, uint64_t *unreadable)
{
	const char *database = database_of(tasks);
	int error;

	if (ret->image[0] || !database)
		return;
	error = read_image(files, database, namespace, id, ret);
	/* -EAGAIN: containerd is so busy that this moment has no state */
	if (!error || node_files_is_missing(error) || error == -EAGAIN)
		return;
	(*unreadable)++;
	say_detail("names of containers: '%s' %s, ignoring", database, strerror(-error));
}
