// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/evidence.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"

#define LONGEST_LINE 1024

static void take(const char *line, const char *series, uint64_t *ret)
{
	const size_t length = strlen(series);
	const char *value = strchr(line, '}');

	/* no other label of these series can contain a brace */
	if (!strncmp(line, series, length) && value && value[1] == ' ')
		(void)number_read(value + 2, 10, ret);
}

void evidence_read_counters(const struct agent_place *place, enum cause cause,
			    struct evidence_counters *ret)
{
	AUTO_CLOSE int folder = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(folder, "killtrace.prom", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FCLOSE FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char kills[64], line[LONGEST_LINE];

	*ret = (struct evidence_counters){ 0 };
	if (!file) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	(void)snprintf(kills, sizeof(kills), "killtrace_kills_total{cause=\"%s\",",
		       cause_name(cause));
	/* a longer line is one of a workload, which is none of these */
	for (bool begins = true; fgets(line, sizeof(line), file); begins = strchr(line, '\n')) {
		ret->read = true;
		if (!begins)
			continue;
		take(line, kills, &ret->kills);
		take(line, "killtrace_sink_reported_total{sink=\"journal\"}", &ret->journal);
		take(line, "killtrace_sink_reported_total{sink=\"otlp\"}", &ret->otlp);
	}
}
