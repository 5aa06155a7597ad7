/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where runtimes and the kubelet keep what they know of a container: one table, and the search in
 * it.
 *
 * Invariants: best effort; bounded in bytes, entries and places; may block as long as the file
 * systems do, and is therefore called by the thread of naming.c only.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_FILES_H
#define KT_ATTRIBUTE_CONTAINER_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* What a cgroup path told; empty strings: nothing. */
struct container_query {
	char id[129];
	char pod_uid[64];
	char runtime[24];
	/* containerd's, where the path tells: in two of them two containers can have one id. */
	char namespace[64];
	/* Without an id: where the process was, if that may be some container's. */
	char path[1024];
};

/* Whether any place is worth a look: not for runtimes that leave no files. */
bool container_files_may_know(const struct container_query *query);

/*
 * True when a name was found. Files that are there and cannot be read, or are not what they should
 * be, are added to *unreadable.
 */
bool container_files_find(const struct node_files *files, const struct container_query *query,
			  struct names *ret, uint64_t *unreadable);

/* Folders in which an entry appears for a container that begins; index from 0, NULL at the end. */
const char *container_files_watched(unsigned int index);

#endif
