// SPDX-License-Identifier: BSD-2-Clause
#include "metrics/kernel_oom.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"

#define VMSTAT "/proc/vmstat"

void kernel_oom_count(struct metrics *metrics)
{
	AUTO_FCLOSE FILE *file = fopen(VMSTAT, "re");
	static const char key[] = "oom_kill ";
	char line[128];
	uint64_t kills;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) &&
		    number_parse_line(line + strlen(key), &kills))
			metrics_set_kernel_oom_kills(metrics, kills);
}
