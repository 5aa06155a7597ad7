/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of the kernel that the programs of this build and the probes name, out of its BTF. That
 * holds some hundred thousand types in several MiB. libbpf would parse it once for each object, and
 * that of every module with it; here it is read once, and libbpf gets a file with the few that it
 * needs.
 */
#ifndef KT_SOURCE_KERNEL_TYPES_H
#define KT_SOURCE_KERNEL_TYPES_H

#include <bpf/btf.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_types;

/* `btf_path` NULL: the running kernel's own. -ENOENT: there is none; else -errno of libbpf. */
int kernel_types_read(const char *btf_path, struct kernel_types **ret);

/* NULL is fine. */
void kernel_types_free(struct kernel_types *types);

const struct btf *kernel_types_btf(const struct kernel_types *types);

/* What libbpf is to relocate by. NULL: by what it finds itself. */
const char *kernel_types_path(const struct kernel_types *types);

/* The number of a type in the BTF that was read, by which programs of type TRACING attach; 0: it is
 * not there. */
uint32_t kernel_types_number(const struct kernel_types *types, const char *name, uint32_t kind);

#endif
