// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "line/record_read.h"
#include "options.h"

/* Much longer than any line of ours. */
#define LONGEST_LINE (1 << 20)

struct lines {
	json_t *death; /* the last one */
	unsigned long read, foreign;
};

static void take(struct lines *lines, const char *line)
{
	json_t *record = record_read(line);

	lines->read++;
	if (!record)
		lines->foreign++;
	if (!record || !json_object_get(record, "cause")) {
		json_decref(record);
		return;
	}
	json_decref(lines->death);
	lines->death = record;
}

/* 0, -EINTR, or -EFBIG: a line is longer than any of ours. */
static int read_lines(FILE *file, char *line, struct lines *lines)
{
	while (!output_stop && fgets(line, LONGEST_LINE, file)) {
		const size_t size = strlen(line);

		if (size == LONGEST_LINE - 1 && line[size - 1] != '\n')
			return -EFBIG;
		if (line[strspn(line, " \t\r\n")])
			take(lines, line);
	}
	if (output_stop)
		return -EINTR;
	return ferror(file) ? -EIO : 0;
}

static int say_nothing(const struct lines *lines, int error)
{
	if (error == -EINTR)
		return EXIT_DONE;
	if (error == -ENOMEM)
		say("cannot read standard input: out of memory");
	else if (error == -EIO)
		say("cannot read standard input: %s", strerror(errno));
	else if (error)
		say("standard input has a line that is longer than any of killtrace's; pass on "
		    "what 'killtrace -o json' prints");
	else if (!lines->read)
		say("standard input is empty: pass on a line of 'killtrace -o json'");
	else if (lines->foreign)
		say("standard input has no death: pass on a line of 'killtrace -o json' as it is");
	else
		say("standard input has lines about losses only, and no death");
	return EXIT_FAILED;
}

int why_input_stdin(json_t **ret)
{
	AUTO_FREE char *line = malloc(LONGEST_LINE);
	struct lines lines = { 0 };
	int error = line ? read_lines(stdin, line, &lines) : -ENOMEM;

	if (error || !lines.death) {
		json_decref(lines.death);
		return say_nothing(&lines, error);
	}
	*ret = lines.death;
	return EXIT_DONE;
}
