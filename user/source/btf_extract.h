/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A few types out of a large BTF: those of given names, and what these consist of. What a pointer
 * points to is left out (it points to void then), unless it is a function: CO-RE relocations do not
 * ask for it, and all types of a kernel hang together by pointers.
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
	void *data; /* a whole BTF; to be freed, as is the next */
	size_t size;
	uint32_t *numbers; /* of each type in the BTF that it comes from; [0] is void */
	uint32_t count;    /* of types, void included */
};

/*
 * `names` ends with NULL. As in CO-RE relocations, what follows "___" in a name of the kernel's
 * does not count. `module` is the BTF of a module that builds on `base`, or NULL: a name that
 * `base` does not have is looked for there; numbers of its types are 0 then. -EINVAL: it is no BTF,
 * none that is understood here, or it has none of the names.
 */
int btf_extract(const struct btf_bytes *base, const struct btf_bytes *module,
		const char *const *names, struct btf_extract *ret);

void btf_extract_done(struct btf_extract *extract);

#endif
