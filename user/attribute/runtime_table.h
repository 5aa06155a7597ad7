/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is known of container runtimes and machine managers: the names of their cgroups, the
 * files about a container, and the names of their own services and programs.
 *
 * Invariants: data. A runtime is added by adding one entry to runtime_table.c (CONTRIBUTING.md),
 * and by a new kind of file (attribute/file_question.h) if its files have their own format. Lists
 * end with an entry of zeros. The owner of a process is only decided by the form of a cgroup's
 * path, or by a file that names exactly this cgroup.
 * cgroup, says whose a process was.
 */
#ifndef KT_ATTRIBUTE_RUNTIME_TABLE_H
#define KT_ATTRIBUTE_RUNTIME_TABLE_H

#include "attribute/file_question.h"
#include "attribute/span.h"

enum owner_kind {
	OWNER_CONTAINER,
	OWNER_MACHINE,
	OWNER_PODMAN_POD,
};

/* Forms are tried in this order, and within it in the order of the table: the first match wins. */
enum form_rank {
	FORM_MARKED, /* the component's own name has the runtime's mark */
	FORM_PLACED, /* its place has the mark */
	FORM_BARE,   /* neither has, but the id looks like one */
	FORM_MACHINE,
	FORM_RANKS
};

/* A whole component of a cgroup's path, with an id in it. */
struct runtime_form {
	/* NULL ends a list. */
	bool (*id)(struct span id);
	enum form_rank rank;
	enum owner_kind kind;
	/* Around the id, in the component itself. */
	const char *prefix;
	const char *suffix;
	/* If it is not the entry's own: a program that uses containers of another runtime. */
	const char *runtime;
	/* Name of the component above, or of any component above, or the beginning of such a name.
	 */
	const char *parent;
	const char *parent_starts;
	const char *ancestor;
	const char *ancestor_starts;
	/* The parent must be the first component: its name alone would be too common. */
	bool top;
	/* The prefix may have more before it, up to a dash: names of slices include their parents'
	 * names. */
	bool after_dash;
	/* The id begins with this. */
	const char *id_starts;
	/* A component with this name below holds the runtime's helper, not what it runs. */
	const char *helper;
};

enum file_layout {
	FILE_BY_ID,               /* FOLDER/ID/FILE */
	FILE_BY_NAMESPACE_AND_ID, /* FOLDER/NAMESPACE/ID/FILE */
	FILE_FOR_ALL,             /* FOLDER/FILE */
	FILE_MOVED,               /* the folder is a settings file that says which folder it is */
};

/* Where a runtime writes files about its containers. */
struct runtime_file {
	const char *folder;
	const char *file;
	enum file_kind kind;
	enum file_layout layout;
	/* By namespace: the kind in all namespaces except the kubelet's. */
	enum file_kind kind_elsewhere;
};

/* A database of all containers, by id. */
struct runtime_database {
	const char *path;
	enum file_kind kind;
	/* Only for containers in this folder (runtime_file.folder); NULL: for all. */
	const char *folder;
};

struct runtime {
	const char *name; /* as it is reported; NULL: not known from the form, or it runs none */
	const struct runtime_form *forms;
	/* Files with a container's names: places are tried in the order of the table. */
	const struct runtime_file *names;
	/* Files with its cgroup, if they are not those with its names. */
	const struct runtime_file *bundles;
	/* Files that claim a cgroup whose path does not say so. */
	const struct runtime_file *claims;
	const struct runtime_database *images; /* for the name of an image */
	const struct runtime_database *labels; /* for a unit of Podman's */
	/* Folders in which an entry appears when a container begins. */
	const char *const *watched;
	/* Its services, "NAME.service" or "NAME-*.service", which may keep containers below their
	 * own cgroups. */
	const char *const *units;
	/* Its programs that end containers by order, by the name of a thread or a file: this proves
	 * nothing. */
	const char *const *programs;
	/* Another runtime that keeps its files in the same folders. */
	const char *same_files_as;
	bool has_namespaces_in_paths; /* /NAMESPACE/ID */
	bool has_pods_in_files;       /* which only the runtime can have written there */
	bool has_pods_only;           /* whatever its paths say: it runs nothing else */
	bool renames;                 /* a container can get another name while it runs */
	bool lives_elsewhere;         /* its containers are not where their configuration says */
};

/* All entries; NULL is before the first, and after the last. */
const struct runtime *runtime_next(const struct runtime *before);

/* The entry with that name; if there is none, an empty one. */
const struct runtime *runtime_named(const char *name);

#endif
