// SPDX-License-Identifier: BSD-2-Clause
#include "source/limit_top.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"

#define PROCESSES_MOST 1024
#define FOLDERS_MOST 64
#define FOLDER_SIZE 512
/* Threads of one process that are tried for its figures: a thread that is ending has none for a
 * moment. */
#define THREADS_MOST 64
/* In each list. */
#define CANDIDATES 8
/* A Groups: line has up to 64 Ki numbers (NGROUPS_MAX). */
#define STATUS_SIZE 65536

struct candidate {
	uint32_t pid, tid; /* tid: a thread that has the figures */
	uint64_t pages;
};

/* Largest first. */
struct ranking {
	unsigned int count;
	struct candidate candidates[CANDIDATES];
};

struct walk {
	int cgroup_fd, proc_fd;
	uint64_t until_ns;
	unsigned int processes;
	unsigned int folder_count;
	char folders[FOLDERS_MOST][FOLDER_SIZE]; /* below the cgroup, which itself is "." */
	/* Candidates for a close look. A large file that many processes map displaces none of them
	 * from the first list, and shared memory counts only in the second. */
	struct ranking by_private, by_resident;
	char status[STATUS_SIZE];
};

/* The result of reading a file of another program. */
enum got {
	GOT_IT,
	GOT_GONE, /* it has ended, or holds nothing any more */
	GOT_NOT,  /* what it holds cannot be known */
};

static void offer(struct ranking *ranking, const struct candidate *candidate)
{
	unsigned int at = ranking->count;

	while (at > 0 && ranking->candidates[at - 1].pages < candidate->pages)
		at--;
	if (at == CANDIDATES)
		return;
	if (ranking->count < CANDIDATES)
		ranking->count++;
	memmove(&ranking->candidates[at + 1], &ranking->candidates[at],
		(ranking->count - 1 - at) * sizeof(ranking->candidates[0]));
	ranking->candidates[at] = *candidate;
}

static enum got why_not(void)
{
	return errno == ENOENT || errno == ESRCH ? GOT_GONE : GOT_NOT;
}

/* The whole of a file of a process, or of any of its threads, as text. A file that does not fit is
 * GOT_NOT. */
static enum got read_of(int proc_fd, uint32_t tid, const char *name, char *ret_text, size_t size)
{
	AUTO_CLOSE int fd = -1;
	char path[64];
	size_t used = 0;
	ssize_t length;

