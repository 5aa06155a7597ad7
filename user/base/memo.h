/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was computed lately, by the exact bytes that it was computed from. In a storm most deaths
 * differ in a process id and a time only.
 *
 * Ownership: the caller frees it. Invariants: bounded, whatever keys come: a new key takes the
 * place of an older one. Keys are compared as a whole, so nobody can make two of them look alike;
 * who makes their hashes collide only makes others compute again.
 */
#ifndef KT_BASE_MEMO_H
#define KT_BASE_MEMO_H

#include <stddef.h>

/* Longer keys are not kept. */
#define MEMO_KEY_MOST 1024

struct memo;

/* For values of `value_size` bytes. NULL when out of memory. */
struct memo *memo_new(size_t value_size);

void memo_free(struct memo *memo);

/* The value, until the next memo_keep(); NULL: not known. Nothing is known to a memo that is NULL.
 */
const void *memo_find(const struct memo *memo, const void *key, size_t size);

/* Copies both. Without memory for it, or if `memo` is NULL, it is not kept. */
void memo_keep(struct memo *memo, const void *key, size_t size, const void *value);

#endif
