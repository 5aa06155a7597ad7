/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts in a stored record, by their place in it ("oom.limit_bytes"). A fact that is absent stays
 * absent: nothing is made up for it.
 *
 * Ownership: texts belong to the record.
 */
#ifndef KT_WHY_FACT_H
#define KT_WHY_FACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL: there is none. A borrowed reference. */
const json_t *fact(const json_t *record, const char *place);

/* "": there is none. */
const char *fact_text(const json_t *record, const char *place);
bool fact_is(const json_t *record, const char *place, const char *text);
bool fact_has_text(const json_t *record, const char *place);

/* 0: there is none, or it is zero. */
int64_t fact_number(const json_t *record, const char *place);
/* False: there is none. */
bool fact_find_number(const json_t *record, const char *place, int64_t *ret);
double fact_real(const json_t *record, const char *place);

bool fact_is_true(const json_t *record, const char *place);

/* An address; false: there is none. */
bool fact_find_hex(const json_t *record, const char *place, uint64_t *ret);

#endif
