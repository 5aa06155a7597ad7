/* SPDX-License-Identifier: BSD-2-Clause */
/* Control groups that live as long as one scene. Only groups named kt-zoo-<pid>-… are touched. */
#include "zoo.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 8, PATH_SIZE = 256 };

static char groups[GROUPS_MAX][PATH_SIZE];
static unsigned int group_count;

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		bool begins = at == text || strchr(" ,\n", at[-1]);

		if (begins && (!at[length] || strchr(" ,\n", at[length])))
			return true;
	}
	return false;
}

static bool read_file(const char *path, char *ret_text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, ret_text, size - 1);

	if (fd >= 0)
		close(fd);
	if (length < 0)
		return false;
	ret_text[length] = '\0';
	return true;
}

static bool v2_has_memory(const char *dir)
{
	char path[PATH_SIZE + 32], text[512];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	return read_file(path, text, sizeof(text)) && has_word(text, "memory");
}

static char memory_root[PATH_SIZE], unified_root[PATH_SIZE];
static bool memory_v2;

static void find_roots(void)
{
	static bool done;
	FILE *mounts;
	struct mntent *mount;

	if (done)
		return;
	done = true;
	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return;
	while ((mount = getmntent(mounts))) {
		bool v2 = !strcmp(mount->mnt_type, "cgroup2");

		if (v2 && !unified_root[0])
			snprintf(unified_root, sizeof(unified_root), "%s", mount->mnt_dir);
		if (memory_root[0])
			continue;
		if (v2 ? v2_has_memory(mount->mnt_dir)
		       : !strcmp(mount->mnt_type, "cgroup") &&
				    has_word(mount->mnt_opts, "memory")) {
			snprintf(memory_root, sizeof(memory_root), "%s", mount->mnt_dir);
			memory_v2 = v2;
		}
	}
	endmntent(mounts);
	/* systemd has done this already; in a bare guest it must be done here. */
	if (memory_v2)
		cgroup_write(memory_root, "cgroup.subtree_control", "+memory");
}

const char *cgroup_memory_root(void)
{
	find_roots();
	return memory_root[0] ? memory_root : NULL;
}

const char *cgroup_unified_root(void)
{
	find_roots();
	return unified_root[0] ? unified_root : NULL;
}

bool cgroup_memory_is_v2(void)
{
	find_roots();
	return memory_v2;
}

int cgroup_make(const char *root, const char *name, char *ret_path, size_t size)
{
	char path[PATH_SIZE];
	int length;

	/* Below one of our groups, the name needs no prefix. */
	if (strstr(root, "/kt-zoo-"))
		length = snprintf(path, sizeof(path), "%s/%s", root, name);
	else
		length = snprintf(path, sizeof(path), "%s/kt-zoo-%d-%s", root, getpid(), name);
	if (length < 0 || (size_t)length >= sizeof(path) || (size_t)length >= size ||
	    group_count >= GROUPS_MAX) {
		errno = ENAMETOOLONG;
		return -errno;
	}
	if (mkdir(path, 0755))
		return -errno;
	snprintf(groups[group_count++], PATH_SIZE, "%s", path);
	snprintf(ret_path, size, "%s", path);
	return 0;
}

int cgroup_make_unit(const char *root, const char *unit, char *ret_path, size_t size)
{
	char slice[PATH_SIZE], path[PATH_SIZE];
	bool made;

	if (snprintf(slice, sizeof(slice), "%s/system.slice", root) >= (int)sizeof(slice) ||
	    snprintf(path, sizeof(path), "%s/%s", slice, unit) >= (int)sizeof(path) ||
	    strlen(path) >= size || group_count + 2 > GROUPS_MAX)
		return -ENAMETOOLONG;
	made = !mkdir(slice, 0755);
	if (!made && errno != EEXIST)
		return -errno;
	/* removed in reverse order; a slice that systemd made stays */
	if (made)
		snprintf(groups[group_count++], PATH_SIZE, "%s", slice);
	if (mkdir(path, 0755))
		return -errno;
	snprintf(groups[group_count++], PATH_SIZE, "%s", path);
	snprintf(ret_path, size, "%s", path);
	return 0;
}

int cgroup_write(const char *path, const char *file, const char *value)
{
	char name[PATH_SIZE + 64];
	ssize_t written;
	int fd;

	snprintf(name, sizeof(name), "%s/%s", path, file);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, value, strlen(value));
	close(fd);
	return written < 0 ? -EIO : 0;
}

void cgroup_join(const char *path)
{
	/* "0" is the writer itself, in any pid namespace. */
	cgroup_write(path, "cgroup.procs", "0");
}

/*
 * A number in a file: alone (key NULL), or on the line that begins with key. -1 if it is missing.
 */
long long cgroup_number(const char *path, const char *file, const char *key)
{
	char name[PATH_SIZE + 64], text[4096], *at;

	snprintf(name, sizeof(name), "%s/%s", path, file);
	if (!read_file(name, text, sizeof(text)))
		return -1;
	if (!key)
		return strtoll(text, NULL, 10);
	for (at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, key, strlen(key)) && at[strlen(key)] == ' ')
			return strtoll(at + strlen(key), NULL, 10);
	}
	return -1;
}

/* The parent has reaped the last process, but that may still be leaving the group. */
static void remove_group(const char *path)
{
	for (int i = 0; i < 400; i++) {
		if (!rmdir(path) || errno != EBUSY)
			return;
		usleep(5000);
	}
	fprintf(stderr, "zoo: %s: cannot be removed\n", path);
}

void cgroup_cleanup(void)
{
	while (group_count > 0)
		remove_group(groups[--group_count]);
}
