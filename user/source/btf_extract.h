/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extracts a few types from a large BTF: those of given names, and the types of which these
 * consist. Pointers become pointers to void, except pointers to functions: CO-RE relocations do not
 * need what a pointer points to, and pointers connect all types of a kernel.
 */
#ifndef KT_SOURCE_BTF_EXTRACT_H
#define KT_SOURCE_BTF_EXTRACT_H

#include <stddef.h>
#include <stdint.h>

struct btf_bytes {
	const void *data;
	size_t size;
};

struct btf_extract {
	void *data; /* a whole BTF; to be freed, like the next */
	size_t size;
	uint32_t *numbers; /* of each type in the BTF that it comes from; [0] is void */
	uint32_t count;    /* of types, void included */
};

/*
 * `names` ends with NULL. As in CO-RE relocations, "___" and what follows is ignored in names of
 * the kernel. `module` is the BTF of a module that builds on `base`, or NULL: a name that `base`
 * does not have is looked for there, and its types then have the number 0. -EINVAL: it is no BTF,
 * it is not understood here, or it has none of the names.
 */
int btf_extract(const struct btf_bytes *base, const struct btf_bytes *module,
		const char *const *names, struct btf_extract *ret);

void btf_extract_done(struct btf_extract *extract);

#endif
