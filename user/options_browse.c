// SPDX-License-Identifier: BSD-2-Clause
#include "options_browse.h"

#include <string.h>

#include "options_bad.h"
#include "options_sinks.h"

static enum options_result take_group_by(const struct command *command, const char *word,
					 struct options *ret)
{
	const char *fields[GROUP_BY_COUNT];

	ret->group_by = GROUP_BY_NOTHING;
	if (!word)
		return OPTIONS_RUN;
	for (int i = 0; i < GROUP_BY_COUNT; i++)
		fields[i] = group_by_name((enum group_by)i);
	ret->group_by = group_by_of(word);
	return ret->group_by == GROUP_BY_NOTHING
		       ? option_bad_choice(command, "cannot group by", word, fields, GROUP_BY_COUNT)
		       : OPTIONS_RUN;
}

enum options_result option_take_browse(const struct command *command,
				       const struct option_words *words, struct options *ret)
{
	const enum options_result result = take_group_by(command, words->group_by, ret);

	ret->grep = words->grep;
	if (!(command->groups & OPTIONS_BROWSE) || result != OPTIONS_RUN)
		return result;
	if (words->limit && strcmp(words->limit, "all") != 0 &&
	    !option_count(words->limit, &ret->limit))
		return option_bad(command, "-n needs a positive whole number or 'all', not",
				  words->limit, NULL);
	ret->newest_first = words->reverse != 0;
	ret->follow = words->follow != 0;
	ret->no_pager = words->no_pager != 0;
	if (ret->follow && ret->newest_first)
		return option_bad(command, "--follow cannot be used with", "--reverse", NULL);
	if (ret->follow && ret->group_by != GROUP_BY_NOTHING)
		return option_bad(command, "--follow cannot be used with", "--group-by", NULL);
	if (ret->output == OUTPUT_OTLP && ret->group_by != GROUP_BY_NOTHING)
		return option_bad(command, "--group-by cannot be used with", "-o otlp", NULL);
	return OPTIONS_RUN;
}
