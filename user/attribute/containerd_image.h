/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image of a containerd container, from its database: for containers of ctr and nerdctl, only
 * this has no plain file.
 *
 * Invariants: as container_files.h.
 */
#ifndef KT_ATTRIBUTE_CONTAINERD_IMAGE_H
#define KT_ATTRIBUTE_CONTAINERD_IMAGE_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* Reads the open database into ret->image: 0 or -errno, as bolt_file_get(). */
int containerd_image_read(int fd, const char *namespace, const char *id, struct names *ret);

/* `tasks` is the folder of the namespaces in which the container was found. Sets ret->image if it
 * is empty and the database has it. */
void containerd_image_find(const struct node_files *files, const char *tasks, const char *namespace,
			   const char *id, struct names *ret, uint64_t *unreadable);

#endif
