/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of type TRACING are given to the kernel with the number of what they attach to. libbpf
 * would parse all types of the kernel once more in each object to find it.
 */
#ifndef KT_SOURCE_ATTACH_TARGET_H
#define KT_SOURCE_ATTACH_TARGET_H

struct kernel_types;

/*
 * Objects that are opened and loaded from here on take the numbers out of `types`, which has to be
 * there until it is replaced. NULL: nothing is loaded. Such programs are attached by functions of
 * libbpf for their type: bpf_program__attach() does not know them. What fails is printed as a
 * detail; libbpf does it by itself then.
 */
void attach_target_set(const struct kernel_types *types);

#endif
