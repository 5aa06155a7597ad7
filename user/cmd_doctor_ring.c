// SPDX-License-Identifier: BSD-2-Clause
/* The row of doctor about the ring buffer: what an agent counts, else what is pinned. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "cmd_doctor.h"
#include "source/fill.h"
#include "source/pins.h"

#define ROW "RING"

struct fill_words {
	char used[32], size[32];
};

static void write_words(const struct fill *fill, struct fill_words *ret)
{
	(void)text_bytes(fill->used, ret->used, sizeof(ret->used));
	(void)text_bytes(fill->size, ret->size, sizeof(ret->size));
}

static bool is_crowded(const struct fill *fill)
{
	return fill->used > fill_crowded(fill->size);
}

static void take(const char *line, const char *series, uint64_t *ret)
{
	const size_t length = strlen(series);

	if (!strncmp(line, series, length) && line[length] == ' ')
		(void)number_read(line + length + 1, 10, ret);
}

/* What the agent has counted. False: it has not. */
static bool read_metrics(FILE *file, struct fill *ret)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;

	*ret = (struct fill){ 0 };
	rewind(file);
	while (getline(&line, &room, file) > 0) {
		take(line, "killtrace_ring_size_bytes", &ret->size);
		take(line, "killtrace_ring_highest_bytes", &ret->used);
	}
	return ret->size > 0;
}

static void show_highest(const struct doctor *doctor, const struct fill *fill)
{
	struct fill_words words;

	write_words(fill, &words);
	if (is_crowded(fill))
		doctor_row(
			doctor, "degraded", ROW,
			"up to %s of %s were used at one time since the agent began, with what had "
			"waited for it; see SINKS, and if none is behind, give the agent a larger "
			"--ring",
			words.used, words.size);
	else
		doctor_row(doctor, "ok", ROW,
			   "at most %s of %s were used at one time since the agent began",
			   words.used, words.size);
}

static void show_pinned(const struct doctor *doctor, const struct fill *fill, pid_t reader)
{
	struct fill_words words;

	write_words(fill, &words);
	if (is_crowded(fill))
		doctor_row(doctor, "degraded", ROW,
			   "%s of %s are used now at %s, and deaths that find no room are lost; %s",
			   words.used, words.size, PINS_DEFAULT,
			   reader > 0 ? "give its reader a larger --ring"
				      : "start killtrace, which reads what waits");
	else
		doctor_row(doctor, "ok", ROW, "%s of %s are used now at %s", words.used, words.size,
			   PINS_DEFAULT);
}

void doctor_ring(const struct doctor *doctor, FILE *metrics, bool is_old, bool runs)
{
	struct fill fill;
	const bool has_metrics = metrics && read_metrics(metrics, &fill);
	pid_t reader;
	int error;

	/* old ones show what was wrong then, and not that all is well */
	if (has_metrics && (!is_old || is_crowded(&fill))) {
		show_highest(doctor, &fill);
		return;
	}
	error = fill_of_pins(PINS_DEFAULT, &fill, &reader);
	if (error == -ENOENT && !runs)
		return; /* nothing records */
	if (!error)
		show_pinned(doctor, &fill, reader);
	else if (has_metrics)
		doctor_row(doctor, "unknown", ROW,
			   "not known: the metrics of the agent are old; see METRICS");
	else if (metrics)
		doctor_row(doctor, "unknown", ROW,
			   "not known: the metrics of the agent do not have it; an older version "
			   "wrote them: restart the agent");
	else if (runs)
		doctor_row(doctor, "unknown", ROW,
			   "not known: no metrics of the agent can be read; it writes them with "
			   "--textfile DIR");
	else
		doctor_row(doctor, "unknown", ROW, "cannot read what is pinned at %s: %s",
			   PINS_DEFAULT, pins_error_text(-error));
}
