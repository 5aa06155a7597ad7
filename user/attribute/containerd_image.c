// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/containerd_image.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attribute/bolt_file.h"
#include "attribute/file_ask.h"
#include "attribute/runtime_table.h"
#include "base/cleanup.h"
#include "base/say.h"

/* metadata/buckets.go: v1, the namespace, "containers", the id */
int containerd_image_read(int fd, const char *namespace, const char *id, struct names *ret)
{
	const char *const way[] = { "v1", namespace, "containers", id, "image", NULL };

	return bolt_file_get(fd, way, ret->image, sizeof(ret->image));
}

static int ask(const struct node_files *files, const struct runtime_database *database,
	       const char *namespace, const char *id, struct names *ret)
{
	struct file_question question;
	struct file_answer answer;
	int error = file_question_make(database->kind, id, namespace, &question)
			    ? file_ask(files, database->path, &question, &answer)
			    : -ENOENT;

	if (!error)
		(void)names_set(ret->image, sizeof(ret->image), answer.names.image);
	return error;
}

static void find_in(const struct node_files *files, const struct runtime_database *database,
		    const char *namespace, const char *id, struct names *ret, uint64_t *unreadable)
{
	int error = ask(files, database, namespace, id, ret);

	/* -EAGAIN: containerd is so busy that there is no consistent state now */
	if (!error || node_files_is_missing(error) || error == -EAGAIN)
		return;
	(*unreadable)++;
	say_detail("names of containers: '%s' %s, ignoring", database->path,
		   file_ask_failure(error));
}

void containerd_image_find(const struct node_files *files, const char *tasks, const char *namespace,
			   const char *id, struct names *ret, uint64_t *unreadable)
{
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const struct runtime_database *database = at->images;
		     database && database->path && !ret->image[0]; database++)
			if (!strcmp(database->folder, tasks))
				find_in(files, database, namespace, id, ret, unreadable);
}