	(void)snprintf(path, sizeof(path), "%u/%s", tid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return why_not();
	while (used < size) {
		length = read(fd, ret_text + used, size - used);
		if (length < 0)
			return why_not();
		if (!length) {
			ret_text[used] = '\0';
			return GOT_IT;
		}
		used += (size_t)length;
	}
	return GOT_NOT;
}

/* How much of a thread's memory is resident, and how much of that is private: fields 2 and 3 of
 * statm. */
static enum got read_pages(const struct walk *walk, uint32_t tid, uint64_t *ret_resident,
			   uint64_t *ret_private)
{
	enum { SIZE, RESIDENT, SHARED, FIELDS };
	uint64_t pages[FIELDS];
	char text[256];
	enum got got = read_of(walk->proc_fd, tid, "statm", text, sizeof(text));

	if (got != GOT_IT)
		return got;
	if (!number_read_fields(text, FIELDS, pages))
		return GOT_NOT;
	*ret_resident = pages[RESIDENT];
	*ret_private = pages[RESIDENT] > pages[SHARED] ? pages[RESIDENT] - pages[SHARED] : 0;
	return *ret_resident ? GOT_IT : GOT_GONE;
}

/* The first thread that has figures: a leader that has exited alone has none, though its process
 * lives on. */
static enum got find_thread(struct walk *walk, struct candidate *of, uint64_t *ret_resident,
			    uint64_t *ret_private)
{
	const struct dirent *entry;
	enum got got = GOT_GONE;
	unsigned int tried = 0;
	DIR *threads;
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%u/task", of->pid);
	fd = openat(walk->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return why_not();
	threads = fdopendir(fd);
	if (!threads) {
		(void)close(fd);
		return GOT_NOT;
	}
	while (got == GOT_GONE && (entry = readdir(threads))) {
		uint64_t tid;

		if (!number_parse(entry->d_name, &tid) || !tid || tid > UINT32_MAX ||
		    tid == of->pid)
			continue;
		of->tid = (uint32_t)tid;
		got = ++tried > THREADS_MOST || clock_boottime_ns() > walk->until_ns
			      ? GOT_NOT
			      : read_pages(walk, of->tid, ret_resident, ret_private);
	}
	(void)closedir(threads);
	return got;
}

/* False: the largest process cannot be known. */
static bool weigh(struct walk *walk, uint32_t pid)
{
	struct candidate candidate = { .pid = pid, .tid = pid };
	uint64_t resident = 0, private = 0;
	enum got got;

	if (++walk->processes > PROCESSES_MOST || clock_boottime_ns() > walk->until_ns)
		return false;
	if (!pid)
		return true;
	got = read_pages(walk, pid, &resident, &private);
	if (got == GOT_GONE)
		got = find_thread(walk, &candidate, &resident, &private);
	if (got != GOT_IT)
		return got == GOT_GONE;
	candidate.pages = private;
	offer(&walk->by_private, &candidate);
	candidate.pages = resident;
	offer(&walk->by_resident, &candidate);
	return true;
}

/* Reads the file cgroup.procs: one number a line. A read may cut a number in two. */
static bool weigh_all(struct walk *walk, int folder_fd)
{
	AUTO_CLOSE int fd = openat(folder_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[4096];
	uint64_t pid = 0;
	ssize_t length;

	while (fd >= 0 && (length = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < length; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = (pid * 10 + (uint64_t)(text[i] - '0')) & UINT32_MAX;
				continue;
			}
			if (!weigh(walk, (uint32_t)pid))
				return false;
			pid = 0;
		}
	return true;
}

/* Finds the folders in this one, to be walked later. */
static bool find_folders(struct walk *walk, unsigned int index, int folder_fd)
{
	DIR *directory = fdopendir(folder_fd);
	char folder[FOLDER_SIZE];
	const struct dirent *entry;
	bool fits = true;

	if (!directory) {
		(void)close(folder_fd);
		return true;
	}
	memcpy(folder, walk->folders[index], sizeof(folder));
	while (fits && (entry = readdir(directory))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		fits = walk->folder_count < FOLDERS_MOST &&
		       snprintf(walk->folders[walk->folder_count], FOLDER_SIZE, "%s/%s", folder,
				entry->d_name) < FOLDER_SIZE;
		walk->folder_count += fits;
	}
	(void)closedir(directory);
	return fits;
}

static bool walk_all(struct walk *walk)
{
	(void)strcpy(walk->folders[0], ".");
	walk->folder_count = 1;
	for (unsigned int i = 0; i < walk->folder_count; i++) {
		int fd = openat(walk->cgroup_fd, walk->folders[i],
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			continue; /* it is gone */
		if (!weigh_all(walk, fd)) {
			(void)close(fd);
			return false;
		}
		if (!find_folders(walk, i, fd))
			return false;
	}
	return true;
}

/* "RssAnon:     1234 kB", in bytes. False: it is not there, or is cut. */
static bool figure(const char *status, const char *key, __u64 *ret)
{
	const char *at = strstr(status, key), *end;
	uint64_t kib;

	if (!at)
		return false;
	at += strlen(key);
	end = number_read(at + strspn(at, " \t"), 10, &kib);
	return end && !strncmp(end, " kB\n", 4) && !__builtin_mul_overflow(kib, 1024, ret);
}

static enum got describe(struct walk *walk, const struct candidate *of,
			 struct kt_process_memory *ret)
{
	char comm[64];
	enum got got =
		read_of(walk->proc_fd, of->tid, "status", walk->status, sizeof(walk->status));

	if (got == GOT_IT)
		got = read_of(walk->proc_fd, of->pid, "comm", comm, sizeof(comm));
	if (got != GOT_IT)
		return got;
	*ret = (struct kt_process_memory){ .pid = of->pid };
	/* fs/proc/array.c:proc_pid_status(): without memory there is none of these */
	if (!strstr(walk->status, "\nRssAnon:"))
		return GOT_GONE;
	if (!figure(walk->status, "\nRssAnon:", &ret->anon_bytes) ||
	    !figure(walk->status, "\nRssFile:", &ret->file_bytes) ||
	    !figure(walk->status, "\nRssShmem:", &ret->shmem_bytes) ||
	    !figure(walk->status, "\nVmSwap:", &ret->swap_bytes))
		return GOT_NOT;
	/* the kernel ends it with a newline, and the name may contain others */
	if (*comm && comm[strlen(comm) - 1] == '\n')
		comm[strlen(comm) - 1] = '\0';
	memcpy(ret->comm, comm, strnlen(comm, KT_COMM_LEN - 1));
	/* a dying process has returned what it held, and its place is free for another */
	return ret->anon_bytes || ret->shmem_bytes || ret->file_bytes || ret->swap_bytes ? GOT_IT
											 : GOT_GONE;
}

/* Describes the processes of a ranking that were not described before. False: one cannot be. */
static bool describe_all(struct walk *walk, const struct ranking *ranking,
			 struct kt_process_memory *found, int *count)
{
	for (unsigned int i = 0; i < ranking->count; i++) {
		int at = 0;
		enum got got;

		while (at < *count && found[at].pid != ranking->candidates[i].pid)
			at++;
		if (at < *count)
			continue;
		got = describe(walk, &ranking->candidates[i], &found[at]);
		if (got == GOT_NOT)
			return false;
		*count += got == GOT_IT;
	}
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct kt_process_memory *a = left, *b = right;
	const uint64_t held_a = a->anon_bytes + a->shmem_bytes;
	const uint64_t held_b = b->anon_bytes + b->shmem_bytes;

	return held_a == held_b ? 0 : held_a < held_b ? 1 : -1;
}

int limit_top_read(int cgroup_fd, int proc_fd, uint64_t until_ns,
		   struct kt_process_memory ret[KT_LIMIT_TOP])
{
	struct kt_process_memory found[2 * CANDIDATES];
	AUTO_FREE struct walk *walk = calloc(1, sizeof(*walk));
	int count = 0;

	if (!walk)
		return -1;
	walk->cgroup_fd = cgroup_fd;
	walk->proc_fd = proc_fd;
	walk->until_ns = until_ns;
	if (!walk_all(walk) || !describe_all(walk, &walk->by_private, found, &count) ||
	    !describe_all(walk, &walk->by_resident, found, &count))
		return -1;
	qsort(found, (size_t)count, sizeof(found[0]), compare);
	count = count < KT_LIMIT_TOP ? count : KT_LIMIT_TOP;
	memcpy(ret, found, (size_t)count * sizeof(found[0]));
	return count;
}
