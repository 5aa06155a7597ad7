/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the BPF objects that are left in the kernel: a line per program, map and link. An
 * independent check without a library, for guests.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *what;
	int next, open;
} kinds[] = {
	{ "program", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID },
	{ "map", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID },
	{ "link", BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID },
};

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* The name of a program or a map; links have none. */
static void show(const char *what, int open_command, uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };
	struct bpf_prog_info program = { 0 };
	struct bpf_map_info map = { 0 };
	const char *name = "";
	int fd = bpf(open_command, &attr);

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	if (open_command == BPF_PROG_GET_FD_BY_ID) {
		attr.info.info_len = sizeof(program);
		attr.info.info = (uintptr_t)&program;
		name = program.name;
	} else if (open_command == BPF_MAP_GET_FD_BY_ID) {
		attr.info.info_len = sizeof(map);
		attr.info.info = (uintptr_t)&map;
		name = map.name;
	}
	if (fd >= 0 && attr.info.info)
		bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (fd >= 0)
		close(fd);
	printf("%s %u %.16s\n", what, id, name);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		union bpf_attr attr = { 0 };

		while (!bpf(kinds[i].next, &attr)) {
			uint32_t id = attr.next_id;

			show(kinds[i].what, kinds[i].open, id);
			memset(&attr, 0, sizeof(attr));
			attr.start_id = id;
		}
		if (errno != ENOENT && errno != EINVAL) {
			perror(kinds[i].what);
			return 1;
		}
	}
	return 0;
}
