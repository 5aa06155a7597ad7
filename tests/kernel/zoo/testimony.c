/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process can testify about the place where it is going to fault. */
#include "zoo.h"

#include <stdlib.h>
#include <string.h>

/*
 * The mapping that contains ip, according to the process's own maps file. Read through the thread:
 * once the leader has left, /proc/self has no maps.
 */
void knows_module(struct witness *me, uintptr_t ip)
{
	FILE *maps = fopen("/proc/thread-self/maps", "re");
	char line[4400];

	if (!maps)
		return;
	/* low-high permissions offset device inode path */
	while (fgets(line, sizeof(line), maps)) {
		char *at;
		uintptr_t low = strtoul(line, &at, 16);
		uintptr_t high = strtoul(at + 1, &at, 16);
		const char *slash = strrchr(at, '/');

		if (ip < low || ip >= high || !slash)
			continue;
		line[strcspn(line, "\n")] = '\0';
		at = strchr(at + 1, ' ');
		knows_string(me, "module", slash + 1);
		knows_address(me, "module_file_offset", ip - low + strtoul(at, NULL, 16));
	}
	fclose(maps);
}

void knows_fault(struct witness *me, uintptr_t ip, uintptr_t address, const char *access)
{
	knows_address(me, "ip", ip);
	if (access) {
		knows_address(me, "address", address);
		knows_string(me, "access", access);
	}
	knows_module(me, ip);
	knows_sp(me);
}

void knows_sp(struct witness *me)
{
	knows_address(me, "sp", (uintptr_t)__builtin_frame_address(0));
}
