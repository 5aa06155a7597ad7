// SPDX-License-Identifier: BSD-2-Clause
#include "source/limit_stat.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"

struct figure {
	const char *key;
	size_t offset;
	uint32_t valid;
};

#define FIGURE(key_, member, valid_)                                                       \
	{                                                                                  \
		.key = (key_), .offset = offsetof(struct kt_limit_memory, member##_bytes), \
		.valid = (valid_)                                                          \
	}

/* Lines of memory.stat. v1 also has a "shmem", of the cgroup alone, before the one that counts. */
static const struct figure v2[] = {
	FIGURE("anon", anon, KT_LIMIT_HAS_ANON),
	FIGURE("file", file, KT_LIMIT_HAS_FILE),
	FIGURE("kernel", kernel, KT_LIMIT_HAS_KERNEL), /* since 5.18 */
	FIGURE("pagetables", page_tables, KT_LIMIT_HAS_PAGE_TABLES),
	FIGURE("shmem", shmem, KT_LIMIT_HAS_SHMEM),
	FIGURE("slab", slab, KT_LIMIT_HAS_SLAB),
	FIGURE("sock", sock, KT_LIMIT_HAS_SOCK),
};
static const struct figure v1[] = {
	FIGURE("total_rss", anon, KT_LIMIT_HAS_ANON),
	FIGURE("total_cache", file, KT_LIMIT_HAS_FILE),
	FIGURE("total_shmem", shmem, KT_LIMIT_HAS_SHMEM),
	FIGURE("total_swap", swap, KT_LIMIT_HAS_SWAP),
};
/* Files with one number. */
static const struct figure files[] = {
	FIGURE("memory.swap.current", swap, KT_LIMIT_HAS_SWAP),
	FIGURE("memory.kmem.usage_in_bytes", kernel, KT_LIMIT_HAS_KERNEL),
};

static void set(struct kt_limit_memory *memory, const struct figure *figure, uint64_t value)
{
	memcpy((char *)memory + figure->offset, &value, sizeof(value));
	memory->valid |= figure->valid;
}

/* The whole of a small file as text; false: it cannot be read, or is longer. */
static bool read_text(int folder_fd, const char *name, char *ret_text, size_t size)
{
	AUTO_CLOSE int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return false;
	while (used < size) {
		const ssize_t got = read(fd, ret_text + used, size - used);

		if (got < 0)
			return false;
		if (!got) {
			ret_text[used] = '\0';
			return true;
		}
		used += (size_t)got;
	}
	return false;
}

static void take_line(const char *key, const char *value, struct kt_limit_memory *ret)
{
	uint64_t number;

	if (!number_parse(value, &number))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(v2); i++)
		if (!strcmp(v2[i].key, key))
			set(ret, &v2[i], number);
	for (size_t i = 0; i < ARRAY_SIZE(v1); i++)
		if (!strcmp(v1[i].key, key))
			set(ret, &v1[i], number);
}

void limit_stat_read(int cgroup_fd, struct kt_limit_memory *ret)
{
	char text[8192];
	uint64_t number;

	if (read_text(cgroup_fd, "memory.stat", text, sizeof(text))) {
		char *rest = text, *line;

		while ((line = strsep(&rest, "\n"))) {
			char *value = line;
			const char *key = strsep(&value, " ");

			if (value)
				take_line(key, value, ret);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (read_text(cgroup_fd, files[i].key, text, sizeof(text)) &&
		    number_parse_line(text, &number))
			set(ret, &files[i], number);
}
