// SPDX-License-Identifier: BSD-2-Clause
/* An OCI bundle's config.json. */
#include "attribute/oci_config.h"
#include "naming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)read_names(data, size, oci_config_read_containerd);
	(void)read_names(data, size, oci_config_read_nerdctl);
	return read_names(data, size, oci_config_read_crio);
}
