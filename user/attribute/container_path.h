/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers, pods and machines of a cgroup path, from the outermost to the innermost.
 *
 * Invariants: the innermost container and pod win, and a container that merely surrounds a pod is
 * given as enclosing, never as one of the pod's.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_PATH_H
#define KT_ATTRIBUTE_CONTAINER_PATH_H

struct owner;

void container_path_read(const char *path, struct owner *ret);

#endif
