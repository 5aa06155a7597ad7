// SPDX-License-Identifier: BSD-2-Clause
#include "source/limit_files.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "event.h"
#include "source/limit_budget.h"
#include "source/limit_stat.h"
#include "source/limit_top.h"

/* A kill and a look belong together if no more time than this is between them. */
#define NEAR_NS (2 * 1000000000ULL)

/* A look takes a tenth of a millisecond if there are few processes. */
#define LOOK_NS (20 * 1000000ULL)

/* As many as there can be in NEAR_NS: none makes room for others before its record comes. */
#define LOOKS_KEPT (3 * LIMIT_LOOKS_MOST)

struct look {
	struct kt_limit_memory memory; /* source 0: the slot is free */
	unsigned int top_count;
	struct kt_process_memory top[KT_LIMIT_TOP];
};

struct limit_files {
	int root_fd, proc_fd;
	struct look looks[LOOKS_KEPT];
	unsigned int next;
	struct limit_budget budget;
	uint64_t late;
	char record[KT_RECORD_MAX];
};

struct limit_files *limit_files_of(int cgroup_root_fd, int proc_fd)
{
	struct limit_files *files = calloc(1, sizeof(*files));

	if (files) {
		files->root_fd = cgroup_root_fd;
		files->proc_fd = proc_fd;
		return files;
	}
	(void)close(cgroup_root_fd);
	if (proc_fd >= 0)
		(void)close(proc_fd);
	return NULL;
}

static int open_folder(const char *root, const char *path)
{
	char whole[4096];

	if (snprintf(whole, sizeof(whole), "%s%s", root, path) >= (int)sizeof(whole))
		return -1;
	return open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* In cgroup v2, the controller is there if the root lists it. */
static bool has_memory(int root_fd)
{
	AUTO_CLOSE int fd = openat(root_fd, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
	char text[512];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (length < 0)
		return false;
	text[length] = '\0';
	for (char *rest = text, *word; (word = strsep(&rest, " \n"));)
		if (!strcmp(word, "memory"))
			return true;
	return false;
}

/* Where hierarchies are mounted: v1, v2, hybrid. */
static const char *const places[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup",
				      "/sys/fs/cgroup/unified" };

/* A descriptor, or -1. */
static int find_memory_root(const char *root)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open_folder(root, places[i]);

		if (fd >= 0 && (!faccessat(fd, "memory.usage_in_bytes", F_OK, 0) || has_memory(fd)))
			return fd;
		if (fd >= 0)
			(void)close(fd);
	}
	return -1;
}

/* include/linux/proc_ns.h:PROC_PID_INIT_INO: in any other namespace processes have other numbers.
 */
#define INITIAL_PID_NAMESPACE 0xeffffffc

static int find_processes(void)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino != INITIAL_PID_NAMESPACE)
		return -1;
	return open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

struct limit_files *limit_files_new(const char *host_root)
{
	int fd = find_memory_root(host_root ? host_root : "");

	if (fd < 0 && host_root)
		fd = find_memory_root("");
	return fd < 0 ? NULL : limit_files_of(fd, find_processes());
}

void limit_files_free(struct limit_files *files)
{
	if (!files)
		return;
	(void)close(files->root_fd);
	if (files->proc_fd >= 0)
		(void)close(files->proc_fd);
	free(files);
}

static uint64_t apart(uint64_t one_ns, uint64_t other_ns)
{
	return one_ns < other_ns ? other_ns - one_ns : one_ns - other_ns;
}

/* The first look at that cgroup since that time; NULL: none. What a cgroup held before a kill says
 * nothing about the kill. */
static struct look *first_since(struct limit_files *files, uint64_t cgroup_id, uint64_t since_ns,
				uint64_t most_ns)
{
	struct look *found = NULL;

	for (unsigned int i = 0; i < LOOKS_KEPT; i++) {
		struct look *look = &files->looks[i];

		if (look->memory.source && look->memory.cgroup_id == cgroup_id &&
		    look->memory.time_ns >= since_ns &&
		    look->memory.time_ns - since_ns <= most_ns) {
			found = look;
			most_ns = look->memory.time_ns - since_ns;
		}
	}
	return found;
}

/* The cgroup with that path, if it is still the same: its inode has the number of its id
 * (kernel/cgroup/cgroup.c, 5.5 to 7.2, on 64-bit). A descriptor, or -1. */
