/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is pinned in a BPF file system, so that the kernel goes on recording while there is no
 * reader.
 *
 *     DIR/told                     deaths that were reported: all builds' programs share it
 *     DIR/v1-FINGERPRINT[-N]/      a generation: the programs of one build with one set of options
 *         map_… prog_… link_… ledger
 *
 * A generation is whole if link_sched_process_exit is there, which is pinned last and detached
 * first. A generation without links has stopped recording, and its ring buffer waits to be read.
 *
 * Ownership: the process that holds the lock of DIR reads and changes it. The lock ends with the
 * process. Functions give 0 or -errno.
 */
#ifndef KT_SOURCE_PINS_H
#define KT_SOURCE_PINS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PINS_DEFAULT "/sys/fs/bpf/killtrace"
#define PINS_PATH_SIZE 512
#define PINS_NAME_SIZE 64
#define PINS_MOST 16 /* generations in one folder */
#define PINS_LAST_LINK "sched_process_exit"

struct pins {
	char path[PINS_PATH_SIZE];
	int fd; /* of the folder, with the lock; -1: not open */
};

struct pins_generation {
	char name[PINS_NAME_SIZE];
	bool whole;
};

/* Opens and locks the folder; makes it if `make`. -EBUSY: another process reads, and *ret_pid is
 * its pid (0: unknown). -EMEDIUMTYPE: the folder is not in a BPF file system. -ENOENT: nothing is
 * pinned. -EPERM: other users may change what is in it. */
int pins_open(const char *path, bool make, struct pins *ret, pid_t *ret_pid);
/* Releases the lock, and removes an empty folder. */
void pins_close(struct pins *pins);

/* The meaning of an errno of pins_open(), for people. */
const char *pins_error_text(int error);

/* What is pinned at the path, for people. It takes no lock, so that no reader is refused.
 * *ret_reader is the pid of the reader (0: none is seen). -ENOENT: nothing records there.
 * -EMEDIUMTYPE: neither the path nor its parent is in a BPF file system. -EPERM: as above. */
int pins_look(const char *path, pid_t *ret_reader);

/* The generations that are there, in any order; *ret_count at most PINS_MOST. */
int pins_list(const struct pins *pins, struct pins_generation ret[PINS_MOST], int *ret_count);

/* The whole generation with this fingerprint. False: there is none. */
bool pins_find(const struct pins *pins, uint64_t fingerprint, char ret_name[PINS_NAME_SIZE]);

/* Makes the folder of a new generation. */
int pins_add(const struct pins *pins, uint64_t fingerprint, char ret_name[PINS_NAME_SIZE]);

/* "DIR/NAME/WHAT_OF" */
void pins_path(const struct pins *pins, const char *generation, const char *what, const char *of,
	       char ret_path[PINS_PATH_SIZE]);

/* Opens what is pinned: a descriptor or -errno. */
int pins_get(const struct pins *pins, const char *generation, const char *what, const char *of);

/* Where programs are pinned. */
struct pinned_at {
	const struct pins *pins; /* NULL: nowhere */
	const char *generation;
};

/* Pins a link as link_NAME, where links are pinned. 0, or -errno: then it is destroyed. */
int pins_link(const struct pinned_at *at, const char *name, struct bpf_link *link);

/* Removes the links: the programs are detached, unless a process has them open. */
int pins_detach(const struct pins *pins, const char *generation);

/* Removes a generation and its folder. */
int pins_remove(const struct pins *pins, const char *generation);

/* Removes all generations, and what they share. */
int pins_remove_all(struct pins *pins);

#endif
