/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sentences that grow piece by piece. Names in them were chosen by an attacker: each is made safe
 * for a terminal and stands between two marks, which no name can contain, since control bytes are
 * escaped. A renderer removes the marks, or sets the name apart.
 *
 * Ownership: a prose that is not all zero is given to explanation_add(), or freed by prose_done().
 */
#ifndef KT_WHY_PROSE_H
#define KT_WHY_PROSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROSE_NAME_BEGINS '\x02'
#define PROSE_NAME_ENDS '\x03'

struct prose {
	char *text; /* NULL while there is nothing */
	size_t size;
	bool failed;  /* out of memory */
	bool refused; /* a command with an argument that a shell could misread */
};

/* Our own words, and the results of the functions below. */
void prose_put(struct prose *prose, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "" while there is nothing. */
const char *prose_text(const struct prose *prose);
void prose_done(struct prose *prose);

/* A name of any bytes, made safe and marked; "?" if there is none. Longer names are cut. */
#define PROSE_NAME_SIZE 224
const char *prose_name(const char *name, char ret[PROSE_NAME_SIZE]);
#define NAME(name) prose_name(name, (char[PROSE_NAME_SIZE]){ 0 })

/* "512 MiB", "507.3 MiB" */
#define PROSE_SHORT_SIZE 48
const char *prose_bytes(int64_t bytes, char ret[PROSE_SHORT_SIZE]);
#define BYTES(bytes) prose_bytes(bytes, (char[PROSE_SHORT_SIZE]){ 0 })

/* "0.3 s", "90 s", "12 min", "2 h 20 min", "3 d 4 h" */
const char *prose_duration(double seconds, char ret[PROSE_SHORT_SIZE]);
#define DURATION(seconds) prose_duration(seconds, (char[PROSE_SHORT_SIZE]){ 0 })

/* "once", "twice", "7 times" */
const char *prose_times(uint64_t count, char ret[PROSE_SHORT_SIZE]);
#define TIMES(count) prose_times(count, (char[PROSE_SHORT_SIZE]){ 0 })

/* "1st", "2nd", "11th" */
const char *prose_ordinal(uint64_t count, char ret[PROSE_SHORT_SIZE]);
#define ORDINAL(count) prose_ordinal(count, (char[PROSE_SHORT_SIZE]){ 0 })

/* Local time: "03:11:52" of today (the day of `now_ns`), else "Fri 2026-11-27 03:11:52"; with its
 * zone if `now_ns` is 0, for readers elsewhere. */
const char *prose_clock(int64_t time_ns, int64_t now_ns, char ret[PROSE_SHORT_SIZE]);

#endif
