/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of other programs on this node, read below a root that may be a mount of the host's.
 *
 * Invariants: nothing outside the root is reached: neither ".." nor a symbolic link leads out of it
 * (attribute/open_in_root.h), and an absolute link means what it means on the host. Only plain
 * files and folders are opened, so that no FIFO or device is touched. All reads are bounded. A file
 * that is being written may be read half.
 */
#ifndef KT_ATTRIBUTE_NODE_FILES_H
#define KT_ATTRIBUTE_NODE_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct parser;

struct node_files {
	int root_fd;
	/* reads them (attribute/file_ask.h), not owned; NULL: this process reads them itself */
	struct parser *parser;
};

/* `root`: NULL or "" is "/". 0 or -errno. */
int node_files_open(const char *root, struct node_files *ret);
void node_files_close(struct node_files *files);

/* Whether an error says that there is no such file, which is not worth a message. */
bool node_files_is_missing(int error);

/*
 * A whole file of at most `most` bytes, with a NUL after it; to be freed. 0 or -errno: -EFBIG: it
 * is longer; -ENOTSUP: it is no plain file.
 */
int node_files_read(const struct node_files *files, const char *path, size_t most, char **ret_text,
		    size_t *ret_size);

/* The same for an open file that should have `size` bytes. */
int node_files_read_open(int fd, size_t size, char **ret_text, size_t *ret_size);

/* A descriptor of a plain file of any size, to read parts of it, or -errno. */
int node_files_open_file(const struct node_files *files, const char *path);

/* A descriptor (O_PATH) of a folder, or -errno. */
int node_files_open_folder(const struct node_files *files, const char *path);

/* Passes the names in a folder, except "." and "..", to `each` until it returns true. 0 or -errno;
 * -EFBIG: there are more than `most`, which were passed. */
int node_files_list(const struct node_files *files, const char *path, unsigned int most,
		    bool (*each)(void *context, const char *name), void *context);

#endif
