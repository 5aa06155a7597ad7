/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talk goes to stderr, one line at a time, each beginning "killtrace: ". A function either says an
 * error or returns it, never both: these are for the code that decides what happens next.
 */
#ifndef KT_BASE_SAY_H
#define KT_BASE_SAY_H

#include <stdbool.h>

/* A plain line. Control bytes in what the arguments bring are replaced. errno is preserved. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As say(), but only after say_set_verbose(true). */
void say_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say_set_verbose(bool verbose);

#endif
