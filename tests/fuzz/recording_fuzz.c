// SPDX-License-Identifier: BSD-2-Clause
/* A whole file as `killtrace replay` reads it. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/recording_read.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int tell(void *context, const struct frame *frame)
{
	(void)tell_frame(context, frame);
	return 0;
}

static int tell_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	size_t size = 0;
	char *line = json_record_of_losses(context, losses, realtime_ns, &size);

	demand_good_line(line, size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct origin origin;
	static const volatile int never;
	struct frame_receiver receiver = { .frame = tell,
					   .losses = tell_losses,
					   .context = &origin };
	int fd = memfd_create("recording", MFD_CLOEXEC), result;
	uint64_t offset = 0;
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(&origin, 0, sizeof(origin));
	result = recording_read(path, &receiver, &never, &origin, &offset);
	demand(result <= 0 && result >= -RECORDING_IO, "a result");
	demand(offset <= size, "an offset within the file");
	(void)close(fd);
	return 0;
}
