// SPDX-License-Identifier: BSD-2-Clause
/* containerd's database. */
#include <errno.h>
#include <stdint.h>

#include "attribute/bolt_file.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const way[] = { "v1", "default", "containers", "web", "image", NULL };
	static int fd = -1;
	char value[512] = "untouched";
	int error;

	if (fd < 0)
		fd = memfd_create("bolt", MFD_CLOEXEC);
	demand(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size, "a file");
	error = bolt_file_get(fd, way, value, sizeof(value));
	demand(error <= 0 && error != -EAGAIN, "nobody else writes to it");
	demand(!error || !strcmp(value, "untouched"), "untouched when it fails");
	demand(strnlen(value, sizeof(value)) < sizeof(value), "a string");
	return 0;
}
