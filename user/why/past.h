/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the history says about a death: how often the same one happened, and what died beside it.
 *
 * Ownership: past_done() frees what past_read() found.
 */
#ifndef KT_WHY_PAST_H
#define KT_WHY_PAST_H

#include "history/history_find.h"
#include "why/why.h"

#define PAST_AGES 8

struct why_past {
	int64_t begins_ns;         /* of the whole history; 0: it is not known */
	struct history_count same; /* this death and those before it with its fingerprint */
	int64_t before_ns;         /* the last one of those before; 0: there is none */
	double ages[PAST_AGES];    /* at death, of the newest of them, this one first; seconds */
	unsigned int age_count;
	unsigned int kin; /* of `same`, that died of the same decision as this one */
	char other[256];  /* unit of one of them that is not this one's; empty: none is known */
	json_t *around;   /* records of deaths within two seconds, this one left out; NULL: none */
};

/* 0, -EINTR or HISTORY_FAILED. Without a fingerprint it is not known how often it happened. */
int past_read(struct history_reader *reader, const struct why *why, struct why_past *ret);
void past_done(struct why_past *past);

/* Killed by the same decision, or one by the death of the other. */
bool past_is_kin(const json_t *one, const json_t *other);

/* " It is the 7th time since Friday, about every 60 min." */
void past_put_often(const struct why *why, struct prose *answer);
/* Into SECTION_BEFORE and SECTION_ALSO. */
void past_add(const struct why *why, struct explanation *ret);

#endif
