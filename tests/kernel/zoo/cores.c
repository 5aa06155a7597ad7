/* SPDX-License-Identifier: BSD-2-Clause */
/* A death that leaves a core file, in a directory of its own. */
#include "zoo.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char directory[256];

static void dump(struct witness *me, const void *arg)
{
	struct rlimit limit;

	(void)arg;
	if (getrlimit(RLIMIT_CORE, &limit) || limit.rlim_max == 0)
		witness_skip(me, "the hard limit on core files is 0");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_CORE, &limit) || chdir(directory))
		witness_skip(me, "no place for a core file");
	null_write();
}

static void scene_core(const struct victim *v)
{
	snprintf(directory, sizeof(directory), "%s/kt-zoo-core-XXXXXX", temp_dir());
	if (!mkdtemp(directory))
		return;
	actor_start("victim", v->comm, dump, NULL);
}

static void remove_core(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "core", 4))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	rmdir(directory);
}

static const char *needs_core_pattern(void)
{
	char pattern[8] = "";
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, pattern, sizeof(pattern) - 1) < 1) {
		if (fd >= 0)
			close(fd);
		return "core_pattern cannot be read";
	}
	close(fd);
	if (pattern[0] == '/' || pattern[0] == '|')
		return "core_pattern puts core files elsewhere";
	return NULL;
}

static const struct victim victims[] = {
	{ .name = "core-dumped",
	  .comm = "kz-core",
	  .scene = scene_core,
	  .after = remove_core,
	  .needs = needs_core_pattern },
};

const struct menagerie zoo_cores = MENAGERIE(victims);
