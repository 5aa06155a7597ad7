// SPDX-License-Identifier: BSD-2-Clause
#include "source/kernel_types.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/btf_extract.h"
#include "source/hooks.h"

#define KERNEL "/sys/kernel/btf/vmlinux"
/* The module with the only types of modules that the programs name: those of a FUSE mount. */
#define MODULE "/sys/kernel/btf/fuse"

#define NAME_SIZE 64

struct kernel_types {
	struct btf *btf;
	struct btf_extract extract; /* empty: `btf` is all that was read */
	int fd;
	char path[32]; /* the same as a file; "": there is none */
	const char *fallback;
};

/* In addition to the tracepoints: types of the programs and probes, and what programs attach to. */
static const char *const fixed_names[] = {
#include "bpf/type_names.h"
	"bpf_func_id",
	"class_srcu_fast_notrace_t",
	"bpf_iter_task",
};

struct names {
	char of_hooks[HOOK_COUNT][NAME_SIZE];
	const char *all[ARRAY_SIZE(fixed_names) + HOOK_COUNT + 1];
};

static void gather_names(struct names *names)
{
	size_t count = 0;

	for (; count < ARRAY_SIZE(fixed_names); count++)
		names->all[count] = fixed_names[count];
	for (int i = 0; i < HOOK_COUNT; i++) {
		const bool is_tracepoint = hook_test((enum hook)i) == HOOK_TEST_TRACEPOINT;

		(void)snprintf(names->of_hooks[i], NAME_SIZE, "%s%s",
			       is_tracepoint ? "btf_trace_" : "", hook_name((enum hook)i));
		names->all[count++] = names->of_hooks[i];
	}
	names->all[count] = NULL;
}

/* Files that cannot be mapped (before 6.16) are read. `data` NULL: there is none. */
static struct btf_bytes map_file(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct btf_bytes bytes = { NULL, 0 };
	struct stat status;
	size_t used = 0;
	void *data;

	if (fd < 0 || fstat(fd, &status) || status.st_size <= 0)
		return bytes;
	bytes.size = (size_t)status.st_size;
	data = mmap(NULL, bytes.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		data = mmap(NULL, bytes.size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	else
		used = bytes.size;
	if (data == MAP_FAILED)
		return bytes;
	while (used < bytes.size) {
		const ssize_t size = read(fd, (char *)data + used, bytes.size - used);

		if (size > 0) {
			used += (size_t)size;
		} else if (!size || errno != EINTR) {
			(void)munmap(data, bytes.size);
			return bytes;
		}
	}
	bytes.data = data;
	return bytes;
}

static void unmap(const struct btf_bytes *bytes)
{
	if (bytes->data)
		(void)munmap((void *)bytes->data, bytes->size);
}

/* If the module fails, the kernel's types are taken without it. */
static int extract(const struct btf_bytes *kernel, bool running, struct btf_extract *ret)
{
	const struct btf_bytes module = running ? map_file(MODULE) : (struct btf_bytes){ 0 };
	struct names *names = calloc(1, sizeof(*names));
	int error = -ENOMEM;

	if (names) {
		gather_names(names);
		error = module.data ? btf_extract(kernel, &module, names->all, ret) : -ENOENT;
		if (error)
			error = btf_extract(kernel, NULL, names->all, ret);
	}
	free(names);
	unmap(&module);
	return error;
}

/* libbpf takes a BTF by its path only. */
static void make_file(struct kernel_types *types)
{
	size_t used = 0;

	types->fd = memfd_create("killtrace types", MFD_CLOEXEC);
	while (types->fd >= 0 && used < types->extract.size) {
		const ssize_t size = write(types->fd, (const char *)types->extract.data + used,
					   types->extract.size - used);

		if (size < 0 && errno != EINTR)
			return;
		used += size > 0 ? (size_t)size : 0;
	}
	(void)snprintf(types->path, sizeof(types->path), "/proc/self/fd/%d", types->fd);
	if (types->fd < 0 || access(types->path, R_OK))
		types->path[0] = '\0';
}

/*
 * libbpf 1.1 looks in all modules for a type that the kernel does not have, and gives up if it may
 * not read their BTF (CAP_BPF and CAP_PERFMON without CAP_SYS_ADMIN).
 */
static const char *fallback_of(const char *btf_path)
{
	__u32 id = 0;

	if (btf_path || bpf_btf_get_next_id(0, &id) != -EPERM)
		return btf_path;
	return KERNEL;
}

/* Extracts from the whole BTF, which is freed afterwards. */
static void take_extract(const struct btf_bytes *all, bool running, struct kernel_types *types)
{
	if (extract(all, running, &types->extract))
		return;
	types->btf = btf__new(types->extract.data, (__u32)types->extract.size);
	if (types->btf)
		make_file(types);
	else
		btf_extract_done(&types->extract);
}

static int read_all(const char *btf_path, struct kernel_types *types)
{
	struct btf_bytes bytes = { NULL, 0 };
	struct btf *all;

	if (!btf_path) {
		bytes = map_file(KERNEL);
		if (bytes.data)
			take_extract(&bytes, true, types);
		unmap(&bytes);
		if (types->btf)
			return 0;
	}
	all = btf_path ? btf__parse(btf_path, NULL) : btf__load_vmlinux_btf();
	if (!all)
		return -errno;
	if (btf_path) {
		__u32 size = 0;

		bytes.data = btf__raw_data(all, &size);
		bytes.size = size;
		if (bytes.data)
			take_extract(&bytes, false, types);
	}
	if (types->btf)
		btf__free(all);
	else
		types->btf = all;
	return 0;
}

int kernel_types_read(const char *btf_path, struct kernel_types **ret)
{
	struct kernel_types *types = calloc(1, sizeof(*types));
	int error;

	if (!types)
		return -ENOMEM;
	types->fd = -1;
	types->fallback = fallback_of(btf_path);
	error = read_all(btf_path, types);
	if (error) {
		kernel_types_free(types);
		return error;
	}
	*ret = types;
	return 0;
}

void kernel_types_free(struct kernel_types *types)
{
	if (!types)
		return;
	btf__free(types->btf);
	btf_extract_done(&types->extract);
	if (types->fd >= 0)
		(void)close(types->fd);
	free(types);
}

const struct btf *kernel_types_btf(const struct kernel_types *types)
{
	return types->btf;
}

const char *kernel_types_path(const struct kernel_types *types)
{
	return types->path[0] ? types->path : types->fallback;
}

uint32_t kernel_types_number(const struct kernel_types *types, const char *name, uint32_t kind)
{
	const int found = btf__find_by_name_kind(types->btf, name, kind);

	if (found <= 0)
		return 0;
	return types->extract.numbers ? types->extract.numbers[found] : (uint32_t)found;
}
