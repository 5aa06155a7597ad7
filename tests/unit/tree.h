/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of the test's own that stands for the root of a node. Failures end the test. */
#ifndef KT_TREE_H
#define KT_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree_root[64];

static inline int tree_make(void **state)
{
	(void)state;
	(void)snprintf(tree_root, sizeof(tree_root), "/tmp/killtrace-unit.XXXXXX");
	return mkdtemp(tree_root) ? 0 : -1;
}

static inline int tree_drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int tree_remove(void **state)
{
	(void)state;
	return nftw(tree_root, tree_drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path outside, after making all folders above it. */
static inline const char *tree_path(const char *path)
{
	static char whole[PATH_MAX];

	(void)snprintf(whole, sizeof(whole), "%s%s", tree_root, path);
	for (char *at = whole + strlen(tree_root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		(void)mkdir(whole, 0755);
		*at = '/';
	}
	return whole;
}

static inline void tree_write_bytes(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(tree_path(path), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline void tree_write(const char *path, const char *text)
{
	tree_write_bytes(path, text, strlen(text));
}

#endif
