/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The config.json of an OCI bundle, where CRI runtimes note in the annotations whose it is.
 *
 * Each by the keys that its writer sets itself, and by no other's: CRI-O copies a pod's own
 * annotations into the same object, which may be called like containerd's, and so do others with
 * those of an image.
 *
 * Invariants: only annotations are looked at; the container's arguments and environment stand in
 * the same file and are never copied out of it. Pure and total.
 */
#ifndef KT_ATTRIBUTE_OCI_CONFIG_H
#define KT_ATTRIBUTE_OCI_CONFIG_H

#include "attribute/names.h"

/* All are false if the text is no such file. True without any name: a container that nobody named.
 */
bool oci_config_read_crio(const char *text, size_t size, const char *id, struct names *ret);
/* containerd's, of its namespace k8s.io, in which the kubelet has its containers */
bool oci_config_read_containerd(const char *text, size_t size, const char *id, struct names *ret);
/* containerd's, of all other namespaces, in which no container is a pod's */
bool oci_config_read_nerdctl(const char *text, size_t size, const char *id, struct names *ret);

/* Where its cgroup is, of any runtime's; as the readers above have it beside the names. */
bool oci_config_read_cgroup(const char *text, size_t size, struct names *ret);

#endif
