// SPDX-License-Identifier: BSD-2-Clause
/* killtrace history --grep: deaths with a pattern in their row or summary. */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "cmd_history_parts.h"
#include "line/json_peek.h"
#include "stdout/row.h"

struct history_grep {
	regex_t regex;
};

static bool has_capital(const char *text)
{
	while (*text && !isupper((unsigned char)*text))
		text++;
	return *text;
}

struct history_grep *history_grep_new(const char *pattern)
{
	const int how = REG_EXTENDED | REG_NOSUB | (has_capital(pattern) ? 0 : REG_ICASE);
	struct history_grep *grep = malloc(sizeof(*grep));
	char why[128];
	int error;

	if (!grep) {
		say("cannot search the history: out of memory");
		return NULL;
	}
	error = regcomp(&grep->regex, pattern, how);
	if (!error)
		return grep;
	(void)regerror(error, &grep->regex, why, sizeof(why));
	say("--grep: invalid pattern '%s': %s", pattern, why);
	free(grep);
	return NULL;
}

void history_grep_free(struct history_grep *grep)
{
	if (!grep)
		return;
	regfree(&grep->regex);
	free(grep);
}

bool history_grep_matches(void *context, const char *line)
{
	const struct history_grep *grep = context;
	AUTO_FREE char *summary = NULL;
	bool matches = false;
	struct row row;

	if (row_of_line(line, strlen(line), &row))
		return false;
	summary = json_peek_text(&row.record, "summary");
	{
		const char *const texts[] = { row.cause, row.owner, row.process, row.reason,
					      summary };

		for (size_t i = 0; i < ARRAY_SIZE(texts) && !matches; i++)
			matches = texts[i] && !regexec(&grep->regex, texts[i], 0, NULL, 0);
	}
	row_done(&row);
	return matches;
}
