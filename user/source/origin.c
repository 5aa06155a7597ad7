// SPDX-License-Identifier: BSD-2-Clause
#include "source/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

void origin_read(const char *node, struct origin *ret)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(ret, 0, sizeof(*ret));
	if (!file || !fgets(ret->boot_id, sizeof(ret->boot_id), file))
		(void)snprintf(ret->boot_id, sizeof(ret->boot_id), "unknown");
	ret->boot_id[strcspn(ret->boot_id, "\n")] = '\0';
	if (!node)
		node = getenv("NODE_NAME");
	if (node && *node)
		(void)snprintf(ret->node, sizeof(ret->node), "%s", node);
	else if (gethostname(ret->node, sizeof(ret->node) - 1))
		(void)snprintf(ret->node, sizeof(ret->node), "unknown");
}
