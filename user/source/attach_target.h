/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of type TRACING are given to the kernel with the number of what they attach to. To find
 * it, libbpf would parse all types of the kernel once more for each object.
 */
#ifndef KT_SOURCE_ATTACH_TARGET_H
#define KT_SOURCE_ATTACH_TARGET_H

struct kernel_types;

/*
 * Objects that are opened and loaded after this call take the numbers from `types`, which must
 * exist until it is replaced. NULL: nothing is loaded. Such programs are attached by the libbpf
 * functions for their type: bpf_program__attach() does not know them. Failures are printed as a
 * detail; libbpf then does it by itself.
 */
void attach_target_set(const struct kernel_types *types);

#endif
