// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/docker_root.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "attribute/file_ask.h"
#include "attribute/json_bound.h"
#include "attribute/json_names.h"
#include "base/cleanup.h"

int docker_root_parse(const char *text, size_t length, char *ret, size_t size)
{
	AUTO_JSON json_t *settings = json_bound_load(text, length, JSON_BOUND_BYTES);
	const json_t *root;
	const char *path;

	if (!json_is_object(settings))
		return -EBADMSG;
	root = json_object_get(settings, "data-root");
	/* the name until Docker 17.05 */
	if (!root)
		root = json_object_get(settings, "graph");
	if (!root)
		return -ENOENT;
	path = json_string_value(root);
	if (!path || path[0] != '/' || !names_set(ret, size, path))
		return -EBADMSG;
	return 0;
}

int docker_root_read(const struct node_files *files, const char *daemon_json, char *ret,
		     size_t size)
{
	struct file_question question;
	struct file_answer answer;
	int error;

	(void)file_question_make(FILE_DOCKER_SETTINGS, NULL, NULL, &question);
	error = file_ask(files, daemon_json, &question, &answer);
	if (error)
		return error;
	return answer.path[0] == '/' && names_set(ret, size, answer.path) ? 0 : -EBADMSG;
}
