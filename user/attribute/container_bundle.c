// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_bundle.h"

#include <limits.h>
#include <stdio.h>

#include "attribute/file_ask.h"
#include "attribute/runtime_table.h"
#include "base/say.h"

void container_bundle_find(const struct node_files *files, const char *id, struct names *names,
			   uint64_t *unreadable)
{
	const struct runtime_file *at = runtime_named(names->runtime)->bundles;

	for (; at && at->folder && !names->cgroup[0]; at++) {
		struct file_question question;
		struct file_answer answer;
		char path[PATH_MAX];
		int error;

		(void)snprintf(path, sizeof(path), "%s/%s/%s", at->folder, id, at->file);
		(void)file_question_make(at->kind, NULL, NULL, &question);
		error = file_ask(files, path, &question, &answer);
		if (!error)
			(void)names_set(names->cgroup, sizeof(names->cgroup), answer.names.cgroup);
		if (!error || node_files_is_missing(error))
			continue;
		(*unreadable)++;
		say_detail("containers by cgroup: '%s' %s, ignoring", path,
			   file_ask_failure(error));
	}
}
