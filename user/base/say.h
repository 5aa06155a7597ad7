/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages go to stderr, one line at a time, and begin with "killtrace: ". A function either prints
 * an error or returns it, never both: these functions are for the code that decides what happens
 * next. Nothing else writes to a terminal, except the lines of stdout/sheet.h and the explanations
 * of why/as_text.h.
 */
#ifndef KT_BASE_SAY_H
#define KT_BASE_SAY_H

#include <stdbool.h>

/* A plain line. Control bytes in the arguments are replaced. errno is preserved. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As say(), with arguments that are safe for a terminal already: a backslash is not escaped again.
 */
void say_escaped(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As say(), but only after say_set_verbose(true). */
void say_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Requested output (help, doctor): the same on standard output, without the prefix. */
void say_data(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say_set_verbose(bool verbose);

/* Messages go here instead, for as long as another program draws on the terminal. The line is safe
 * for one, and has no end of line; it can come from any thread. NULL: to stderr again. */
void say_set_receiver(void (*receive)(void *context, const char *line), void *context);

#endif
