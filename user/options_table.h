/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options in one table: their names, the help for each, and where popt puts what it reads.
 *
 * Ownership: popt needs writable memory at fixed addresses, so there is one set of words. popt
 * allocates them, option_words_done() frees them. A new option needs only a row in the table to be
 * read, listed, suggested and freed; options_check.h decides what it means.
 */
#ifndef KT_OPTIONS_TABLE_H
#define KT_OPTIONS_TABLE_H

#include <popt.h>

#include "options.h"

enum { FOLD_YES = 1, FOLD_NO };

/* As typed. NULL or 0: not given. */
struct option_words {
	char *output, *color, *btf, *pin, *ring, *node, *host_root, *symbols, *textfile, *json,
		*json_size, *runtime_window, *count, *duration;
	char *replay, *history, *history_days, *history_size, *since, *until, *limit, *grep,
		*group_by;
	char *socket;
	char *within;
	char *otlp, *otlp_ca, *otlp_queue, *otlp_queue_size, *listen, *kubernetes_account;
	char **otlp_header;
	char **without;
	char **cause, **unit, **pod, **container, **comm, **cgroup, **pid, **fingerprint;
	const char *operands[2]; /* not options: a command takes one, a second is a mistake */
	int reverse, follow, no_pager;
	int unpin, own, journal, otlp_gzip, kubernetes_events, all, no_addresses,
		no_fault_tracepoints, no_symbols, fold, wide, no_legend, stack, verbose, help,
		version, list;
};

/* More than there are options, and groups of them. */
#define OPTION_TABLE_MOST 64

/* The words that popt fills. */
struct option_words *option_words(void);
void option_words_done(void);

/* popt's table of the groups that a command takes, which refers to option_words(). */
void option_table_make(unsigned int taken, struct poptOption ret[OPTION_TABLE_MOST]);

/* The option after `before` (NULL: the first) in the groups that are taken; NULL after the last
 * one. */
const struct poptOption *option_table_next(unsigned int taken, const struct poptOption *before);

/* Prints the help of a command on stdout. */
void option_table_print_help(const struct command *command);

#endif
