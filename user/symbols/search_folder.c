// SPDX-License-Identifier: BSD-2-Clause
/* Folders of programs, of libraries and of debug information, and what the user named. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"
#include "symbols/search.h"

#define MOST_ENTRIES 100000
#define MOST_DEPTH 8

/* By name only: a program is in one of them, or somewhere else. */
static const char *const program_folders[] = {
	"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
	"/bin",     "/sbin",     "/usr/libexec",
};
/* With everything below them. */
static const char *const library_folders[] = {
	"/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local", "/opt", "/lib", "/lib64", "/srv",
};

struct walk {
	struct search *search;
	bool takes_all;
	unsigned int depth, entries;
};

static int open_root(const struct search *search)
{
	const char *root = search->options->root;

	return open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* As a person would write it. */
static const char *path_below(const struct search *search, const char *path, char ret[PATH_MAX])
{
	const char *root = search->options->root;

	(void)snprintf(ret, PATH_MAX, "%s%s", root && strcmp(root, "/") != 0 ? root : "", path);
	return ret;
}

static void search_named(struct search *search, int root_fd, const char *folder, const char *name)
{
	char path[PATH_MAX], shown[PATH_MAX];

	if (!*name)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	search_below(search, root_fd, path, path_below(search, path, shown));
}

static bool is_candidate(const struct walk *walk, const char *name)
{
	return walk->takes_all || search_is_name(walk->search, name) ||
	       (strstr(name, ".so") && search_any_name(walk->search));
}

static bool goes_on(const struct walk *walk)
{
	return search_goes_on(walk->search) || (walk->takes_all && search_wants_map(walk->search));
}

// NOLINTBEGIN(misc-no-recursion): bounded by MOST_DEPTH
static void walk_folder(struct walk *walk, int fd, const char *path);

static void walk_entry(struct walk *walk, int folder, const char *path, const struct dirent *entry)
{
	const char *name = entry->d_name;
	char below[PATH_MAX];
	AUTO_CLOSE int fd = -1;

	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    (size_t)snprintf(below, sizeof(below), "%s/%s", path, name) >= sizeof(below))
		return;
	if (entry->d_type == DT_DIR) {
		fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			walk_folder(walk, fd, below);
	} else if (is_candidate(walk, name)) {
		fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			search_offer(walk->search, &(struct search_place){ fd, name, below });
	}
}

/* Links are not followed: what they lead to is found where it is. */
static void walk_folder(struct walk *walk, int fd, const char *path)
{
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *folder = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	if (!folder && own >= 0)
		(void)close(own);
	walk->depth++;
	while (folder && walk->depth <= MOST_DEPTH && goes_on(walk) &&
	       walk->entries++ < MOST_ENTRIES && (entry = readdir(folder)))
		walk_entry(walk, fd, path, entry);
	walk->depth--;
	if (folder)
		(void)closedir(folder);
}
// NOLINTEND(misc-no-recursion)

void search_folders(struct search *search)
{
	AUTO_CLOSE int root_fd = open_root(search);
	struct walk walk = { .search = search };

	search->is_near = search->wanted->is_on_host;
	if (search->wanted->map.is_host_pid && search_wants_map(search))
		search_map_below(search, root_fd);
	for (size_t i = 0; i < ARRAY_SIZE(program_folders); i++) {
		search_named(search, root_fd, program_folders[i], search->wanted->exe);
		for (size_t file = 0; file < search->wanted->file_count; file++)
			search_named(search, root_fd, program_folders[i],
				     search->wanted->files[file].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(library_folders) && search_goes_on(search); i++) {
		AUTO_CLOSE int fd =
			open_in_root(root_fd, library_folders[i], O_RDONLY | O_DIRECTORY);
		char shown[PATH_MAX];

		if (fd >= 0)
			walk_folder(&walk, fd, path_below(search, library_folders[i], shown));
	}
}

/* "ROOT/.build-id/12/3456….debug": where distributions have it, and gdb looks. */
static void search_debug_file(struct search *search, int root_fd, const char *root,
			      const struct wanted_file *file)
{
	char id[SYMBOLS_ID_TEXT], path[PATH_MAX], shown[PATH_MAX];

	(void)symbols_id_text(file->build_id, id);
	(void)snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s.debug", root, id, id + 2);
	search_below(search, root_fd, path, path_below(search, path, shown));
}

void search_debug_files(struct search *search)
{
	AUTO_CLOSE int root_fd = open_root(search);

	for (size_t i = 0; i < search->wanted->file_count; i++)
		if (!search->reader->files[i].has_lines && !search->wanted->files[i].by_name)
			search_debug_file(search, root_fd, "/usr/lib/debug",
					  &search->wanted->files[i]);
}

void search_extra(struct search *search)
{
	struct walk walk = { .search = search, .takes_all = true };

	search->is_given = true;
	for (const char *const *path = search->options->extra; path && *path; path++) {
		AUTO_CLOSE int fd = open(*path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		struct stat st;

		if (fd < 0 || fstat(fd, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			walk_folder(&walk, fd, *path);
		else
			search_offer(search,
				     &(struct search_place){ fd, search_base_name(*path), *path });
	}
	search->is_given = false;
}
