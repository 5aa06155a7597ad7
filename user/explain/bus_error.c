// SPDX-License-Identifier: BSD-2-Clause
#include "explain/bus_error.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"

#define BYTES_PER_KIB 1024ULL

static bool is_of_bus(const struct death *death)
{
	return death->has_fault && death->fault.number == SIGBUS && death->fault.code == BUS_ADRERR;
}

/* If a page of a regular file is missing within the file's length, there is only one reason: it
 * could not be read. Drivers and pseudo file systems have reasons of their own. */
static bool is_storage(const struct kt_bus_error *bus)
{
	static const char *const types[] = {
		"9p",   "bcachefs", "btrfs", "ceph",    "cifs", "erofs", "exfat", "ext2",
		"ext3", "ext4",     "f2fs",  "iso9660", "jfs",  "nfs",   "nfs4",  "ntfs3",
		"smb3", "squashfs", "udf",   "overlay", "vfat", "xfs",   "zfs",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(bus->type, types[i]))
			return bus->flags & KT_BUS_REGULAR;
	return false;
}

enum bus_reason bus_reason_of(const struct death *death, const struct verdict *verdict)
{
	const struct kt_bus_error *bus = &death->bus;

	if (!is_of_bus(death))
		return BUS_REASON_NONE;
	if (death->fault.flags & KT_FAULT_BEYOND_FILE)
		return BUS_REASON_BEYOND_END;
	if (!death->has_bus)
		return BUS_REASON_NONE;
	/* userfaultfd is asked before the file system is */
	if (bus->flags & KT_BUS_USERFAULTFD)
		return BUS_REASON_USERFAULTFD;
	if (bus->flags & KT_BUS_FULL)
		return BUS_REASON_FULL;
	if ((bus->flags & KT_BUS_HUGETLBFS) && bus->used >= bus->total)
		return BUS_REASON_NO_HUGE_PAGE;
	if (bus->flags & KT_BUS_FUSE)
		return bus->flags & KT_BUS_FUSE_GONE ? BUS_REASON_DAEMON_GONE
						     : BUS_REASON_DAEMON_ERROR;
	if (!is_storage(bus))
		return BUS_REASON_NONE;
	switch (verdict->access) {
	case FAULT_ACCESS_READ:
	case FAULT_ACCESS_EXEC:
		return BUS_REASON_READ_FAILED;
	case FAULT_ACCESS_WRITE:
		return BUS_REASON_WRITE_FAILED;
	case FAULT_ACCESS_UNKNOWN:
		break;
	}
	return BUS_REASON_NONE;
}

const char *bus_reason_name(enum bus_reason reason)
{
	static const char *const names[] = {
		[BUS_REASON_BEYOND_END] = "beyond-end",
		[BUS_REASON_FULL] = "full",
		[BUS_REASON_NO_HUGE_PAGE] = "no-free-huge-page",
		[BUS_REASON_USERFAULTFD] = "userfaultfd",
		[BUS_REASON_DAEMON_GONE] = "daemon-gone",
		[BUS_REASON_DAEMON_ERROR] = "daemon-error",
		[BUS_REASON_READ_FAILED] = "read-failed",
		[BUS_REASON_WRITE_FAILED] = "write-failed",
	};

	return (size_t)reason < ARRAY_SIZE(names) ? names[reason] : NULL;
}

static void put_full(struct words *out, const struct kt_bus_error *bus)
{
	words_put(out, "no room left in its tmpfs (about ");
	words_put_bytes(out, bus->used);
	words_put(out, " of ");
	words_put_bytes(out, bus->total);
	words_put(out, " used)");
}

static void put_no_huge_page(struct words *out, const struct kt_bus_error *bus)
{
	words_put(out, "no free huge page of ");
	words_put_bytes(out, bus->unit_kib * BYTES_PER_KIB);
	words_put(out, " (the node has %llu)", bus->total);
}

static void put_storage(struct words *out, const struct kt_bus_error *bus, const char *what)
{
	words_put(out, "a page of a mapped file on ");
	words_put_name(out, bus->type);
	words_put(out, " could not be %s", what);
}

bool bus_error_put(struct words *out, const struct death *death, const struct verdict *verdict)
{
	const struct kt_bus_error *bus = &death->bus;

	switch (bus_reason_of(death, verdict)) {
	case BUS_REASON_BEYOND_END:
		words_put(out, "beyond the end of a mapped file");
		return true;
	case BUS_REASON_FULL:
		put_full(out, bus);
		return true;
	case BUS_REASON_NO_HUGE_PAGE:
		put_no_huge_page(out, bus);
		return true;
	case BUS_REASON_USERFAULTFD:
		words_put(out, "a page was missing, and it had asked userfaultfd for SIGBUS then");
		return true;
	case BUS_REASON_DAEMON_GONE:
		words_put(out, "the FUSE daemon of a mapped file is gone");
		return true;
	case BUS_REASON_DAEMON_ERROR:
		words_put(out, "the FUSE daemon of a mapped file answered with an error");
		return true;
	case BUS_REASON_READ_FAILED:
		put_storage(out, bus, "read");
		return true;
	case BUS_REASON_WRITE_FAILED:
		put_storage(out, bus, "read, or there was no room for it");
		return true;
	case BUS_REASON_NONE:
		break;
	}
	if (!is_of_bus(death) || !death->has_bus || !bus->type[0])
		return false;
	words_put(out, "a page of a mapped file on ");
	words_put_name(out, bus->type);
	words_put(out, " was not available");
	return true;
}
