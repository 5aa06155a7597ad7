// SPDX-License-Identifier: BSD-2-Clause
#include "options_check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/say.h"
#include "base/when.h"
#include "options_bad.h"
#include "options_browse.h"
#include "options_sinks.h"
#include "source/feed.h"
#include "source/pins.h"

#define PAST_DAY_NS (86400 * NS_PER_S)
#define LONGEST_SECONDS 1000000000 /* more than thirty years */

/* What a number counts: nothing behind it means seconds. 0: another word. */
static uint64_t unit_ns(const char *word, size_t length)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },
		{ "s", NS_PER_S },
		{ "ms", NS_PER_S / 1000 },
		{ "m", NS_PER_S * 60 },
		{ "min", NS_PER_S * 60 },
		{ "h", NS_PER_S * 3600 },
		{ "d", NS_PER_S * 86400LL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (length == strlen(units[i].name) && !strncmp(word, units[i].name, length))
			return units[i].ns;
	return 0;
}

/* "5", "1.5", "5m", "1h30m" */
static bool parse_seconds(const char *word, uint64_t *ret_ns)
{
	uint64_t ns = 0;

	do {
		uint64_t number;
		const char *end = number_read_decimal(word, NS_PER_S, &number);
		const size_t length = end ? strcspn(end, "0123456789.") : 0;
		const uint64_t unit = end ? unit_ns(end, length) : 0;

		/* a number without a unit is the last, and of seconds */
		if (!unit || (!length && end[length]) || (!length && ns) ||
		    number > LONGEST_SECONDS * NS_PER_S)
			return false;
		if (unit >= NS_PER_S && number > LONGEST_SECONDS * NS_PER_S / (unit / NS_PER_S))
			return false;
		ns += unit >= NS_PER_S ? number * (unit / NS_PER_S) : number / (NS_PER_S / unit);
		word = end + length;
	} while (*word && ns <= LONGEST_SECONDS * NS_PER_S);
	if (!ns || ns > LONGEST_SECONDS * NS_PER_S)
		return false;
	*ret_ns = ns;
	return true;
}

static bool has_empty(const struct poptOption *option)
{
	if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_STRING) {
		const char *const *word = option->arg;

		return *word && !**word;
	}
	for (char **word = *(char ***)option->arg; word && *word; word++)
		if (!**word)
			return true;
	return false;
}

static bool wants_text(const struct poptOption *option)
{
	static const char *const wanted[] = { "GLOB", "FILE", "DIR", "PATH" };

	for (size_t i = 0; option->argDescrip && i < ARRAY_SIZE(wanted); i++)
		if (!strcmp(option->argDescrip, wanted[i]))
			return true;
	return false;
}

/* An empty word matches and names nothing: usually it comes from a variable that is not set. */
static enum options_result refuse_empty(const struct command *command,
					const struct option_words *words, struct options *ret)
{
	(void)words;
	(void)ret;
	for (const struct poptOption *at = option_table_next(command->groups, NULL); at;
	     at = option_table_next(command->groups, at))
		if (wants_text(at) && has_empty(at)) {
			say("--%s needs a %s, not ''", at->longName, at->argDescrip);
			return OPTIONS_BAD;
		}
	return OPTIONS_RUN;
}

static enum options_result take_hooks(const struct command *command,
				      const struct option_words *words, struct options *ret)
{
	const char *names[HOOK_COUNT];

	for (int i = 0; i < HOOK_COUNT; i++)
		names[i] = hook_name((enum hook)i);
	for (char **word = words->without; word && *word; word++) {
		enum hook hook = hook_by_name(*word);

		if (hook == HOOK_COUNT)
			return option_bad_choice(command, "unknown hook", *word, names, HOOK_COUNT);
		ret->tracer.without[hook] = true;
	}
	if (words->no_fault_tracepoints) {
		ret->tracer.without[HOOK_PAGE_FAULT_USER] = true;
		ret->tracer.without[HOOK_PAGE_FAULT_KERNEL] = true;
	}
	return OPTIONS_RUN;
}

