/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers, pods and machines of a cgroup path, from the outermost to the innermost.
 *
 * Invariants: the innermost container wins. A container that merely surrounds a pod is given as
 * enclosing, never as one of the pod's. Of several pods the outermost wins, and nothing below the
 * name of another pod within it counts: a pod with cgroups of its own can use any name for them.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_PATH_H
#define KT_ATTRIBUTE_CONTAINER_PATH_H

struct owner;

void container_path_read(const char *path, struct owner *ret);

#endif
