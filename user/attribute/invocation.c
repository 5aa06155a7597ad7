// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/invocation.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define LINKS "/run/systemd/units/invocation:"

/* Times of files are those of the last tick. */
#define TICK_NS (NS_PER_S / 50)

void invocation_find(const char *host_root, const char *unit, int64_t realtime_ns,
		     char ret[INVOCATION_SIZE])
{
	char path[PATH_MAX], target[INVOCATION_SIZE + 1];
	struct stat st;
	ssize_t length;

	ret[0] = '\0';
	if (!unit[0] || strchr(unit, '/') ||
	    snprintf(path, sizeof(path), "%s" LINKS "%s", host_root ? host_root : "", unit) >=
		    (int)sizeof(path))
		return;
	/* in this order: a link that replaces it meanwhile is younger */
	length = readlink(path, target, sizeof(target));
	if (length != INVOCATION_SIZE - 1 || lstat(path, &st))
		return;
	target[length] = '\0';
	if (strspn(target, "0123456789abcdef") != (size_t)length ||
	    (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec + TICK_NS > realtime_ns)
		return;
	memcpy(ret, target, INVOCATION_SIZE);
}