/* --cause help */
static void list_causes(void)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		say_data("%-20s %s", cause_name((enum cause)i), cause_help((enum cause)i));
}

static enum options_result take_selection(const struct command *command,
					  const struct option_words *words, struct options *ret)
{
	const char *word;

	for (char **cause = words->cause; cause && *cause; cause++)
		if (!strcmp(*cause, "help")) {
			list_causes();
			return OPTIONS_DONE;
		}
	ret->selection = (struct selection){
		.cause = words->cause,
		.unit = words->unit,
		.pod = words->pod,
		.container = words->container,
		.comm = words->comm,
		.cgroup = words->cgroup,
		.pid = words->pid,
		.fingerprint = words->fingerprint,
		.what = command->groups & (OPTIONS_BROWSE | OPTIONS_REPORT) ? words->operands[0]
									    : NULL,
		.all = words->all != 0,
	};
	switch (selection_check(&ret->selection, &word)) {
	case 0:
		return OPTIONS_RUN;
	case -SELECTION_UNKNOWN_CAUSE:
		return option_bad_cause(command, word);
	case -SELECTION_BAD_POD:
		return option_bad(command, "--pod needs NAMESPACE/NAME, not", word, NULL);
	case -SELECTION_BAD_GLOB:
		return option_bad(command, "bad pattern (a bracket or backslash is not closed)",
				  word, NULL);
	default:
		return option_bad(command, "invalid process id", word, NULL);
	}
}

/* An explanation is for people, also in a pipe. */
static enum options_result take_why_output(const struct command *command,
					   const struct option_words *words, struct options *ret)
{
	static const char *const formats[] = { "human", "json", "md" };
	static const enum output_format meant[] = { OUTPUT_HUMAN, OUTPUT_JSON, OUTPUT_MARKDOWN };

	ret->output = OUTPUT_HUMAN;
	if (!words->output)
		return OPTIONS_RUN;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(words->output, formats[i])) {
			ret->output = meant[i];
			return OPTIONS_RUN;
		}
	return option_bad_choice(command, "unknown output format", words->output, formats,
				 ARRAY_SIZE(formats));
}

static enum options_result take_doctor_output(const struct command *command,
					      const struct option_words *words, struct options *ret)
{
	static const char *const formats[] = { "human", "json" };

	ret->output = words->output && !strcmp(words->output, "json") ? OUTPUT_JSON : OUTPUT_HUMAN;
	if (!words->output || ret->output == OUTPUT_JSON || !strcmp(words->output, "human"))
		return OPTIONS_RUN;
	return option_bad_choice(command, "unknown output format", words->output, formats,
				 ARRAY_SIZE(formats));
}

static enum options_result take_output(const struct command *command,
				       const struct option_words *words, struct options *ret)
{
	static const char *const formats[] = { "human", "json", "otlp" };

	if (command->groups & OPTIONS_WHY)
		return take_why_output(command, words, ret);
	if (command->groups & OPTIONS_DOCTOR)
		return take_doctor_output(command, words, ret);
	ret->output = OUTPUT_HUMAN;
	if (command->groups & OPTIONS_REPORT)
		ret->report_file = words->output;
	if (!words->output || command->groups & OPTIONS_REPORT)
		return OPTIONS_RUN;
	if (!strcmp(words->output, "human"))
		ret->output = OUTPUT_HUMAN;
	else if (!strcmp(words->output, "json"))
		ret->output = OUTPUT_JSON;
	else if (!strcmp(words->output, "otlp"))
		ret->output = OUTPUT_OTLP;
	else
		return option_bad_choice(command, "unknown output format", words->output, formats,
					 ARRAY_SIZE(formats));
	return OPTIONS_RUN;
}

