/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a stored record to functions and lines of source: of the fault, and of each frame of the
 * stack.
 *
 * A file counts only if it has the build ID that the record has, and a symbol only if it covers the
 * address. What is not known has a state that says why.
 *
 * A program can have no build ID, as many of Go. Then the file counts that has the name, has no
 * build ID either, is where the process was (its cgroup, or the host's files), and
 * has not been changed since before the process began: ctime, which nobody can set. Or the user has
 * named the file. What it says is an inference, and marked as one (`by_name`).
 *
 * Generated code has no file. A map that its compiler has written for perf names it, if it belongs
 * to the victim's user and was written while the process lived, or the user has named it. What it
 * says is an inference, too.
 *
 * Files are looked up in a child process with a deadline (symbols/finder.h), and read in a
 * grandchild without privileges (symbols/reader_child.h): an ELF file can come from anybody. Not
 * for an agent: only for a command that a person has started.
 */
#ifndef KT_SYMBOLS_SYMBOLS_H
#define KT_SYMBOLS_SYMBOLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOLS_FRAMES 64
/* Functions that were inlined into each other, in one frame. */
#define SYMBOLS_PLACES 16
#define SYMBOLS_BUILD_ID 20
#define SYMBOLS_PATIENCE_MS 900

enum symbols_state {
	SYMBOLS_ABSENT,    /* the record has no such frame */
	SYMBOLS_GAP,       /* frames without a build ID */
	SYMBOLS_GENERATED, /* one in generated code, which no perf map names */
	SYMBOLS_LATE,      /* the time was over */
	SYMBOLS_NO_FILE,   /* no file with its build ID was found */
	SYMBOLS_CHANGED,   /* no such file was found, but one with its name and another build ID */
	SYMBOLS_NO_NAME,   /* the file was found, but no symbol covers the address */
	SYMBOLS_NAMED,
};

/* All text is valid UTF-8, and was chosen by whoever built the file: escape it for each output. */
struct symbols_place {
	char function[256]; /* demangled; empty: unknown, but the line is known */
	char file[128];     /* base name of the source file; empty: unknown */
	uint32_t line;      /* 0: unknown */
	bool has_offset;    /* the offset in the function is known */
	uint64_t offset;
};

struct symbols_frame {
	enum symbols_state state;
	unsigned int gap;  /* SYMBOLS_GAP: how many frames */
	bool by_name;      /* inferred: see above */
	bool is_given;     /* by the user, in `extra`: its age does not matter */
	bool is_generated; /* in executable memory without a file; `address` is the process's own */
	uint8_t build_id[SYMBOLS_BUILD_ID]; /* zeros after a shorter one */
	uint64_t offset;                    /* in the file, as in the record */
	char module[256];                   /* base name of the file; empty: unknown */
	char path[1024]; /* of the file, or of the changed one, from here; empty: none */
	bool has_address;
	uint64_t address; /* in the file's own address space, for eu-addr2line */
	size_t count;
	struct symbols_place places[SYMBOLS_PLACES]; /* the innermost first; the rest inlined it */
};

struct symbols {
	struct symbols_frame fault; /* where the fault was, if the record has it */
	size_t count;
	struct symbols_frame frames[SYMBOLS_FRAMES]; /* the user stack */
};

struct symbols_options {
	const char *root;         /* of the host's files; NULL: "/" */
	const char *proc;         /* NULL: "/proc" */
	const char *const *extra; /* files and folders to look at first; ends with NULL. Or NULL */
	unsigned int patience_ms; /* 0: SYMBOLS_PATIENCE_MS */
};

struct symbols_finder;

/* Starts the child, which waits. Before the command is confined, and before it reads a record: what
 * a confined process asks for is only a record's names, offsets and build IDs. `options` must
 * outlive it. 0 or -errno. */
int symbols_finder_start(const struct symbols_options *options, struct symbols_finder **ret);
void symbols_finder_stop(struct symbols_finder *finder);

/*
 * `record` is a death as record_read() gives it; it is not changed. Can be called once. The result
 * is freed with free(). 0, also if nothing was found; or -errno: nothing could be looked up, and
 * -ENOPKG means that this machine does not have libdw. A signal that is handled ends it early.
 */
int symbols_of_record(struct symbols_finder *finder, const json_t *record, struct symbols **ret);

/* The build ID in hex, without the zeros that fill it up; for "debuginfod-find". Returns ret. */
#define SYMBOLS_ID_TEXT (2 * SYMBOLS_BUILD_ID + 1)
const char *symbols_id_text(const uint8_t build_id[SYMBOLS_BUILD_ID], char ret[SYMBOLS_ID_TEXT]);

#endif
