/* SPDX-License-Identifier: BSD-2-Clause */
/* A death that leaves a core file, in a directory of its own. */
#include "zoo.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* A slow dump: a file of a MiB, mapped a thousand times. */
static void dump_much(struct witness *me, const void *arg)
{
	static const char filter[] = "0x3f"; /* mappings of files too */
	size_t piece = 1UL << 20;
	int fd = memfd_create("kt-zoo", MFD_CLOEXEC);
	int filter_fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)piece) || filter_fd < 0 ||
	    write(filter_fd, filter, strlen(filter)) < 0)
		witness_skip(me, "no large core file can be had");
	for (int i = 0; i < 1000; i++)
		if (mmap(NULL, piece, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0) == MAP_FAILED)
			witness_skip(me, "no large core file can be had");
	dump(me, arg);
}

static bool has_begun(pid_t pid)
{
	char path[64], line[128];
	bool begun = false;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		begun = begun || !strcmp(line, "CoreDumping:\t1\n");
	if (status)
		fclose(status);
	return begun;
}

static void make_directory(void)
{
	snprintf(directory, sizeof(directory), "%s/kt-zoo-core-XXXXXX", temp_dir());
	if (!mkdtemp(directory))
		directory[0] = '\0';
}

static void scene_core_killed(const struct victim *v)
{
	struct witness *victim;

	make_directory();
	victim = actor_start("victim", v->comm, dump_much, NULL);
	for (int i = 0; i < 20000 && !interrupted; i++) {
		if (has_begun(victim->pid))
			break;
		sleep_ms(1);
	}
	kill(victim->pid, SIGKILL);
}

static void scene_core(const struct victim *v)
{
	make_directory();
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
	{ .name = "core-killed",
	  .comm = "kz-core-kill",
	  .scene = scene_core_killed,
	  .after = remove_core,
	  .needs = needs_core_pattern },
};

const struct menagerie zoo_cores = MENAGERIE(victims);
