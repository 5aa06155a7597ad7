/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation for programs: the record with one member more, "why". */
#ifndef KT_WHY_AS_JSON_H
#define KT_WHY_AS_JSON_H

#include <jansson.h>

#include "why/explanation.h"

/* A new reference; NULL when out of memory. The record stays as it is. */
json_t *as_json(const struct explanation *explanation, const json_t *record);

#endif
