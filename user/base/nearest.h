/* SPDX-License-Identifier: BSD-2-Clause */
/* "Did you mean": the candidate that is the fewest edits away from what was typed, else the only one
 * that begins alike. */
#ifndef KT_BASE_NEAREST_H
#define KT_BASE_NEAREST_H

#include <stddef.h>

/* NULL if no candidate is near enough. The result is one of the candidates. */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);

#endif
