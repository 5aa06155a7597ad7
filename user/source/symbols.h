/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of kernel functions for the addresses of a kernel stack, from /proc/kallsyms. Only text
 * symbols are kept, in two flat arrays, so that a whole kernel costs a few MiB.
 */
#ifndef KT_SOURCE_SYMBOLS_H
#define KT_SOURCE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols;

/* -EACCES: the file is there but hides the addresses (kptr_restrict); else -errno. */
int symbols_load(const char *path, struct symbols **ret);

void symbols_free(struct symbols *symbols);

/* "name+0x1f" for a text address. False (and *ret_name untouched) when it is in no function. */
bool symbols_name(const struct symbols *symbols, uint64_t address, char *ret_name, size_t size);

size_t symbols_count(const struct symbols *symbols);

#endif
