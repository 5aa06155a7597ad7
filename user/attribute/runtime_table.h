/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is known of container runtimes and machine managers: what they call their cgroups, where
 * they keep what they know of a container, and what they themselves are called.
 *
 * Invariants: data. A runtime is added by adding one entry to runtime_table.c (CONTRIBUTING.md),
 * and by a new kind of file (attribute/file_question.h) if it writes files of a form of its own.
 * Lists end with an entry of zeros. Only the form in a cgroup's path, or a file that names the very
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

/* Forms are tried in this order, and within it in the order of the table: the first that fits wins.
 */
enum form_rank {
	FORM_MARKED, /* the component's own name has the runtime's mark */
	FORM_PLACED, /* where it stands has */
	FORM_BARE,   /* nothing has, but the id looks like one */
	FORM_MACHINE,
	FORM_RANKS
};

/* A whole component of a cgroup's path, in which an id stands. */
struct runtime_form {
	/* Ends a list where it is NULL. */
	bool (*id)(struct span id);
	enum form_rank rank;
	enum owner_kind kind;
	/* Around the id, in the component itself. */
	const char *prefix;
	const char *suffix;
	/* If it is another one's than the entry's: what uses containers of another runtime. */
	const char *runtime;
	/* Name of the component above, or of any component above; the beginning of one of those. */
	const char *parent;
	const char *parent_starts;
	const char *ancestor;
	const char *ancestor_starts;
	/* The parent must be the first of the path: its name alone would be too common. */
	bool top;
	/* The prefix may have more before it, up to a dash: slices carry their parents' names. */
	bool after_dash;
	/* The id begins with this. */
	const char *id_starts;
	/* A component below of this name holds the runtime's helper, not what it runs. */
	const char *helper;
};

enum file_layout {
	FILE_BY_ID,               /* FOLDER/ID/FILE */
	FILE_BY_NAMESPACE_AND_ID, /* FOLDER/NAMESPACE/ID/FILE */
	FILE_FOR_ALL,             /* FOLDER/FILE */
	FILE_MOVED,               /* the folder is the file of settings that says which one it is */
};

/* Where files are that a runtime writes about its containers. */
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
	/* Of the containers in this folder alone (runtime_file.folder); NULL: of all. */
	const char *folder;
};

struct runtime {
	const char *name; /* as it is reported; NULL: several have this form, or it runs none */
	const struct runtime_form *forms;
	/* Where a container's names are: places are tried in the order of the table. */
	const struct runtime_file *names;
	/* Where its cgroup is, if that is not where its names are. */
	const struct runtime_file *bundles;
	/* Files by which it claims a cgroup whose path does not say so. */
	const struct runtime_file *claims;
	const struct runtime_database *images; /* by which an image's name is known */
	const struct runtime_database *labels; /* by which a unit of Podman's is known */
	/* Folders in which an entry appears when a container begins. */
	const char *const *watched;
	/* Its services, "NAME.service" or "NAME-*.service", which may keep containers below their
	 * own cgroups. */
	const char *const *units;
	/* Its programs that end containers by order, as a thread or a file is called: no proof of
	 * anything. */
	const char *const *programs;
	/* Another runtime that keeps its files in the same folders. */
	const char *same_files_as;
	bool has_namespaces_in_paths; /* /NAMESPACE/ID */
	bool has_pods_in_files;       /* which nobody else can have written there */
	bool has_pods_only;           /* whatever its paths say: it runs nothing else */
	bool renames;                 /* a container can get another name while it runs */
	bool lives_elsewhere;         /* its containers are not where their configuration says */
};

/* All entries; NULL begins, and ends. */
const struct runtime *runtime_next(const struct runtime *before);

/* The entry of that name; if there is none, one that knows nothing. */
const struct runtime *runtime_named(const char *name);

#endif
