// SPDX-License-Identifier: BSD-2-Clause
#include "base/confine_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The same on every architecture; older headers lack them. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
/* The version of the interface that introduced it. */
#define TRUNCATE_VERSION 3

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define CHANGING                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define NEVER                                                           \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |    \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

static int allow_below(int rules, int folder, uint64_t access)
{
	const struct landlock_path_beneath_attr below = { .allowed_access = access,
							  .parent_fd = folder };

	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) ? -errno
											    : 0;
}

/* Opens the folder, or the nearest existing one above it. */
static int open_nearest(const char *path)
{
	char name[PATH_MAX];
	int fd, length = snprintf(name, sizeof(name), "%s", path);

	if (length < 0 || (size_t)length >= sizeof(name))
		return -ENAMETOOLONG;
	for (;;) {
		char *slash = strrchr(name, '/');

		fd = open(*name ? name : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR) || !strcmp(name, "."))
			return fd < 0 ? -errno : fd;
		if (slash)
			*slash = '\0';
		else
			strcpy(name, ".");
	}
}

static int allow_changes(int rules, const char *path, uint64_t access)
{
	AUTO_CLOSE int fd = open_nearest(path);

	return fd < 0 ? fd : allow_below(rules, fd, access);
}

int confine_paths(const char *const *folders)
{
	struct landlock_ruleset_attr handled = { .handled_access_fs = READING | CHANGING | NEVER };
	uint64_t change = READING | CHANGING;
	const long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	AUTO_CLOSE int rules = -1, all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (version < 0)
		return -errno;
	if (version >= TRUNCATE_VERSION) {
		handled.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
		change |= LANDLOCK_ACCESS_FS_TRUNCATE;
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (rules < 0 || all < 0)
		return -errno;
	error = folders ? allow_below(rules, all, READING) : 0;
	for (; folders && *folders && !error; folders++)
		error = allow_changes(rules, *folders, change);
	if (!error && syscall(SYS_landlock_restrict_self, rules, 0))
		error = -errno;
	return error;
}
