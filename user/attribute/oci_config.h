/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The config.json of an OCI bundle, where CRI runtimes note in the annotations whose it is.
 *
 * Invariants: only annotations are looked at; the container's arguments and environment stand in the
 * same file and are never copied out of it. Pure and total.
 */
#ifndef KT_ATTRIBUTE_OCI_CONFIG_H
#define KT_ATTRIBUTE_OCI_CONFIG_H

#include "attribute/names.h"

/* False: not such a file. True without any name: a container that nobody named. */
bool oci_config_read(const char *text, size_t size, const char *id, struct names *ret);

#endif
