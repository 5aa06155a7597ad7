// SPDX-License-Identifier: BSD-2-Clause
#include "listen/open_metrics.h"

#include <stdbool.h>
#include <string.h>

#define TYPE "# TYPE "
#define HELP "# HELP "

/* There a family has the name without what its samples end with. */
static size_t suffix(const char *name, size_t size)
{
	static const char *const suffixes[] = { "_total", "_info" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const size_t length = strlen(suffixes[i]);

		if (size > length && !memcmp(name + size - length, suffixes[i], length))
			return length;
	}
	return 0;
}

/* "# TYPE NAME gauge" or "# HELP NAME ...", without the end of the line. */
static void add_head(struct buffer *ret, const char *line, size_t size)
{
	const char *name = line + strlen(TYPE);
	const char *space = memchr(name, ' ', size - strlen(TYPE));
	const size_t length = space ? (size_t)(space - name) : size - strlen(TYPE);
	const size_t cut = suffix(name, length);
	const bool is_info = cut == strlen("_info") && !memcmp(line, TYPE, strlen(TYPE));

	buffer_add(ret, line, strlen(TYPE) + length - cut);
	if (is_info)
		buffer_text(ret, " info");
	else
		buffer_add(ret, name + length, size - strlen(TYPE) - length);
}

void open_metrics_make(const char *text, struct buffer *ret)
{
	while (*text) {
		const size_t size = strcspn(text, "\n");

		if (size >= strlen(TYPE) &&
		    (!memcmp(text, TYPE, strlen(TYPE)) || !memcmp(text, HELP, strlen(HELP))))
			add_head(ret, text, size);
		else
			buffer_add(ret, text, size);
		buffer_text(ret, "\n");
		text += size + (text[size] == '\n');
	}
	buffer_text(ret, "# EOF\n");
}
