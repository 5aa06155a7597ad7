/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 of bytes that are put together piece by piece, and are often the same as before: then it
 * is taken from a memo.
 *
 * Ownership: a plain struct of the caller; the memo is the caller's, and has values of
 * DIGEST_BYTES.
 */
#ifndef KT_BASE_DIGEST_H
#define KT_BASE_DIGEST_H

#include <sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memo.h"

#define DIGEST_BYTES SHA256_DIGEST_LENGTH

struct digest {
	struct memo *memo;
	SHA2_CTX hash; /* only if `is_long` */
	bool is_long;  /* too long for a memo: what came before `bytes` is in the hash */
	size_t used;
	uint8_t bytes[MEMO_KEY_MOST];
};

/* `memo` can be NULL. */
void digest_begin(struct digest *digest, struct memo *memo);

/* For digest_add(): what has no room in `bytes`. */
void digest_add_more(struct digest *digest, const void *bytes, size_t size);

static inline void digest_add(struct digest *digest, const void *bytes, size_t size)
{
	if (size > sizeof(digest->bytes) - digest->used) {
		digest_add_more(digest, bytes, size);
		return;
	}
	memcpy(digest->bytes + digest->used, bytes, size);
	digest->used += size;
}

/* With its NUL, so that two texts are not the same as one longer text. */
static inline void digest_text(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text) + 1);
}

void digest_end(struct digest *digest, uint8_t ret[DIGEST_BYTES]);

#endif