static int open_cgroup(const struct limit_files *files, const struct kt_limit_notice *notice)
{
	const char *path = notice->path + strspn(notice->path, "/");
	int fd = openat(files->root_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != notice->cgroup_id)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* With hidepid= a process with fewer capabilities sees only some of the others, and never the
 * first. A hidden process could be the largest. */
static bool sees_all(int proc_fd)
{
	return proc_fd >= 0 && !faccessat(proc_fd, "1/statm", R_OK, 0);
}

void limit_files_look(struct limit_files *files, const struct kt_limit_notice *notice)
{
	const uint64_t now_ns = clock_boottime_ns();
	AUTO_CLOSE int fd = -1;
	struct look *look;
	int count;

	if (!files || notice->path[KT_SIDE_PATH_LEN - 1] ||
	    apart(now_ns, notice->time_ns) > NEAR_NS ||
	    first_since(files, notice->cgroup_id, notice->time_ns, NEAR_NS))
		return;
	if (!limit_budget_allows(&files->budget, notice->cgroup_id, now_ns)) {
		files->late++;
		return;
	}
	fd = open_cgroup(files, notice);
	if (fd < 0)
		return;
	look = &files->looks[files->next++ % LOOKS_KEPT];
	memset(look, 0, sizeof(*look));
	limit_stat_read(fd, &look->memory);
	look->memory.source = KT_LIMIT_FILES;
	look->memory.time_ns = now_ns;
	look->memory.cgroup_id = notice->cgroup_id;
	count = sees_all(files->proc_fd)
			? limit_top_read(fd, files->proc_fd, now_ns + LOOK_NS, look->top)
			: 0;
	look->top_count = count < 0 ? 0 : (unsigned int)count;
	files->late += count < 0;
	limit_budget_count(&files->budget, notice->cgroup_id, now_ns, clock_boottime_ns() - now_ns);
}

struct extension {
	char *at;
	size_t left;
};

static void put_section(struct extension *to, uint16_t type, const void *body, size_t length)
{
	const struct kt_section header = { .type = type, .length = (uint16_t)length };
	const size_t padded = (length + 7) & ~(size_t)7;

	if (!length || sizeof(header) + padded > to->left)
		return;
	memset(to->at, 0, sizeof(header) + padded);
	memcpy(to->at, &header, sizeof(header));
	memcpy(to->at + sizeof(header), body, length);
	to->at += sizeof(header) + padded;
	to->left -= sizeof(header) + padded;
}

/* The limit to which a record refers, as the kernel side wrote it. */
static bool find_limit(const char *at, size_t left, struct kt_limit_memory *ret)
{
	struct kt_section header;

	for (size_t padded; left >= sizeof(header); at += padded, left -= padded) {
		memcpy(&header, at, sizeof(header));
		at += sizeof(header);
		left -= sizeof(header);
		padded = ((size_t)header.length + 7) & ~(size_t)7;
		if (padded > left)
			return false;
		if (header.type != KT_SECTION_LIMIT_MEMORY || header.length < sizeof(*ret))
			continue;
		memcpy(ret, at, sizeof(*ret));
		return ret->source == KT_LIMIT_COUNTERS;
	}
	return false;
}

const void *limit_files_add(struct limit_files *files, const void *record, size_t size,
			    size_t *ret_size)
{
	struct kt_limit_memory limit;
	struct extension to;
	struct look *look;
	uint32_t total;

	*ret_size = size;
	if (!files || size < sizeof(struct kt_record) || size > sizeof(files->record) || size % 8 ||
	    !find_limit((const char *)record + sizeof(struct kt_record),
			size - sizeof(struct kt_record), &limit))
		return record;
	look = first_since(files, limit.cgroup_id, limit.time_ns, NEAR_NS);
	if (!look)
		return record;
	memcpy(files->record, record, size);
	to = (struct extension){ files->record + size, sizeof(files->record) - size };
	if (look->memory.valid)
		put_section(&to, KT_SECTION_LIMIT_MEMORY, &look->memory, sizeof(look->memory));
	put_section(&to, KT_SECTION_LIMIT_TOP, look->top,
		    look->top_count * sizeof(struct kt_process_memory));
	total = (uint32_t)(sizeof(files->record) - to.left);
	memcpy(files->record + offsetof(struct kt_record, size), &total, sizeof(total));
	*ret_size = total;
	return files->record;
}

uint64_t limit_files_late(const struct limit_files *files)
{
	return files ? files->late : 0;
}
