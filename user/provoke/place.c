// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/place.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { UNIFIED, MEMORY_V1 };

#define LEAVING_TRIES 400
#define LEAVING_US 5000

static int which_hierarchy(const struct mntent *mount)
{
	if (!strcmp(mount->mnt_type, "cgroup2"))
		return UNIFIED;
	return !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, "memory") ? MEMORY_V1
										: PLACES;
}

/* The first mount of each hierarchy; "": it is not mounted. */
static void find_roots(char ret_roots[PLACES][PLACE_PATH])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;

	memset(ret_roots, 0, (size_t)PLACES * PLACE_PATH);
	while (mounts && (mount = getmntent(mounts))) {
		const int which = which_hierarchy(mount);

		if (which < PLACES && !ret_roots[which][0] && strlen(mount->mnt_dir) < PLACE_PATH)
			(void)snprintf(ret_roots[which], PLACE_PATH, "%s", mount->mnt_dir);
	}
	if (mounts)
		(void)endmntent(mounts);
}

/* 0 or -errno. No stdio: a child of a fork uses it. */
static int write_file(const char *folder, const char *name, const char *text)
{
	AUTO_CLOSE int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = at < 0 ? -1 : openat(at, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -errno;
	return 0;
}

static bool make_folder(const char *root, char ret_path[PLACE_PATH])
{
	char path[PLACE_PATH];

	if (snprintf(path, sizeof(path), "%s/killtrace-provoke-%d", root, (int)getpid()) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (mkdir(path, 0755))
		return false;
	(void)snprintf(ret_path, PLACE_PATH, "%s", path);
	return true;
}

static bool limit_memory(const struct place *place)
{
	char limit[16];

	(void)snprintf(limit, sizeof(limit), "%u", PLACE_LIMIT);
	if (place->path[UNIFIED][0] && !write_file(place->path[UNIFIED], "memory.max", limit)) {
		/* it is missing where nothing can be swapped */
		(void)write_file(place->path[UNIFIED], "memory.swap.max", "0");
		return true;
	}
	if (!place->path[MEMORY_V1][0] ||
	    write_file(place->path[MEMORY_V1], "memory.limit_in_bytes", limit))
		return false;
	(void)write_file(place->path[MEMORY_V1], "memory.swappiness", "0");
	return true;
}

static bool has_kill(const struct place *place)
{
	char path[PLACE_PATH + 16];

	(void)snprintf(path, sizeof(path), "%s/cgroup.kill", place->path[UNIFIED]);
	return place->path[UNIFIED][0] && !access(path, W_OK);
}

static int fill(struct place *place, const struct place_needs *needs)
{
	char roots[PLACES][PLACE_PATH];

	find_roots(roots);
	for (int i = 0; i < PLACES; i++)
		if (roots[i][0] && !make_folder(roots[i], place->path[i]))
			return -PLACE_NO_FOLDER;
	if (needs->memory_limit && !limit_memory(place))
		return -PLACE_NO_MEMORY;
	return needs->kill && !has_kill(place) ? -PLACE_NO_KILL : 0;
}

int place_make(struct place *ret, const struct place_needs *needs)
{
	struct place place = { 0 };
	const int failure = fill(&place, needs), reason = errno;

	if (failure)
		(void)place_remove(&place);
	else
		*ret = place;
	errno = reason;
	return failure;
}

bool place_enter(const struct place *place)
{
	/* "0" is the writer itself, in any pid namespace */
	for (int i = 0; i < PLACES; i++)
		if (place->path[i][0] && write_file(place->path[i], "cgroup.procs", "0"))
			return false;
	return true;
}

int place_kill(const struct place *place)
{
	return write_file(place->path[UNIFIED], "cgroup.kill", "1");
}

static bool remove_folder(const char *path)
{
	for (int i = 0; i < LEAVING_TRIES; i++) {
		if (!rmdir(path) || errno == ENOENT)
			return true;
		if (errno != EBUSY)
			return false;
		(void)usleep(LEAVING_US);
	}
	return false;
}

bool place_remove(struct place *place)
{
	bool all = true;

	for (int i = 0; i < PLACES; i++) {
		if (place->path[i][0] && !remove_folder(place->path[i]))
			all = false;
		else
			place->path[i][0] = '\0';
	}
	return all;
}
