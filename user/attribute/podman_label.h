/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The systemd unit that runs a container, from the label that Quadlet and "podman generate systemd"
 * write. Podman keeps labels only in its database: a bolt file, or from 4.8 on by default an SQLite
 * file.
 *
 * Invariants: best effort; files bounded in bytes, a query in steps; takes no lock. The file is
 * read as a copy: what is incomplete at this moment, or in a write-ahead log that no "podman" has
 * merged yet, is not seen.
 */
#ifndef KT_ATTRIBUTE_PODMAN_LABEL_H
#define KT_ATTRIBUTE_PODMAN_LABEL_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* Sets ret->unit if the runtime ret->runtime has such databases. Files that are there and cannot be
 * read are added to *unreadable. An image has labels too: the unit is a claim of the maker of
 * either. */
void podman_label_find(const struct node_files *files, const char *id, struct names *ret,
		       uint64_t *unreadable);

/* The unit that is in the JSON of a container, libpod/container_config.go: ContainerConfig. */
bool podman_label_read(const char *text, size_t size, struct names *ret);

/* The same from an open database, by the label of one container: 0, even if it has none, or -errno.
 */
int podman_label_read_sqlite(int fd, uint64_t size, const char *id, struct names *ret);
int podman_label_read_bolt(int fd, const char *id, struct names *ret);

/* The JSON of a container in a copy of db.sql, which is changed; "" if there is none. 0 or
 * -EBADMSG, -ENOMEM, -EFBIG. */
int podman_label_query(char *database, size_t size, const char *id, char *ret_text,
		       size_t ret_size);

#endif
