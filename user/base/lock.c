// SPDX-License-Identifier: BSD-2-Clause
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"

/* "00:13:3": the file system's device in hexadecimal, and the inode. */
static bool is_of(const char *word, const struct stat *st, bool any_device)
{
	uint64_t major_number, minor_number, inode;
	const char *rest = number_read(word, 16, &major_number);

	if (rest && *rest == ':')
		rest = number_read(rest + 1, 16, &minor_number);
	else
		return false;
	return rest && *rest == ':' && number_parse(rest + 1, &inode) && inode == st->st_ino &&
	       (any_device ||
		makedev((unsigned int)major_number, (unsigned int)minor_number) == st->st_dev);
}

pid_t lock_holder(int fd)
{
	AUTO_FCLOSE FILE *locks = fopen("/proc/locks", "re");
	struct statfs system;
	struct stat st;
	uint64_t pid;
	char line[256];
	bool any_device;

	if (!locks || fstat(fd, &st) || fstatfs(fd, &system))
		return 0;
	/* here /proc/locks shows another device than stat(2) */
	any_device = system.f_type == BTRFS_SUPER_MAGIC || system.f_type == OVERLAYFS_SUPER_MAGIC;
	while (fgets(line, sizeof(line), locks)) {
		/* "1: FLOCK  ADVISORY  WRITE 708 00:13:3 0 EOF" */
		char *rest, *words[6] = { strtok_r(line, " ", &rest) };

		for (size_t i = 1; i < ARRAY_SIZE(words) && words[i - 1]; i++)
			words[i] = strtok_r(NULL, " ", &rest);
		if (words[5] && !strcmp(words[1], "FLOCK") && is_of(words[5], &st, any_device))
			return number_parse(words[4], &pid) ? (pid_t)pid : 0;
	}
	return 0;
}

/* Locks that this process has. If there are more, the kernel is asked, which takes some
 * milliseconds. */
#define MOST_HELD 16

static struct {
	dev_t device;
	ino_t inode;
} held[MOST_HELD];
static unsigned int held_count;

static bool is_held(const struct stat *st)
{
	for (unsigned int i = 0; i < held_count; i++)
		if (held[i].device == st->st_dev && held[i].inode == st->st_ino)
			return true;
	return false;
}

static void note_held(const struct stat *st)
{
	if (held_count == MOST_HELD)
		return;
	held[held_count].device = st->st_dev;
	held[held_count++].inode = st->st_ino;
}

int lock_beside(const char *path, pid_t *ret_pid)
{
	char name[PATH_MAX];
	struct stat st;
	int length, fd, error;

	*ret_pid = 0;
	length = snprintf(
		name, sizeof(name),
		!stat(path, &st) && S_ISDIR(st.st_mode) ? "%s/.killtrace.lock" : "%s.lock", path);
	if (length < 0 || (size_t)length >= sizeof(name))
		return -ENAMETOOLONG;
	/* not for writing: that would keep the file system from being remounted read-only */
	fd = open(name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		error = -errno;
	} else if (is_held(&st)) {
		error = -EBUSY;
		*ret_pid = getpid();
	} else if (!flock(fd, LOCK_EX | LOCK_NB)) {
		note_held(&st);
		return 0; /* stays open until the process ends */
	} else {
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
		if (error == -EBUSY)
			*ret_pid = lock_holder(fd);
	}
	(void)close(fd);
	return error;
}
