/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The config.json of an OCI bundle, in whose annotations CRI runtimes write the owner.
 *
 * Only the keys that the writer itself sets are read: CRI-O copies a pod's own annotations into the
 * same object, where they may have names like containerd's, and others do so with those of an
 * image.
 *
 * Invariants: only annotations are looked at; the container's arguments and environment are in the
 * same file and are never copied out of it. Pure and total.
 */
#ifndef KT_ATTRIBUTE_OCI_CONFIG_H
#define KT_ATTRIBUTE_OCI_CONFIG_H

#include "attribute/names.h"

/* All return false if the text is no such file. True without any name: a container without a name.
 */
bool oci_config_read_crio(const char *text, size_t size, const char *id, struct names *ret);
/* containerd's, in its namespace k8s.io, where the kubelet has its containers */
bool oci_config_read_containerd(const char *text, size_t size, const char *id, struct names *ret);
/* containerd's, in all other namespaces, where no container belongs to a pod */
bool oci_config_read_nerdctl(const char *text, size_t size, const char *id, struct names *ret);

/* The path of its cgroup, for any runtime; the readers above set it beside the names. */
bool oci_config_read_cgroup(const char *text, size_t size, struct names *ret);

#endif
