/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Privileges that a command gives up after its setup, before it parses data from outside, and
 * settings of an agent that runs for months.
 *
 * Everything is best effort: if a machine refuses one of them, that is printed as a detail and
 * ignored.
 */
#ifndef KT_BASE_CONFINE_H
#define KT_BASE_CONFINE_H

#include <stdbool.h>

/* Protects the agent from the OOM killer, because it reports the OOM; and lets it lock all its
 * memory. */
void confine_protect(void);

/* Lifts the limit on descriptors as far as the machine allows. It also limits the descriptors that
 * all processes of a user have sent and that were not received yet, and a container's root may be
 * the same user. */
void confine_allow_descriptors(void);

/* Locks its pages in memory. Before that it releases pages of programs and libraries that only
 * the start needed (relocation and symbol tables, the loading of BPF objects). */
void confine_keep_memory(void);

/* More than there are outputs; the last one is NULL. */
#define CONFINEMENT_FOLDERS 12

struct confinement {
	bool traces;                              /* reads the kernel's maps */
	bool locks;                               /* keeps its memory */
	bool network;                             /* talks to a collector */
	bool draws;                               /* on a terminal, full screen */
	const char *folders[CONFINEMENT_FOLDERS]; /* the only ones in which it changes files */
};

/* To be called before other threads are started: capabilities belong to a thread. Keeps the
 * capabilities to read maps and others' files and to lock memory. Afterwards an attacker in this
 * process cannot run a program, look into another process or mount anything. */
void confine(const struct confinement *confinement);

#endif
