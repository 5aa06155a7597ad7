// SPDX-License-Identifier: BSD-2-Clause
#include "options.h"

#include <popt.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "options_bad.h"
#include "options_check.h"
#include "options_table.h"
#include "options_version.h"

static poptContext context; /* operands live in it */

static void take_operands(struct option_words *words)
{
	for (size_t i = 0; i < ARRAY_SIZE(words->operands); i++)
		words->operands[i] = poptGetArg(context);
}

enum options_result options_parse(const struct command *command, int argc, const char **argv,
				  struct options *ret)
{
	struct option_words *words = option_words();
	struct poptOption table[OPTION_TABLE_MOST];
	enum options_result checked;
	int result;

	option_table_make(command->groups, table);
	context = poptGetContext(NULL, argc, argv, table, 0);
	if (!context) {
		say("cannot read the options: out of memory");
		return OPTIONS_BAD;
	}
	result = poptGetNextOpt(context);
	if (result == POPT_ERROR_BADOPT)
		return option_bad_name(command, poptBadOption(context, POPT_BADOPTION_NOALIAS));
	if (result < -1) {
		say("option '%s': %s", poptBadOption(context, POPT_BADOPTION_NOALIAS),
		    poptStrerror(result));
		return OPTIONS_BAD;
	}
	if (words->help) {
		option_table_print_help(command);
		return OPTIONS_DONE;
	}
	if (words->version) {
		options_print_version();
		return OPTIONS_DONE;
	}
	take_operands(words);
	checked = options_check(command, words, ret);
	say_set_verbose(words->verbose != 0);
	return checked;
}

void options_done(struct options *options)
{
	option_words_done();
	otlp_settings_done(&options->otlp);
	kube_account_done(&options->kube);
	memset(options, 0, sizeof(*options));
	context = poptFreeContext(context);
}
