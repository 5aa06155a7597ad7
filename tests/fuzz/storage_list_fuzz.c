// SPDX-License-Identifier: BSD-2-Clause
/* containers/storage's containers.json. */
#include "attribute/storage_list.h"
#include "naming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return read_names(data, size, storage_list_read);
}
