// SPDX-License-Identifier: BSD-2-Clause
#include "source/lost_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#include "base/cleanup.h"

void lost_map_sum_one(int fd, uint32_t key, uint64_t *ret)
{
	const int cpus = libbpf_num_possible_cpus();
	AUTO_FREE uint64_t *values = cpus > 0 ? calloc((size_t)cpus, sizeof(*values)) : NULL;
	uint64_t sum = 0;

	if (fd < 0 || !values || bpf_map_lookup_elem(fd, &key, values))
		return;
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += values[cpu];
	*ret = sum;
}

void lost_map_sum(int fd, struct losses *ret)
{
	for (uint32_t reason = 0; reason < KT_LOST_REASONS; reason++)
		lost_map_sum_one(fd, reason, &ret->count[reason]);
}

uint64_t lost_runs(int program_fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (program_fd < 0 || bpf_obj_get_info_by_fd(program_fd, &info, &size))
		return 0;
	return info.recursion_misses;
}
