/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel types that the programs of this build and the probes name, extracted from its BTF. The
 * BTF holds some hundred thousand types in several MiB. libbpf would parse it once for each object,
 * and the BTF of every module too. Here it is read once, and libbpf gets a file with the few types
 * that it needs.
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

/* The file that libbpf relocates by. NULL: the one that it finds itself. */
const char *kernel_types_path(const struct kernel_types *types);

/* The number of a type in the BTF that was read, by which programs of type TRACING attach; 0: there
 * is no such type. */
uint32_t kernel_types_number(const struct kernel_types *types, const char *name, uint32_t kind);

#endif
