// SPDX-License-Identifier: BSD-2-Clause
/* Files that living processes have mapped. A deleted or replaced one can be opened as long as a
 * process has it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "symbols/search.h"

#define MOST_PROCESSES 32768

/* How likely a process has the files; the smaller the likelier. */
enum kinship {
	SAME_CGROUP,
	NEAR_CGROUP, /* of the same pod or unit */
	SAME_NAME,
	OTHER,
};

struct process {
	enum kinship kinship;
	uint64_t pid;
};

static const char *proc_of(const struct search *search)
{
	return search->options->proc ? search->options->proc : "/proc";
}

/* Whether the path is in the same folder, except folders for all of a node's units. */
static bool is_near(const char *path, const char *cgroup)
{
	const char *end = strrchr(cgroup, '/');
	const size_t length = end ? (size_t)(end - cgroup) : 0;

	return length && memchr(cgroup + 1, '/', length - 1) && !strncmp(path, cgroup, length) &&
	       path[length] == '/';
}

static enum kinship kinship_of_path(const char *path, const char *cgroup)
{
	const size_t length = strlen(cgroup);

	/* the root has everything that nobody has moved */
	if (length < 2)
		return OTHER;
	if (!strncmp(path, cgroup, length) && (!path[length] || path[length] == '/'))
		return SAME_CGROUP;
	return is_near(path, cgroup) ? NEAR_CGROUP : OTHER;
}

/* Lines are "ID:CONTROLLERS:PATH". */
static enum kinship kinship_of_line(char *line, const struct wanted *wanted)
{
	char *path = strchr(line, ':');
	enum kinship unified, memory;

	path = path ? strchr(path + 1, ':') : NULL;
	if (!path)
		return OTHER;
	path++;
	path[strcspn(path, "\n")] = '\0';
	unified = kinship_of_path(path, wanted->cgroup);
	memory = kinship_of_path(path, wanted->memory_cgroup);
	return memory < unified ? memory : unified;
}

static enum kinship kinship_of_cgroup(const struct search *search, const char *pid)
{
	AUTO_FCLOSE FILE *file = NULL;
	AUTO_FREE char *line = NULL;
	enum kinship best = OTHER;
	char path[PATH_MAX];
	size_t room = 0;

	(void)snprintf(path, sizeof(path), "%s/%s/cgroup", proc_of(search), pid);
	file = fopen(path, "re");
	while (file && best != SAME_CGROUP && getline(&line, &room, file) > 0) {
		const enum kinship kinship = kinship_of_line(line, search->wanted);

		if (kinship < best)
			best = kinship;
	}
	return best;
}

/* False: it has no program, as a thread of the kernel, or it may not be looked into. */
static bool read_process(const struct search *search, const char *pid, struct process *ret)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	if (!number_parse(pid, &ret->pid))
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s/exe", proc_of(search), pid);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	ret->kinship = kinship_of_cgroup(search, pid);
	if (ret->kinship == OTHER && search_is_name(search, search_base_name(target)))
		ret->kinship = SAME_NAME;
	return true;
}

static size_t list_processes(const struct search *search, struct process *ret)
{
	DIR *folder = opendir(proc_of(search));
	const struct dirent *entry;
	size_t count = 0;

	while (folder && count < MOST_PROCESSES && (entry = readdir(folder)))
		count += read_process(search, entry->d_name, &ret[count]);
	if (folder)
		(void)closedir(folder);
	return count;
}

static int compare(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->kinship != y->kinship)
		return x->kinship < y->kinship ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool is_same_file(const char *path, const struct stat *st)
{
	struct stat other;

	return !stat(path, &other) && other.st_ino == st->st_ino && other.st_dev == st->st_dev;
}

/* The shortest path by which a person can open the file from here, too. */
static const char *shown_path(const char *opened, const char *in_process, int fd, const char *root,
			      char ret[PATH_MAX])
{
	struct stat st;

	if (fstat(fd, &st))
		return opened;
	if (is_same_file(in_process, &st))
		return in_process;
	if ((size_t)snprintf(ret, PATH_MAX, "%s%s", root, in_process) < PATH_MAX &&
	    is_same_file(ret, &st))
		return ret;
	return opened;
}

struct mapping {
	char range[64];
	char *path;
};

