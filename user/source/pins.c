// SPDX-License-Identifier: BSD-2-Clause
#include "source/pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "event.h"

#define SHARED "told"
#define LINK "link_"

static int check_file_system(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st))
		return -errno;
	return st.f_type == BPF_FS_MAGIC ? 0 : -EMEDIUMTYPE;
}

/* Any user may make folders and links in a BPF file system. */
static int check_owner(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : -EPERM;
}

static int check_parent(const char *path)
{
	char parent[PINS_PATH_SIZE], *slash;
	AUTO_CLOSE int fd = -1;

	(void)snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash == parent)
		slash++;
	if (slash)
		*slash = '\0';
	fd = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return check_file_system(fd);
}

/* Only in a BPF file system: elsewhere the folder would be litter. */
static int make_folder(const char *path)
{
	int error = check_parent(path);

	if (error)
		return error;
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int lock(int fd, pid_t *ret_pid)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	*ret_pid = lock_holder(fd);
	return -EBUSY;
}

int pins_open(const char *path, bool make, struct pins *ret, pid_t *ret_pid)
{
	AUTO_CLOSE int fd = -1;
	size_t length = strlen(path);
	int error;

	*ret_pid = 0;
	/* room for the names below it */
	if (length + 2UL * PINS_NAME_SIZE >= PINS_PATH_SIZE)
		return -ENAMETOOLONG;
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	while (length > 1 && ret->path[length - 1] == '/')
		ret->path[--length] = '\0';
	error = make ? make_folder(ret->path) : 0;
	if (error)
		return error;
	fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = check_file_system(fd);
	if (!error)
		error = check_owner(fd);
	if (!error)
		error = lock(fd, ret_pid);
	if (error)
		return error;
	ret->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* with the lock */
	return ret->fd < 0 ? -errno : 0;
}

const char *pins_error_text(int error)
{
	if (error == EMEDIUMTYPE)
		return "no BPF file system: mount -t bpf bpf /sys/fs/bpf";
	if (error == EPERM)
		return "the folder is another user's, or others may write to it: remove it";
	return strerror(error);
}

void pins_close(struct pins *pins)
{
	if (pins->fd < 0)
		return;
	(void)rmdir(pins->path); /* refused while there is anything */
	(void)close(pins->fd);
	pins->fd = -1;
}

void pins_path(const struct pins *pins, const char *generation, const char *what, const char *of,
	       char ret_path[PINS_PATH_SIZE])
{
	(void)snprintf(ret_path, PINS_PATH_SIZE, "%.*s/%.*s/%s%s", PINS_PATH_SIZE - 200, pins->path,
		       PINS_NAME_SIZE, generation, what, of);
}

