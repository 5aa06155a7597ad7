// SPDX-License-Identifier: BSD-2-Clause
/*
 * The map of generated code, "/tmp/perf-PID.map", as the process saw it: through a living process of
 * its own container or unit, or on the host. Anybody can make such a file. It counts if it belongs
 * to the victim's user and was last written while the process lived, since its number can be that
 * of an earlier or later process, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "symbols/search.h"

#define MAP_FOLDER "/tmp"

static void map_name(const struct search *search, char ret[NAME_MAX])
{
	(void)snprintf(ret, NAME_MAX, "perf-%u.map", search->wanted->map.ns_pid);
}

bool search_is_map(const struct search *search, const char *name)
{
	char wanted[NAME_MAX];

	if (!search->wanted->map.ns_pid)
		return false;
	map_name(search, wanted);
	return !strcmp(wanted, name);
}

static bool is_of_victim(const struct wanted_map *map, const struct stat *st)
{
	const int64_t written_ns = (int64_t)st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;

	return st->st_uid == map->uid && written_ns >= map->begin_ns && written_ns <= map->end_ns;
}

void search_offer_map(struct search *search, const struct search_place *place)
{
	struct stat st;
	int fd;

	if (search->has_map || fstat(place->fd, &st) || !S_ISREG(st.st_mode) ||
	    (!search->is_given && !is_of_victim(&search->wanted->map, &st)))
		return;
	fd = search_open_place(place);
	if (fd >= 0)
		search->has_map = reader_map(search->reader, fd);
}

/* What is below a root; a link is no map. */
void search_map_below(struct search *search, int root_fd)
{
	AUTO_CLOSE int folder = open_in_root(root_fd, MAP_FOLDER, O_PATH | O_DIRECTORY);
	AUTO_CLOSE int fd = -1;
	char name[NAME_MAX];

	if (folder < 0)
		return;
	map_name(search, name);
	fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		search_offer_map(search, &(struct search_place){ fd, name, name });
}
