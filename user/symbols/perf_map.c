// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/perf_map.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"

#define CHUNK (16 * PERF_MAP_LINE)

/* Some compilers write "0x" before a number. NULL: there is no number with a blank after it. */
static const char *read_hex(const char *text, uint64_t *ret)
{
	if (!strncmp(text, "0x", 2))
		text += 2;
	text = number_read(text, 16, ret);
	return text && *text == ' ' ? text + 1 : NULL;
}

static void take_line(const char *line, struct perf_map_place *places, size_t count)
{
	uint64_t start, size;

	line = read_hex(line, &start);
	line = line ? read_hex(line, &size) : NULL;
	if (!line || !*line)
		return;
	for (size_t i = 0; i < count; i++) {
		struct perf_map_place *place = &places[i];

		if (place->address < start || place->address - start >= size)
			continue;
		place->is_found = true;
		place->start = start;
		(void)strncpy(place->name, line, sizeof(place->name) - 1);
	}
}

size_t perf_map_read(char *bytes, size_t size, struct perf_map_place *places, size_t count)
{
	size_t taken = 0;
	char *end;

	while ((end = memchr(bytes + taken, '\n', size - taken))) {
		*end = '\0';
		take_line(bytes + taken, places, count);
		taken = (size_t)(end - bytes) + 1;
	}
	return taken;
}

/* Where the reading begins, which is within a line unless it is 0. */
static off_t begin_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) || st.st_size <= (off_t)PERF_MAP_MOST_BYTES
		       ? 0
		       : st.st_size - (off_t)PERF_MAP_MOST_BYTES;
}

bool perf_map_read_file(int fd, struct perf_map_place *places, size_t count)
{
	static char bytes[CHUNK];
	off_t at = begin_of(fd);
	const off_t end = at + (off_t)PERF_MAP_MOST_BYTES;
	bool is_within = at > 0; /* a line whose begin is not there */
	size_t kept = 0;
	ssize_t size = 1;

	while (at < end && (size = pread(fd, bytes + kept, sizeof(bytes) - kept, at)) > 0) {
		const size_t there = kept + (size_t)size;
		char *first = is_within ? memchr(bytes, '\n', there) : bytes;
		size_t taken = there;

		at += size;
		if (first) {
			const size_t skipped = (size_t)(first - bytes) + is_within;

			taken = skipped +
				perf_map_read(bytes + skipped, there - skipped, places, count);
			is_within = false;
		}
		/* what is longer than any line of a function is skipped to its end */
		if (first && there - taken > PERF_MAP_LINE) {
			taken = there;
			is_within = true;
		}
		kept = there - taken;
		memmove(bytes, bytes + taken, kept);
	}
	return size >= 0;
}
