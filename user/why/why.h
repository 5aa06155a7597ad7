/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explains one death from its stored record: what killed it, what proves that, what went before and
 * what to do next.
 *
 * Invariants: every sentence comes from the record, or from what was read beside it (the history,
 * settings of now); a conclusion beyond that is marked "(inferred)". A fact that is absent takes its
 * sentence with it.
 */
#ifndef KT_WHY_WHY_H
#define KT_WHY_WHY_H

#include <jansson.h>
#include <stdint.h>

#include "explain/cause.h"
#include "symbols/symbols.h"
#include "why/explanation.h"

struct settings;
struct why_past;

/* What is known about a death. Everything in it must outlive the call. */
struct why {
	const json_t *record; /* as record_read() makes it; a death */
	enum cause cause;
	int64_t time_ns;                 /* of the death */
	const char *history;             /* the path of the one that it came from; NULL: none */
	const struct why_past *past;     /* NULL: no history was read */
	const struct settings *settings; /* NULL: none were read */
	const struct symbols *symbols;   /* functions and lines; NULL: they were not looked up */
	int64_t now_ns; /* for times of today; 0: each time with its day and zone */
};

/* Prepares `ret` for a record. False: it is not a death that this version knows. */
bool why_of_record(const json_t *record, int64_t now_ns, struct why *ret);

/* To be freed with explanation_done(). */
void why_explain(const struct why *why, struct explanation *ret);

/* A time of this death's story, for prose. */
const char *why_clock(const struct why *why, int64_t time_ns, char ret[PROSE_SHORT_SIZE]);
#define CLOCK(why, time_ns) why_clock(why, time_ns, (char[PROSE_SHORT_SIZE]){ 0 })

#endif