int pins_get(const struct pins *pins, const char *generation, const char *what, const char *of)
{
	char path[PINS_PATH_SIZE];
	int fd;

	pins_path(pins, generation, what, of, path);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int pins_link(const struct pinned_at *at, const char *name, struct bpf_link *link)
{
	char path[PINS_PATH_SIZE];
	int error;

	if (!at->pins)
		return 0;
	pins_path(at->pins, at->generation, LINK, name, path);
	error = bpf_link__pin(link, path);
	if (error)
		(void)bpf_link__destroy(link);
	return error;
}

static bool is_generation(const char *name)
{
	return name[0] == 'v' && name[1] >= '0' && name[1] <= '9' && strchr(name, '-') &&
	       strlen(name) < PINS_NAME_SIZE;
}

static bool is_whole(const struct pins *pins, const char *name)
{
	char path[PINS_PATH_SIZE];

	pins_path(pins, name, LINK, PINS_LAST_LINK, path);
	return !access(path, F_OK);
}

int pins_list(const struct pins *pins, struct pins_generation ret[PINS_MOST], int *ret_count)
{
	DIR *folder = opendir(pins->path);
	const struct dirent *entry;
	int count = 0;

	if (!folder)
		return -errno;
	while (count < PINS_MOST && (entry = readdir(folder))) {
		if (!is_generation(entry->d_name))
			continue;
		(void)snprintf(ret[count].name, sizeof(ret[count].name), "%.*s", PINS_NAME_SIZE - 1,
			       entry->d_name);
		ret[count].whole = is_whole(pins, ret[count].name);
		count++;
	}
	(void)closedir(folder);
	*ret_count = count;
	return 0;
}

int pins_look(const char *path, pid_t *ret_reader)
{
	struct pins pins = { .fd = -1 };
	struct pins_generation generations[PINS_MOST];
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int count = 0, error;

	*ret_reader = 0;
	error = fd < 0 ? -errno : check_file_system(fd);
	if (!error)
		error = check_owner(fd);
	if (error == -ENOENT)
		error = check_parent(path) ? -EMEDIUMTYPE : -ENOENT;
	if (error)
		return error;
	(void)snprintf(pins.path, sizeof(pins.path), "%s", path);
	error = pins_list(&pins, generations, &count);
	if (error)
		return error;
	*ret_reader = lock_holder(fd);
	for (int i = 0; i < count; i++)
		if (generations[i].whole)
			return 0;
	return -ENOENT;
}

/* Names must not contain a dot there. */
static void name_of(uint64_t fingerprint, unsigned int copy, char ret_name[PINS_NAME_SIZE])
{
	int length =
		snprintf(ret_name, PINS_NAME_SIZE, "v%d-%016" PRIx64, KT_WIRE_VERSION, fingerprint);

	if (copy)
		(void)snprintf(ret_name + length, PINS_NAME_SIZE - (size_t)length, "-%u", copy);
}

bool pins_find(const struct pins *pins, uint64_t fingerprint, char ret_name[PINS_NAME_SIZE])
{
	for (unsigned int copy = 0; copy < PINS_MOST; copy++) {
		name_of(fingerprint, copy, ret_name);
		if (is_whole(pins, ret_name))
			return true;
	}
	return false;
}

int pins_add(const struct pins *pins, uint64_t fingerprint, char ret_name[PINS_NAME_SIZE])
{
	for (unsigned int copy = 0; copy < PINS_MOST; copy++) {
		name_of(fingerprint, copy, ret_name);
		if (!mkdirat(pins->fd, ret_name, 0700))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EUSERS;
}

/* Removes the entries with this prefix. The link that makes it whole is removed first, so that a
 * half-removed generation never looks whole. */
static int remove_entries(const struct pins *pins, const char *generation, const char *begin)
{
	int fd = openat(pins->fd, generation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *entry;
	int error = 0;
	DIR *folder;

	if (fd < 0)
		return -errno;
	if (unlinkat(fd, LINK PINS_LAST_LINK, 0) && errno != ENOENT)
		error = -errno;
	folder = error ? NULL : fdopendir(fd);
	if (!folder) {
		error = error ? error : -errno;
		(void)close(fd);
		return error;
	}
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.' && !strncmp(entry->d_name, begin, strlen(begin)) &&
		    unlinkat(dirfd(folder), entry->d_name, 0))
			error = -errno;
	(void)closedir(folder);
	return error;
}

int pins_detach(const struct pins *pins, const char *generation)
{
	return remove_entries(pins, generation, LINK);
}

int pins_remove(const struct pins *pins, const char *generation)
{
	int error = remove_entries(pins, generation, LINK);

	if (!error)
		error = remove_entries(pins, generation, "");
	if (!error && unlinkat(pins->fd, generation, AT_REMOVEDIR))
		error = -errno;
	return error;
}

int pins_remove_all(struct pins *pins)
{
	struct pins_generation all[PINS_MOST];
	int count = 0, error = pins_list(pins, all, &count);

	for (int i = 0; i < count && !error; i++)
		error = pins_remove(pins, all[i].name);
	if (!error && unlinkat(pins->fd, SHARED, 0) && errno != ENOENT)
		error = -errno;
	return error;
}
