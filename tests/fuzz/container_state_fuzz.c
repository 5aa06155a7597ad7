// SPDX-License-Identifier: BSD-2-Clause
/* A container's state, as each of the runtimes writes it, against a path. */
#include "attribute/container_state.h"
#include "naming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	demand(!container_state_runc(text, size, "/"), "the root is nobody's");
	demand(!container_state_oci(text, size, ""), "nowhere is nobody's");
	(void)container_state_runc(text, size, "/shop/web");
	(void)container_state_crun(text, size, "/shop/web");
	(void)container_state_oci(text, size, "/shop/web");
	free(text);
	return 0;
}
