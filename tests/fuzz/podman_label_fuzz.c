// SPDX-License-Identifier: BSD-2-Clause
/* Podman's database, and the configuration of a container in it. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/podman_label.h"
#include "base/cleanup.h"
#include "demand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[64 << 10];
	AUTO_FREE char *copy = malloc(size + 1);
	struct names names = { 0 };
	int error;

	memcpy(copy, data, size);
	error = podman_label_query(copy, size, "web", text, sizeof(text));
	demand(!error || error == -EBADMSG || error == -EFBIG || error == -ENOMEM,
	       "an error of these");
	demand(strnlen(text, sizeof(text)) < sizeof(text), "a string");
	(void)podman_label_read(text, strlen(text), &names);
	(void)podman_label_read((const char *)data, size, &names);
	demand(strnlen(names.unit, sizeof(names.unit)) < sizeof(names.unit), "a unit");
	return 0;
}
