// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/json_record.h"
#include "sink/output.h"

struct json_sink {
	struct sink sink;
	int fd;
};

/* Takes the reference. */
static int write_record(struct sink *sink, json_t *record)
{
	AUTO_FREE char *line = record ? json_record_line(record) : NULL;

	json_decref(record);
	if (!line)
		return -ENOMEM;
	return output_write(((struct json_sink *)sink)->fd, line, strlen(line));
}

static int json_death(struct sink *sink, const struct report *report)
{
	return write_record(sink, json_record_of_death(report));
}

static int json_losses(struct sink *sink, const struct origin *origin, const struct losses *losses,
		       int64_t realtime_ns)
{
	return write_record(sink, json_record_of_losses(origin, losses, realtime_ns));
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
