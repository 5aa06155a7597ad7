/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel side cannot know about a memory limit that was hit: memory.stat on kernels where
 * its figures cannot be found in memory, and the processes in the cgroup. The cgroup is gone soon
 * after the kill, so its files are read as soon as the kernel reports the kill. The result is kept
 * until the record of the death comes and takes it.
 *
 * A look is bounded in time and size, and so is the share of each second that looks may take
 * (source/limit_budget.h). What was left out is counted. Every file read here belongs to another
 * program.
 */
#ifndef KT_SOURCE_LIMIT_FILES_H
#define KT_SOURCE_LIMIT_FILES_H

#include <stddef.h>
#include <stdint.h>

struct kt_limit_notice;
struct limit_files;

/*
 * Finds the memory controller's cgroups below `host_root` (NULL: "/"). NULL if they cannot be seen,
 * or when out of memory: then nothing is added to any record. To be freed by the caller.
 */
struct limit_files *limit_files_new(const char *host_root);

/* Uses these folders: the root of the memory controller's hierarchy, and procfs (-1: processes are
 * not looked at). It takes over the descriptors. NULL when out of memory; they are closed then. */
struct limit_files *limit_files_of(int cgroup_root_fd, int proc_fd);

/* NULL is fine. */
void limit_files_free(struct limit_files *files);

/* Looks into the cgroup of a notice, unless this was done since its kill or just before, or the
 * notice is old. `files` may be NULL. */
void limit_files_look(struct limit_files *files, const struct kt_limit_notice *notice);

/*
 * A record with what was seen of its limit: `record` itself if there is nothing to add, else a
 * longer one that is valid until the next call. `files` may be NULL.
 */
const void *limit_files_add(struct limit_files *files, const void *record, size_t size,
			    size_t *ret_size);

/* How many looks were left out or cut short because there was no time, or found a process that
 * could not be read. `files` may be NULL. */
uint64_t limit_files_late(const struct limit_files *files);

#endif
