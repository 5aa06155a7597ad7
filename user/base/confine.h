/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an agent that runs for months gives up once it has attached, and what it makes sure of.
 *
 * To be called before other threads are started: capabilities are a thread's own. Everything is best
 * effort: what a machine refuses is said in detail and gone on without.
 */
#ifndef KT_BASE_CONFINE_H
#define KT_BASE_CONFINE_H

/* Its pages stay in memory and the OOM killer leaves it alone: it reports that very OOM. */
void confine_protect_memory(void);

/* Keeps the capabilities to read maps and others' files and to lock memory; no program can be run, no
 * other process be looked into, nothing be mounted, whatever happens to this one. */
void confine_drop_privileges(void);

#endif
