/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Docker's config.v2.json of a container: its name, its image and, if cri-dockerd made it, the
 * labels of its pod. Labels of an image look the same, so the uid must be that of the path.
 *
 * Invariants: as oci_config.h.
 */
#ifndef KT_ATTRIBUTE_DOCKER_CONFIG_H
#define KT_ATTRIBUTE_DOCKER_CONFIG_H

#include "attribute/names.h"

bool docker_config_read(const char *text, size_t size, const char *id, struct names *ret);

#endif
