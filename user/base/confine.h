/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an agent that runs for months gives up once it has attached, and what it makes sure of.
 *
 * Everything is best effort: what a machine refuses is said in detail and gone on without.
 */
#ifndef KT_BASE_CONFINE_H
#define KT_BASE_CONFINE_H

/* The OOM killer leaves it alone, which reports that very OOM; and all its memory may be locked. */
void confine_protect(void);

/* Its pages stay in memory from here on. Before that, pages of programs and libraries that only the start
 * needed (relocation and symbol tables, the loading of BPF objects) are given back. */
void confine_keep_memory(void);

/* To be called before other threads are started: capabilities are a thread's own.
 * Keeps the capabilities to read maps and others' files and to lock memory; no program can be run, no
 * other process be looked into, nothing be mounted, whatever happens to this one. */
void confine_drop_privileges(void);

#endif
