/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks the servers in DEBUGINFOD_URLS for files that this node does not have. Only if a person has
 * set that variable, and only for frames without a line.
 *
 * The process "killtrace-fetch" does it, without root's rights, with a bound on time and size. With
 * root's, its files are in a file system of its own that ends with it; else they are in the user's
 * own cache, as those of other programs.
 */
#ifndef KT_SYMBOLS_DOWNLOAD_H
#define KT_SYMBOLS_DOWNLOAD_H

#include "symbols/search.h"

#define DOWNLOAD_PATIENCE_MS 10000

/* Whether there is something to ask for. */
bool download_is_wanted(const struct search *search);

/* Offers the files that came to the reader. Says what did not work. */
void download_files(struct search *search, const char *urls);

#endif
