// SPDX-License-Identifier: BSD-2-Clause
#include "base/digest.h"

void digest_begin(struct digest *digest, struct memo *memo)
{
	digest->memo = memo;
	digest->is_long = false;
	digest->used = 0;
}

static void hash_what_is_there(struct digest *digest)
{
	if (!digest->is_long)
		SHA256Init(&digest->hash);
	digest->is_long = true;
	SHA256Update(&digest->hash, digest->bytes, digest->used);
	digest->used = 0;
}

void digest_add_more(struct digest *digest, const void *bytes, size_t size)
{
	hash_what_is_there(digest);
	SHA256Update(&digest->hash, bytes, size);
}

void digest_end(struct digest *digest, uint8_t ret[DIGEST_BYTES])
{
	const bool can_be_known = !digest->is_long;
	const size_t size = digest->used;
	const void *known = can_be_known ? memo_find(digest->memo, digest->bytes, size) : NULL;

	if (known) {
		memcpy(ret, known, DIGEST_BYTES);
		return;
	}
	hash_what_is_there(digest);
	SHA256Final(ret, &digest->hash);
	if (can_be_known)
		memo_keep(digest->memo, digest->bytes, size, ret);
}
