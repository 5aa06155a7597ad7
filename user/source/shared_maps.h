/* SPDX-License-Identifier: BSD-2-Clause */
/* Lets several BPF objects work on the same maps. */
#ifndef KT_SOURCE_SHARED_MAPS_H
#define KT_SOURCE_SHARED_MAPS_H

#include <bpf/libbpf.h>

/*
 * Gives an object that is open and not loaded yet the maps of a loaded object, by name, except the
 * scratch of a program that can be interrupted by one of the other object. 0 or -errno.
 */
int shared_maps_take(const struct bpf_object *owner, const struct bpf_object *guest);

#endif
