// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "sink/json_record.h"
#include "sink/output.h"

struct json_sink {
	struct sink sink;
	int fd;
};

static int write_line(struct sink *sink, const char *line, size_t size)
{
	return line ? output_write(((struct json_sink *)sink)->fd, line, size) : -ENOMEM;
}

static int json_death(struct sink *sink, const struct report *report)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return write_line(sink, line, size);
}

static int json_losses(struct sink *sink, const struct origin *origin, const struct losses *losses,
		       int64_t realtime_ns)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return write_line(sink, line, size);
}

static void json_free(struct sink *sink)
{
	free(sink);
}

struct sink *sink_json_new(int fd)
{
	static const struct sink_ops ops = { json_death, json_losses, json_free };
	struct json_sink *sink = malloc(sizeof(*sink));

	if (!sink)
		return NULL;
	*sink = (struct json_sink){ { &ops }, fd };
	return (struct sink *)sink;
}