/* "START-END rwxp OFFSET DEVICE INODE PATH"; only what can be executed. */
static bool read_mapping(char *line, struct mapping *ret)
{
	uint64_t start, end;
	const char *at = number_read(line, 16, &start);

	if (!at || *at != '-')
		return false;
	at = number_read(at + 1, 16, &end);
	if (!at || strlen(at) < 5 || at[3] != 'x')
		return false;
	(void)snprintf(ret->range, sizeof(ret->range), "%llx-%llx", (unsigned long long)start,
		       (unsigned long long)end);
	ret->path = strchr(at, '/');
	/* a device can have a colon, but no slash */
	if (!ret->path)
		return false;
	ret->path[strcspn(ret->path, "\n")] = '\0';
	return true;
}

static void cut_deleted(char *path)
{
	static const char mark[] = " (deleted)";
	const size_t length = strlen(path), cut = sizeof(mark) - 1;

	if (length > cut && !strcmp(path + length - cut, mark))
		path[length - cut] = '\0';
}

/* The mapped file itself, or, without the right to it, what has its path. */
static int open_mapping(int root_fd, const char *exact, const char *path)
{
	const int fd = open(exact, O_PATH | O_CLOEXEC);

	return fd >= 0 || root_fd < 0 ? fd : open_in_root(root_fd, path, O_PATH);
}

static void offer_mapping(struct search *search, const struct process *process, int root_fd,
			  struct mapping *mapping)
{
	char exact[PATH_MAX], root[PATH_MAX], shown[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	struct search_place place;

	cut_deleted(mapping->path);
	(void)snprintf(exact, sizeof(exact), "%s/%llu/map_files/%s", proc_of(search),
		       (unsigned long long)process->pid, mapping->range);
	(void)snprintf(root, sizeof(root), "%s/%llu/root", proc_of(search),
		       (unsigned long long)process->pid);
	fd = open_mapping(root_fd, exact, mapping->path);
	if (fd < 0)
		return;
	place = (struct search_place){
		.fd = fd,
		.name = search_base_name(mapping->path),
		.shown = shown_path(exact, mapping->path, fd, root, shown),
	};
	search_offer(search, &place);
}

static void offer_mappings(struct search *search, const struct process *process)
{
	AUTO_FCLOSE FILE *file = NULL;
	AUTO_FREE char *line = NULL;
	AUTO_CLOSE int root_fd = -1;
	char path[PATH_MAX];
	size_t room = 0;

	(void)snprintf(path, sizeof(path), "%s/%llu/root", proc_of(search),
		       (unsigned long long)process->pid);
	root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%s/%llu/maps", proc_of(search),
		       (unsigned long long)process->pid);
	if (process->kinship == SAME_CGROUP && search_wants_map(search))
		search_map_below(search, root_fd);
	file = fopen(path, "re");
	while (file && search_goes_on(search) && getline(&line, &room, file) > 0) {
		struct mapping mapping;

		if (read_mapping(line, &mapping))
			offer_mapping(search, process, root_fd, &mapping);
	}
}

static bool is_in_our_mounts(const struct search *search, const struct process *process)
{
	char theirs[PATH_MAX], ours[PATH_MAX];
	struct stat st;

	(void)snprintf(theirs, sizeof(theirs), "%s/%llu/ns/mnt", proc_of(search),
		       (unsigned long long)process->pid);
	(void)snprintf(ours, sizeof(ours), "%s/self/ns/mnt", proc_of(search));
	return !stat(theirs, &st) && is_same_file(ours, &st);
}

/* Whether its files are those that the process had, by their paths. */
static bool is_near_victim(const struct search *search, const struct process *process)
{
	return process->kinship <= NEAR_CGROUP ||
	       (search->wanted->is_on_host && is_in_our_mounts(search, process));
}

static bool goes_on(const struct search *search, const struct process *process)
{
	return search_goes_on(search) ||
	       (process->kinship == SAME_CGROUP && search_wants_map(search));
}

void search_processes(struct search *search)
{
	AUTO_FREE struct process *processes = calloc(MOST_PROCESSES, sizeof(*processes));
	const size_t count = processes ? list_processes(search, processes) : 0;

	if (count)
		qsort(processes, count, sizeof(*processes), compare);
	for (size_t i = 0; i < count && goes_on(search, &processes[i]); i++) {
		search->is_near = is_near_victim(search, &processes[i]);
		offer_mappings(search, &processes[i]);
	}
}
