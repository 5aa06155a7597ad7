/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pager between standard output and a terminal, as other tools start one: $KILLTRACE_PAGER,
 * $SYSTEMD_PAGER, $PAGER, else less; none if that is empty or "cat".
 *
 * Ownership: pager_end() gives standard output its terminal back and waits for the user to leave.
 */
#ifndef KT_STDOUT_PAGER_H
#define KT_STDOUT_PAGER_H

#include <sys/types.h>

struct pager {
	pid_t pid;       /* -1: none was started */
	int terminal_fd; /* what standard output was; -1: none */
};

/* To be called before the process is confined and before signals are caught. Nothing happens where
 * standard output is no terminal, or the pager cannot be started. */
void pager_begin(struct pager *ret);
void pager_end(struct pager *pager);

#endif
