/* SPDX-License-Identifier: BSD-2-Clause */
/* Prometheus's text format, read like its own parser: lines of comments and of samples. */
#ifndef KT_FUZZ_EXPOSITION_H
#define KT_FUZZ_EXPOSITION_H

#include <ctype.h>

#include "demand.h"
#include "metrics/metrics.h"

static inline const char *exposition_name(const char *at)
{
	demand(isalpha((unsigned char)*at) || *at == '_', "a name begins");
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at;
}

/* Returns the place after the closing quotation mark. */
static inline const char *exposition_value(const char *at)
{
	for (; *at != '"'; at++) {
		demand(*at && *at != '\n', "a label's value ends");
		if (*at == '\\') {
			at++;
			demand(*at == '\\' || *at == '"' || *at == 'n', "an escape that is known");
		}
	}
	return at + 1;
}

/* The end of the series' name and labels. */
static inline const char *exposition_series(const char *line)
{
	const char *at = exposition_name(line);

	if (*at != '{')
		return at;
	do {
		at = exposition_name(at + 1);
		demand(at[0] == '=' && at[1] == '"', "a label has a value");
		at = exposition_value(at + 2);
	} while (*at == ',');
	demand(*at == '}', "labels end");
	return at + 1;
}

static inline void demand_sample(const char *line, const char *all)
{
	const char *end = exposition_series(line);
	char *behind, *series = strndup(line, (size_t)(end - line) + 1);
	const char *again = strncmp(line, "killtrace_workload", 18) ? NULL : all;
	unsigned int times = !again;

	demand(*end == ' ', "a blank before the number");
	(void)strtod(end + 1, &behind);
	demand(behind > end + 1 && *behind == '\n', "a number, and nothing else");
	/* for names that others choose */
	while (again && (again = strstr(again, series))) {
		times += again == all || again[-1] == '\n';
		again++;
	}
	demand(times == 1, "a series stands there once");
	free(series);
}

static inline void demand_exposition(struct metrics *metrics)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	metrics_write(metrics, file);
	demand(!fclose(file), "text");
	demand(strlen(text) == size, "no NUL");
	demand_clean_lines(text, size);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (*line != '#')
			demand_sample(line, text);
	free(text);
}

#endif
