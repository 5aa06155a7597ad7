/* SPDX-License-Identifier: BSD-2-Clause */
/* Several BPF objects that work on the same maps. */
#ifndef KT_SOURCE_SHARED_MAPS_H
#define KT_SOURCE_SHARED_MAPS_H

#include <bpf/libbpf.h>

/*
 * Gives an object that is open and not loaded yet the maps of one that is loaded, by name, except
 * the scratch of a program that can be interrupted by the other object's. 0 or -errno.
 */
int shared_maps_take(const struct bpf_object *owner, const struct bpf_object *guest);

#endif