static enum options_result take_screen(const struct command *command,
				       const struct option_words *words, struct options *ret)
{
	static const char *const colors[] = {
		[SCREEN_COLOR_AUTO] = "auto",
		[SCREEN_COLOR_ALWAYS] = "always",
		[SCREEN_COLOR_NEVER] = "never",
	};
	size_t color = 0;

	while (words->color && color < ARRAY_SIZE(colors) &&
	       strcmp(words->color, colors[color]) != 0)
		color++;
	if (color == ARRAY_SIZE(colors))
		return option_bad_choice(command, "unknown value of --color", words->color, colors,
					 ARRAY_SIZE(colors));
	ret->screen = (struct screen_wishes){
		.color = (enum screen_color)color,
		.no_legend = words->no_legend != 0,
		.wide = words->wide != 0,
		.evidence = words->verbose != 0,
		.stack = words->stack != 0,
	};
	return OPTIONS_RUN;
}

static enum options_result take_numbers(const struct command *command,
					const struct option_words *words, struct options *ret)
{
	ret->tracer.runtime_window_ns = (uint64_t)NS_PER_S;
	if (words->runtime_window &&
	    !parse_seconds(words->runtime_window, &ret->tracer.runtime_window_ns))
		return option_bad(command,
				  "--runtime-window needs a time such as 90, 500ms or 5m, not",
				  words->runtime_window, NULL);
	if (words->duration && !parse_seconds(words->duration, &ret->duration_ns))
		return option_bad(command, "--duration needs a time such as 90, 500ms or 5m, not",
				  words->duration, NULL);
	ret->within_ns = 10 * (uint64_t)NS_PER_S;
	if (words->within && !parse_seconds(words->within, &ret->within_ns))
		return option_bad(command, "--within needs a time such as 90, 500ms or 5m, not",
				  words->within, NULL);
	if (words->count && !option_count(words->count, &ret->count))
		return option_bad(command, "--count needs a positive whole number, not",
				  words->count, NULL);
	return OPTIONS_RUN;
}

static enum options_result take_times(const struct command *command,
				      const struct option_words *words, struct options *ret)
{
	const int64_t now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns();

	ret->since_ns = INT64_MIN;
	ret->until_ns = INT64_MAX;
	if (words->since && !when_parse(words->since, now_ns, &ret->since_ns))
		return option_bad_time("--since", words->since);
	if (words->until && !when_parse(words->until, now_ns, &ret->until_ns))
		return option_bad_time("--until", words->until);
	if (ret->since_ns > ret->until_ns)
		return option_bad(command, "--since is later than --until", words->until, NULL);
	/* people at a terminal ask for what is fresh; others say what they want, or search all */
	ret->past_day = (command->groups & OPTIONS_BROWSE) && ret->output == OUTPUT_HUMAN &&
			isatty(STDOUT_FILENO) && !words->since && !words->until && !words->limit;
	if (ret->past_day)
		ret->since_ns = now_ns - PAST_DAY_NS;
	/* before its end, if that was given */
	ret->past_week = (command->groups & OPTIONS_REPORT) && !words->since;
	if (ret->past_week)
		ret->since_ns = (words->until ? ret->until_ns : now_ns) - 7 * PAST_DAY_NS;
	return OPTIONS_RUN;
}

#define MOST_RING_MEBIBYTES 1024

static enum options_result take_pin(const struct command *command, const struct option_words *words,
				    struct options *ret)
{
	unsigned long mebibytes = 0;

	if (!(command->groups & (OPTIONS_PIN | OPTIONS_DISARM)))
		return OPTIONS_RUN;
	ret->unpin = words->unpin != 0 || command->pin == COMMAND_UNPINS;
	ret->tracer.pin = words->pin;
	ret->tracer.pin_use = command->pin == COMMAND_ARMS ? PIN_ARM : PIN_KEEP;
	if (!words->pin && (ret->unpin || command->pin != COMMAND_PINS_IF_TOLD))
		ret->tracer.pin = PINS_DEFAULT;
	if (!words->pin && command->pin == COMMAND_READS_ARMED)
		ret->tracer.pin_use = PIN_IF_ARMED;
	if (words->ring && (!option_count(words->ring, &mebibytes) ||
			    mebibytes > MOST_RING_MEBIBYTES || (mebibytes & (mebibytes - 1))))
		return option_bad(command, "--ring needs a power of two in MiB, at most 1024, not",
				  words->ring, NULL);
	ret->tracer.ring_bytes = (uint32_t)(mebibytes << 20);
	return OPTIONS_RUN;
}

