// SPDX-License-Identifier: BSD-2-Clause
/* Docker's config.v2.json. */
#include "attribute/docker_config.h"
#include "naming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return read_names(data, size, docker_config_read);
}
