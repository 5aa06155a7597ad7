// SPDX-License-Identifier: BSD-2-Clause
#include "source/ledger.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert((int)LOSS_COUNT <= LEDGER_LOSSES, "a place for every reason");

int ledger_create(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "kt_ledger", sizeof(uint32_t),
				sizeof(struct ledger), 1, &options);

	return fd < 0 ? -errno : fd;
}

int ledger_map(int fd, struct ledger **ret)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	struct ledger *ledger;

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	if (info.value_size != sizeof(*ledger) || !(info.map_flags & BPF_F_MMAPABLE))
		return -EPROTO;
	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ledger == MAP_FAILED)
		return -errno;
	if (ledger->layout && ledger->layout != LEDGER_LAYOUT) {
		ledger_unmap(ledger);
		return -EPROTO;
	}
	*ret = ledger;
	return 0;
}

void ledger_unmap(struct ledger *ledger)
{
	if (ledger)
		(void)munmap(ledger, sizeof(*ledger));
}

void ledger_read_told(const struct ledger *ledger, struct losses *ret)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		ret->count[i] = ledger->told_losses[i];
}

void ledger_write_told(struct ledger *ledger, const struct losses *totals)
{
	for (int i = 0; ledger && i < LOSS_COUNT; i++)
		ledger->told_losses[i] = totals->count[i];
}

struct ledger_counts *ledger_counts(struct ledger *ledger, const struct ledger_outlet *outlet)
{
	return &ledger->counts[outlet - ledger->outlets];
}

struct ledger_outlet *ledger_outlet(struct ledger *ledger, const char *name)
{
	for (int i = 0; i < LEDGER_OUTLETS; i++) {
		struct ledger_outlet *row = &ledger->outlets[i];

		if (!row->name[0])
			(void)snprintf(row->name, sizeof(row->name), "%s", name);
		if (!strncmp(row->name, name, sizeof(row->name) - 1))
			return row;
	}
	return NULL;
}
