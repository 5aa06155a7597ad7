/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of a container and its pod, as the files of its runtime have them.
 *
 * Ownership: plain data of fixed size. Invariants: every field is NUL-terminated, and empty if
 * unknown. A name that does not fit is left out, since a shortened one could be another's. Names
 * are as their makers chose them: any byte except NUL.
 */
#ifndef KT_ATTRIBUTE_NAMES_H
#define KT_ATTRIBUTE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The sizes are the limits of Kubernetes for its own names, and generous for the others. */
struct names {
	char id[129];     /* of the container, if the path does not show which one it is */
	char runtime[24]; /* the runtime whose files have these names */
	char name[256];   /* of the container */
	char image[512];
	char namespace[64];
	char pod[254];
	char pod_uid[64];
	char container[64]; /* its name within the pod */
	char sandbox[8];    /* "yes": it only holds the pod's namespaces open */
	char unit[256];     /* of systemd, which runs the container, by the container's own claim */
	char cgroup[1024];  /* from its configuration; useless without a path */
};

/* All fields together, each with its NUL. */
#define NAMES_TEXT_MAX sizeof(struct names)

/* Empties all fields. What is behind their ends is of no use, and stays. */
static inline void names_clear(struct names *names)
{
	names->id[0] = names->runtime[0] = names->name[0] = names->image[0] = '\0';
	names->namespace[0] = names->pod[0] = names->pod_uid[0] = names->container[0] = '\0';
	names->sandbox[0] = names->unit[0] = names->cgroup[0] = '\0';
}

bool names_any(const struct names *names);

/* Sets a field from a text that may be NULL; false: it did not fit and is empty now. */
bool names_set(char *field, size_t size, const char *text);

/* Sets the empty fields of `ret` from `more`. */
void names_fill(struct names *ret, const struct names *more);

/* Empties the fields about a pod. */
void names_drop_pod(struct names *names);

/* Writes all fields except the unit and the cgroup as one run of bytes, each ended by a NUL;
 * returns how many bytes, at most NAMES_TEXT_MAX. */
size_t names_write(const struct names *names, char ret_text[NAMES_TEXT_MAX]);

/* Reads the output of names_write(), or a forgery of it; returns the bytes taken, 0 if they do not
 * have that form. */
size_t names_read(const char *text, size_t size, struct names *ret);

#endif