/* The path in a folder that systemd has made for the agent, if any. */
static const char *feed_in_runtime_folder(void)
{
	static char path[PATH_MAX];
	const char *folder = getenv("RUNTIME_DIRECTORY");

	if (!folder || !*folder)
		return NULL;
	(void)snprintf(path, sizeof(path), "%.*s/" FEED_SOCKET, (int)strcspn(folder, ":"), folder);
	return path;
}

/* These options say how to trace, which a running agent has already decided. */
static bool wants_own(const struct option_words *words)
{
	return words->own || words->pin || words->ring || words->btf || words->without ||
	       words->no_fault_tracepoints || words->runtime_window || words->node ||
	       words->host_root;
}

static enum options_result take_socket(const struct command *command,
				       const struct option_words *words, struct options *ret)
{
	const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	if (words->socket && strlen(words->socket) >= most) {
		say("--socket needs a path shorter than %zu bytes, not '%s'", most, words->socket);
		return OPTIONS_BAD;
	}
	ret->socket = words->socket;
	if (!ret->socket && (command->groups & OPTIONS_FEED))
		ret->socket = feed_in_runtime_folder();
	if (!(command->groups & OPTIONS_VIEW))
		return OPTIONS_RUN;
	ret->own = wants_own(words);
	return ret->own && words->socket
		       ? option_bad(command,
				    "--socket cannot be used with own programs:", words->socket,
				    NULL)
		       : OPTIONS_RUN;
}

static enum options_result take_operand(const struct command *command,
					const struct option_words *words, struct options *ret)
{
	const bool may_lack = command->operand && *command->operand == '[';

	ret->argument = command->operand ? words->operands[0] : NULL;
	ret->list = words->list != 0;
	if (command->operand && !ret->list && (ret->argument ? !*ret->argument : !may_lack)) {
		say("%s needs a %s; see 'killtrace %s --help'", command->name, command->operand,
		    command->name);
		return OPTIONS_BAD;
	}
	return words->operands[command->operand ? 1 : 0]
		       ? option_bad(command, "unexpected argument",
				    words->operands[command->operand ? 1 : 0], NULL)
		       : OPTIONS_RUN;
}

static enum options_result take_plain(const struct command *command,
				      const struct option_words *words, struct options *ret)
{
	ret->tracer.btf_path = words->btf;
	ret->tracer.no_addresses = words->no_addresses != 0;
	/* a recording is no flood: it is read at leisure */
	ret->fold = words->fold ? words->fold == FOLD_YES : (command->groups & OPTIONS_LIMIT) != 0;
	ret->verbose = words->verbose != 0;
	if (command->groups & OPTIONS_PROVOKE) {
		ret->textfile = words->textfile;
		ret->json_file = words->json;
	}
	ret->node = words->node;
	ret->host_root = words->host_root;
	ret->symbols = words->symbols;
	ret->no_symbols = words->no_symbols != 0;
	return OPTIONS_RUN;
}

enum options_result options_check(const struct command *command, const struct option_words *words,
				  struct options *ret)
{
	static enum options_result (*const checks[])(const struct command *command,
						     const struct option_words *words,
						     struct options *ret) = {
		take_operand, refuse_empty, take_hooks,          take_selection,     take_output,
		take_screen,  take_numbers, option_take_history, option_take_browse, take_times,
		take_pin,     take_socket,  option_take_sinks,   take_plain,
	};
	enum options_result result = OPTIONS_RUN;

	for (size_t i = 0; i < ARRAY_SIZE(checks) && result == OPTIONS_RUN; i++)
		result = checks[i](command, words, ret);
	return result;
}
