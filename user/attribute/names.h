/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people call a container and its pod, as the files of its runtime have it.
 *
 * Ownership: plain data of fixed size. Invariants: every field is NUL-terminated, empty where
 * unknown; a name that does not fit is left out whole, for a shortened one could be another's.
 * Names are as their makers chose them: any byte but NUL.
 */
#ifndef KT_ATTRIBUTE_NAMES_H
#define KT_ATTRIBUTE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes are the bounds of Kubernetes' own names, and generous ones for the others. */
struct names {
	char id[129];     /* of the container, where the path does not tell which it is */
	char runtime[24]; /* whose files these names stand in */
	char name[256];   /* of the container */
	char image[512];
	char namespace[64];
	char pod[254];
	char pod_uid[64];
	char container[64]; /* what the pod calls it */
	char sandbox[8];    /* "yes": not a pod's container, but what holds its namespaces open */
	char unit[256];     /* of systemd, that runs the container by its own word */
	char cgroup[1024];  /* where its configuration says that it is; of no use without a path */
};

/* All fields of one, each with its NUL. */
#define NAMES_TEXT_MAX sizeof(struct names)

bool names_any(const struct names *names);

/* Sets a field from a text that may be NULL; false: it did not fit and is empty now. */
bool names_set(char *field, size_t size, const char *text);

/* Sets what is empty in `ret` from `more`. */
void names_fill(struct names *ret, const struct names *more);

/* Empties what tells of a pod. */
void names_drop_pod(struct names *names);

/* The fields but the unit and the cgroup as one run of bytes, each ended by a NUL; returns how
 * many, at most NAMES_TEXT_MAX. */
size_t names_write(const struct names *names, char ret_text[NAMES_TEXT_MAX]);

/* Reads what names_write() wrote, or somebody else in its place; returns the bytes taken, 0 if they
 * are not of that form. */
size_t names_read(const char *text, size_t size, struct names *ret);

#endif
