/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where runtimes and the kubelet store what they know about a container: one table, and the search
 * in it.
 *
 * Invariants: best effort; bounded in bytes, entries and places; may block as long as the file
 * systems do, and is therefore called only by the thread of naming.c.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_FILES_H
#define KT_ATTRIBUTE_CONTAINER_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* What a cgroup path says; empty strings: nothing. */
struct container_query {
	char id[129];
	char pod_uid[64];
	char runtime[24];
	/* containerd's, if the path has it: two containers in two namespaces can have the same id.
	 */
	char namespace[64];
	/* Without an id: the path of the process, if that may be a container's. */
	char path[1024];
};

/* Whether any place is worth a look: not for runtimes that write no files. */
bool container_files_may_know(const struct container_query *query);

/*
 * True if a name was found. Files that are there but cannot be read, or do not have the expected
 * form, are added to *unreadable.
 */
bool container_files_find(const struct node_files *files, const struct container_query *query,
			  struct names *ret, uint64_t *unreadable);

/* Folders where an entry appears for a new container; index from 0, NULL at the end. */
const char *container_files_watched(unsigned int index);

#endif
