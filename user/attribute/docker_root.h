/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where dockerd keeps its files if the administrator moved them: "data-root" in its daemon.json.
 *
 * Invariants: as container_files.h.
 */
#ifndef KT_ATTRIBUTE_DOCKER_ROOT_H
#define KT_ATTRIBUTE_DOCKER_ROOT_H

#include <stddef.h>

#include "attribute/node_files.h"

/* From the file's text: 0, -ENOENT if it is not moved, -EBADMSG. */
int docker_root_parse(const char *text, size_t length, char *ret, size_t size);

/* 0, -ENOENT if it is not moved, -EBADMSG if the file or the path is invalid, or the errno of a
 * read. */
int docker_root_read(const struct node_files *files, const char *daemon_json, char *ret,
		     size_t size);

#endif
