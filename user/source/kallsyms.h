/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of kernel functions for the addresses of a kernel stack, from /proc/kallsyms. Only text
 * symbols are kept, in two flat arrays, so that a whole kernel takes only a few MiB.
 */
#ifndef KT_SOURCE_KALLSYMS_H
#define KT_SOURCE_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kallsyms;

/* -EACCES: the file is there but hides the addresses (kptr_restrict); else -errno. */
int kallsyms_load(const char *path, struct kallsyms **ret);

void kallsyms_free(struct kallsyms *symbols);

/* "name+0x1f" for a text address. False (and *ret_name untouched) if it is in no function. */
bool kallsyms_name(const struct kallsyms *symbols, uint64_t address, char *ret_name, size_t size);

/* The address of the kernel's table of the places of memory.stat's figures; 0: unknown. `symbols`
 * may be NULL. */
uint64_t kallsyms_stats_places(const struct kallsyms *symbols);

size_t kallsyms_count(const struct kallsyms *symbols);

#endif
