/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that is either as it was, or new as a whole. */
#ifndef KT_BASE_WHOLE_FILE_H
#define KT_BASE_WHOLE_FILE_H

#include <stddef.h>

/*
 * Writes PATH.partial (0600), syncs it, and gives it the name. A regular file of that name is
 * replaced; after a failure it is as it was, and no partial one is left. 0 or -errno: -EEXIST is
 * something that is no regular file, such as a link or a device; -EINTR: stop was requested.
 */
int whole_file_write(const char *path, const void *data, size_t size);

#endif
