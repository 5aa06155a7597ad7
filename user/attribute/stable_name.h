/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workload of which an owner is a replica: the names that stay the same on every node and
 * across restarts. Rules and examples: docs/fingerprint.md. Fingerprints are made of these texts,
 * so a change of a rule changes FINGERPRINT_VERSION.
 *
 * Ownership: plain data of fixed size. Invariants: pure and total; a name that does not fit is left
 * out.
 */
#ifndef KT_ATTRIBUTE_STABLE_NAME_H
#define KT_ATTRIBUTE_STABLE_NAME_H

#include <stddef.h>

#include "attribute/names.h"
#include "attribute/owner.h"

#define STABLE_NAME_SIZE 1024
#define STABLE_NAME_PARTS 3

struct stable_name {
	const char *kind;                               /* "kubernetes", … "cgroup" */
	char name[STABLE_NAME_PARTS][STABLE_NAME_SIZE]; /* from the outside in; empty: unknown */
};

/* `cgroup` is used where the owner has no other name; `node` is this node's name. */
void stable_name_of(const struct owner *owner, const struct names *names, const char *cgroup,
		    const char *node, struct stable_name *ret);

/* "web-7d4b9c6f5d-x2x8z" and "web-0" are "web"; a static pod's name ends with the name of the node.
 */
void stable_name_of_pod(const char *pod, const char *node, char *ret, size_t size);

/* "getty@tty1.service" is "getty@.service", "session-3.scope" is "session.scope". */
void stable_name_of_unit(const char *unit, char *ret, size_t size);

/* "registry.example/library/nginx:1.2@sha256:…" is "nginx"; an image's id is "". */
void stable_name_of_image(const char *image, char *ret, size_t size);

/* "shop-web-1" is "shop-web". */
void stable_name_of_name(const char *name, char *ret, size_t size);

/* Each component without the ids and numbers at its end; a component that is only an id is "*". */
void stable_name_of_cgroup(const char *path, char *ret, size_t size);

#endif
