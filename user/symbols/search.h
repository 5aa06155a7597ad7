/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for the files of a record's build IDs on this node, the likeliest places first: what the
 * user named, the processes of the same container or unit, processes with the same name, the host's
 * folders of programs and libraries, all other processes.
 *
 * Paths that a process has mapped are opened below its own root (attribute/open_in_root.h). A file
 * is plain, or it is not opened.
 */
#ifndef KT_SYMBOLS_SEARCH_H
#define KT_SYMBOLS_SEARCH_H

#include <sys/types.h>

#include "symbols/reader.h"
#include "symbols/wanted.h"

#define SEARCH_SEEN 8192

struct search_seen {
	dev_t device;
	ino_t inode;
};

struct search {
	struct reader *reader;
	const struct wanted *wanted;
	const struct symbols_options *options;
	struct symbols *symbols;
	uint64_t end_ns; /* by clock_boottime_ns(): what was found by then must still be read */
	bool is_near;    /* what is offered now is where the process was */
	bool is_given;   /* by the user */
	bool has_map;    /* of the generated code */
	size_t seen_count;
	struct search_seen seen[SEARCH_SEEN]; /* files that were offered */
};

/* Sets path and module of the frames whose file is found, and the state of those without one. */
void search_files(struct search *search);

/* The parts of the search. */
void search_extra(struct search *search);
void search_debug_files(struct search *search);
void search_processes(struct search *search);
void search_folders(struct search *search);

/* Whether a file is still missing, and there is time. */
bool search_goes_on(const struct search *search);

/* The same for the map of generated code. */
bool search_wants_map(const struct search *search);

/* Whether the base name is that of a missing file, or the victim's. */
bool search_is_name(const struct search *search, const char *name);

/* Whether a file is missing of which not even the name is known. */
bool search_any_name(const struct search *search);

/* A file that may be wanted. */
struct search_place {
	int fd;            /* of O_PATH; stays the caller's */
	const char *name;  /* base name */
	const char *shown; /* a path by which this process can open it */
};

/* Offers the file, if it is plain and was not offered before. */
void search_offer(struct search *search, const struct search_place *place);

/* Takes over a file that came from elsewhere. */
void search_take(struct search *search, int fd);

/* The same for a path below a root. */
void search_below(struct search *search, int root_fd, const char *path, const char *shown);

/* The file that was looked at, whatever has its name by now: a descriptor or -1. */
int search_open_place(const struct search_place *place);

/* Whether the base name is that of the generated code's map. */
bool search_is_map(const struct search *search, const char *name);
void search_offer_map(struct search *search, const struct search_place *place);
/* The map below a root, if it is still missing. */
void search_map_below(struct search *search, int root_fd);

/* The last component. */
const char *search_base_name(const char *path);

#endif
