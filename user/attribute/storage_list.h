/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The containers.json of the containers/storage library. Podman and CRI-O list all their containers
 * in it, each with its names and, as JSON within a string, the data of its maker.
 *
 * Invariants: as oci_config.h.
 */
#ifndef KT_ATTRIBUTE_STORAGE_LIST_H
#define KT_ATTRIBUTE_STORAGE_LIST_H

#include "attribute/names.h"

bool storage_list_read(const char *text, size_t size, const char *id, struct names *ret);

#endif
