/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGBUS: a page that cannot be provided, by the kind of mapping. */
#include "zoo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "insn.h"

enum { LARGEST_TMPFS = 64 << 20, FUSE_BUFFER = 1 << 16 };
enum { TMPFS_LARGE, TMPFS_TINY };

extern const char site_bus_read[], site_bus_write[];

static SITE_FUNCTION void bus_read(struct witness *me, const void *address)
{
	knows_fault(me, (uintptr_t)site_bus_read, (uintptr_t)address, "read");
	INSN_READ(site_bus_read, address);
}

static SITE_FUNCTION void bus_write(struct witness *me, void *address)
{
	knows_fault(me, (uintptr_t)site_bus_write, (uintptr_t)address, "write");
	INSN_WRITE(site_bus_write, address);
}

/* A mount that no other process sees, and that vanishes with this process. */
static void mount_for_me(struct witness *me, const char *type, const char *options)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("kz", temp_dir(), type, MS_NOSUID | MS_NODEV, options))
		witness_skip(me, "nothing can be mounted");
}

/*
 * 16 times the error of the kernel's page counter, or too few pages for that counter to mean
 * anything.
 */
static unsigned long tmpfs_size(struct witness *me, long arg)
{
	unsigned long cpus = (unsigned long)sysconf(_SC_NPROCESSORS_CONF), size;

	if (arg == TMPFS_TINY)
		return 16UL * ZOO_PAGE;
	size = 16 * ZOO_PAGE * cpus * (cpus > 16 ? 2 * cpus : 32);
	if (size > LARGEST_TMPFS)
		witness_skip(me, "so many processors need a large tmpfs");
	return size;
}

static void tmpfs_full(struct witness *me, long arg)
{
	static char block[ZOO_PAGE];
	unsigned long size = tmpfs_size(me, arg);
	char options[32];
	struct statvfs state;
	int fd, sparse;
	void *map;

	(void)snprintf(options, sizeof(options), "size=%lu", size);
	mount_for_me(me, "tmpfs", options);
	if (chdir(temp_dir()))
		witness_skip(me, "the mount cannot be entered");
	fd = open("filler", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	sparse = open("sparse", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || sparse < 0 || ftruncate(sparse, ZOO_PAGE))
		witness_skip(me, "no files can be made");
	while (write(fd, block, sizeof(block)) > 0)
		;
	if (errno != ENOSPC || statvfs(".", &state) || state.f_bfree)
		witness_skip(me, "the file system cannot be filled");
	if (arg == TMPFS_LARGE)
		knows_number(me, "size_bytes", (long long)size);
	map = mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, sparse, 0);
	bus_write(me, map);
}

static long long huge_pages(void)
{
	FILE *file = fopen("/proc/sys/vm/nr_hugepages", "re");
	long long count = -1;

	if (file) {
		if (fscanf(file, "%lld", &count) != 1)
			count = -1;
		fclose(file);
	}
	return count;
}

static void no_huge_page(struct witness *me, long arg)
{
	const size_t size = 2UL << 20;
	void *map;

	(void)arg;
	if (huge_pages() != 0)
		witness_skip(me, "there are huge pages here, or none are supported");
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		witness_skip(me, "no huge pages can be mapped");
	knows_number(me, "huge_pages", 0);
	bus_write(me, map);
}

static void userfault(struct witness *me, long arg)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	void *map =
		mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	range.range.start = (uintptr_t)map;
	range.range.len = ZOO_PAGE;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		witness_skip(me, "no userfaultfd here");
	bus_read(me, map);
}

/* The minimal FUSE daemon for one file, "f", which cannot be read. */
static void answer(int fd, uint64_t unique, int error, const void *data, size_t size)
{
	static char buffer[FUSE_BUFFER];
	struct fuse_out_header header = { .unique = unique, .error = error };

	header.len = (uint32_t)(sizeof(header) + size);
	memcpy(buffer, &header, sizeof(header));
	if (size)
		memcpy(buffer + sizeof(header), data, size);
	if (write(fd, buffer, header.len) < 0)
		_exit(1);
}

static struct fuse_attr attributes(uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .nlink = 1, .blksize = ZOO_PAGE };

	attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
	attr.size = node == FUSE_ROOT_ID ? 0 : ZOO_PAGE;
	return attr;
}

static void serve_one(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31 };
	struct fuse_entry_out entry = { .nodeid = 2, .entry_valid = 60, .attr_valid = 60 };
	struct fuse_attr_out attr = { .attr_valid = 60 };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		init.max_write = ZOO_PAGE;
		answer(fd, in->unique, 0, &init, sizeof(init));
		return;
	case FUSE_LOOKUP:
		entry.attr = attributes(2);
		answer(fd, in->unique, 0, &entry, sizeof(entry));
		return;
	case FUSE_GETATTR:
		attr.attr = attributes(in->nodeid);
		answer(fd, in->unique, 0, &attr, sizeof(attr));
		return;
	case FUSE_OPEN:
		answer(fd, in->unique, 0, &opened, sizeof(opened));
		return;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		answer(fd, in->unique, in->opcode == FUSE_READ ? -EIO : -ENOSYS, NULL, 0);
	}
}

static void serve(int fd)
{
	static char buffer[FUSE_BUFFER] __attribute__((aligned(8)));

	while (read(fd, buffer, sizeof(buffer)) > 0 || errno == EINTR || errno == ENOENT)
		serve_one(fd, (const struct fuse_in_header *)buffer);
	_exit(0);
}

enum { DAEMON_ERROR, DAEMON_GONE };

static void fuse(struct witness *me, long arg)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), file;
	char options[96], path[256];
	pid_t daemon;
	void *map;

	if (fd < 0)
		witness_skip(me, "no FUSE here");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	mount_for_me(me, "fuse", options);
	daemon = fork();
	if (!daemon) {
		/* it holds the mount, which must vanish with the victim */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd);
	}
	close(fd);
	snprintf(path, sizeof(path), "%s/f", temp_dir());
	file = open(path, O_RDONLY | O_CLOEXEC);
	map = mmap(NULL, ZOO_PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	if (arg == DAEMON_GONE || file < 0 || map == MAP_FAILED) {
		kill(daemon, SIGTERM);
		waitpid(daemon, NULL, 0);
	}
	if (file < 0 || map == MAP_FAILED)
		witness_skip(me, "the file of FUSE cannot be mapped");
	bus_read(me, map);
}

static const struct victim victims[] = {
	{ .name = "tmpfs-full", .comm = "kz-tmpfs", .arg = TMPFS_LARGE, .die = tmpfs_full },
	{ .name = "tmpfs-tiny", .comm = "kz-tiny", .arg = TMPFS_TINY, .die = tmpfs_full },
	{ .name = "no-huge-page", .comm = "kz-huge", .die = no_huge_page },
	{ .name = "userfault", .comm = "kz-userfault", .die = userfault },
	{ .name = "fuse-error", .comm = "kz-fuse-error", .arg = DAEMON_ERROR, .die = fuse },
	{ .name = "fuse-gone", .comm = "kz-fuse-gone", .arg = DAEMON_GONE, .die = fuse },
};

const struct menagerie zoo_bus = MENAGERIE(victims);
