// SPDX-License-Identifier: BSD-2-Clause
#include "options.h"

#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "base/say.h"
#include "base/when.h"
#include "sink/otlp_http.h"
#include "source/pins.h"

#define LONGEST_SECONDS 1e9 /* more than thirty years */

/* What popt fills in, before it is checked. popt wants them writable and of these types. */
struct words {
	char *output, *btf, *pin, *ring, *node, *host_root, *textfile, *json, *json_size,
		*runtime_window, *count, *duration;
	char *history, *history_days, *history_size, *since, *until, *limit;
	char *otlp, *otlp_ca, *otlp_queue, *otlp_queue_size;
	char **otlp_header;
	char **without;
	char **cause, **unit, **pod, **container, **comm, **cgroup, **pid;
	int unpin, journal, otlp_gzip, all, no_addresses, no_fault_tracepoints, verbose, help,
		version;
};

static struct words words;
static poptContext context;
static const char *command_name; /* of which words are */

static struct poptOption source_table[] = {
	{ "no-addresses", '\0', POPT_ARG_NONE, &words.no_addresses, 0,
	  "keep addresses in the kernel: no fault address, ip or sp", NULL },
	{ "no-fault-tracepoints", '\0', POPT_ARG_NONE, &words.no_fault_tracepoints, 0,
	  "do not watch page faults; addresses then come from the thread", NULL },
	{ "without", '\0', POPT_ARG_ARGV, &words.without, 0,
	  "do without a hook, as if the kernel refused it", "HOOK" },
	{ "btf", '\0', POPT_ARG_STRING, &words.btf, 0,
	  "BTF of this kernel, where /sys/kernel/btf/vmlinux is missing", "FILE" },
	{ "node", '\0', POPT_ARG_STRING, &words.node, 0,
	  "name of this node (default: $NODE_NAME, else the host name)", "NAME" },
	{ "host-root", '\0', POPT_ARG_STRING, &words.host_root, 0,
	  "look for files of container runtimes and the kubelet below it", "DIR" },
	POPT_TABLEEND
};

static struct poptOption pin_table[] = {
	{ "pin", '\0', POPT_ARG_STRING, &words.pin, 0,
	  "keep the programs pinned there, so that they record while nobody reads", "DIR" },
	{ "ring", '\0', POPT_ARG_STRING, &words.ring, 0,
	  "room for records that wait (default 4 when pinned, else 1): a power of two", "MIB" },
	POPT_TABLEEND
};

static struct poptOption unpin_table[] = { { "unpin", '\0', POPT_ARG_NONE, &words.unpin, 0,
					     "take away what is pinned, and end", NULL },
					   POPT_TABLEEND };

static struct poptOption output_table[] = {
	{ "output", 'o', POPT_ARG_STRING, &words.output, 0,
	  "human, json or otlp (default: human on a terminal, else json)", "FORMAT" },
	POPT_TABLEEND
};

static struct poptOption judge_table[] = {
	{ "runtime-window", '\0', POPT_ARG_STRING, &words.runtime_window, 0,
	  "a handled fault explains what follows within this time (default 1)", "SECONDS" },
	POPT_TABLEEND
};

static struct poptOption select_table[] = {
	{ "cause", '\0', POPT_ARG_ARGV, &words.cause, 0, "only this cause; globs are fine",
	  "CAUSE" },
	{ "unit", '\0', POPT_ARG_ARGV, &words.unit, 0, "only this systemd unit", "GLOB" },
	{ "pod", '\0', POPT_ARG_ARGV, &words.pod, 0, "only this pod", "NAMESPACE/NAME" },
	{ "container", '\0', POPT_ARG_ARGV, &words.container, 0,
	  "only this container, by id or name", "GLOB" },
	{ "comm", '\0', POPT_ARG_ARGV, &words.comm, 0, "only processes of this name", "GLOB" },
	{ "cgroup", '\0', POPT_ARG_ARGV, &words.cgroup, 0, "only this cgroup path", "GLOB" },
	{ "pid", '\0', POPT_ARG_ARGV, &words.pid, 0, "only this process", "PID" },
	{ "all", '\0', POPT_ARG_NONE, &words.all, 0,
	  "routine ends too: SIGTERM, SIGINT, SIGPIPE, timers", NULL },
	POPT_TABLEEND
};

static struct poptOption sinks_table[] = {
	{ "textfile", '\0', POPT_ARG_STRING, &words.textfile, 0,
	  "write metrics to DIR/killtrace.prom, for node_exporter", "DIR" },
	{ "journal", '\0', POPT_ARG_NONE, &words.journal, 0,
	  "write to the journal, filed under the unit that was hit", NULL },
	{ "json", '\0', POPT_ARG_STRING, &words.json, 0,
	  "write JSON lines to a file ('-': standard output)", "FILE" },
	{ "json-size", '\0', POPT_ARG_STRING, &words.json_size, 0,
	  "rotate that file to FILE.1 at this size (default 64)", "MIB" },
	{ "otlp", '\0', POPT_ARG_STRING, &words.otlp, 0,
	  "send OpenTelemetry logs to a collector, by OTLP over HTTP", "URL" },
	{ "otlp-header", '\0', POPT_ARG_ARGV, &words.otlp_header, 0,
	  "with this header; can be given several times", "NAME=VALUE" },
	{ "otlp-ca", '\0', POPT_ARG_STRING, &words.otlp_ca, 0,
	  "trust these authorities, not the system's", "FILE" },
	{ "otlp-gzip", '\0', POPT_ARG_NONE, &words.otlp_gzip, 0, "compress what is sent", NULL },
	{ "otlp-queue", '\0', POPT_ARG_STRING, &words.otlp_queue, 0,
	  "keep on the disk what the collector has not taken", "DIR" },
	{ "otlp-queue-size", '\0', POPT_ARG_STRING, &words.otlp_queue_size, 0,
	  "at most so much of it (default 64)", "MIB" },
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "write to a database, for killtrace history", "FILE" },
	{ "history-days", '\0', POPT_ARG_STRING, &words.history_days, 0,
	  "keep a death there for so long (default 30)", "DAYS" },
	{ "history-size", '\0', POPT_ARG_STRING, &words.history_size, 0,
	  "keep the database below this size (default 256)", "MIB" },
	POPT_TABLEEND
};

static struct poptOption past_table[] = {
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "the database (default " HISTORY_PATH ")", "FILE" },
	{ "since", '\0', POPT_ARG_STRING, &words.since, 0,
	  "from then on: 2h (ago), 10:30, yesterday, 2026-11-21, RFC 3339", "TIME" },
	{ "until", '\0', POPT_ARG_STRING, &words.until, 0, "up to then", "TIME" },
	{ "limit", '\0', POPT_ARG_STRING, &words.limit, 0, "the newest so many deaths", "N" },
	POPT_TABLEEND
};

#define COUNT_OPTION                                                                             \
	{                                                                                        \
		"count", '\0', POPT_ARG_STRING, &words.count, 0, "end after so many deaths", "N" \
	}

static struct poptOption limit_table[] = { COUNT_OPTION,
					   { "duration", '\0', POPT_ARG_STRING, &words.duration, 0,
					     "end after so many seconds", "SECONDS" },
					   POPT_TABLEEND };

static struct poptOption count_table[] = { COUNT_OPTION, POPT_TABLEEND };

static struct poptOption general_table[] = {
	{ "verbose", 'v', POPT_ARG_NONE, &words.verbose, 0, "say more on stderr", NULL },
	{ "help", 'h', POPT_ARG_NONE, &words.help, 0, "show this help", NULL },
	{ "version", '\0', POPT_ARG_NONE, &words.version, 0, "show the version", NULL },
	POPT_TABLEEND
};

static const struct {
	unsigned int group; /* 0: always */
	struct poptOption *table;
	const char *title;
} groups[] = {
	{ OPTIONS_SELECT, select_table, "Which deaths:" },
	{ OPTIONS_PAST, past_table, "When:" },
	{ OPTIONS_OUTPUT, output_table, "Output:" },
	{ OPTIONS_JUDGE, judge_table, "Judgement:" },
	{ OPTIONS_SINKS, sinks_table, "Where to write:" },
	{ OPTIONS_LIMIT, limit_table, "When to end:" },
	{ OPTIONS_COUNT, count_table, "When to end:" },
	{ OPTIONS_PIN, pin_table, "While nobody reads:" },
	{ OPTIONS_UNPIN, unpin_table, "To clean up:" },
	{ OPTIONS_SOURCE, source_table, "Tracing:" },
	{ 0, general_table, "General:" },
};

#define MOST_OPTIONS 48

static enum options_result bad(const char *what, const char *word, const char *hint)
{
	if (hint)
		say("%s '%s'; did you mean '%s'?", what, word, hint);
	else
		say("%s '%s'; see 'killtrace %s --help'", what, word, command_name);
	return OPTIONS_BAD;
}

/* Where the words are few, all of them are named: "a, b or c". */
static enum options_result bad_choice(const char *what, const char *word,
				      const char *const *choices, size_t count)
{
	const char *near = nearest_word(word, choices, count);
	char all[256] = "";
	size_t used = 0;

	if (near)
		return bad(what, word, near);
	for (size_t i = 0; i < count && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
					 i == 0          ? ""
					 : i + 1 < count ? ", "
							 : " or ",
					 choices[i]);
	say("%s '%s': it is one of %s", what, word, all);
	return OPTIONS_BAD;
}

static enum options_result bad_cause(const char *word)
{
	const char *causes[CAUSE_COUNT], *near;
	const size_t length = strlen(word);

	for (int i = 0; i < CAUSE_COUNT; i++) {
		causes[i] = cause_name((enum cause)i);
		if (length && !strncmp(causes[i], word, length) && causes[i][length] == '-') {
			say("unknown cause '%s'; did you mean '%s-*'?", word, word);
			return OPTIONS_BAD;
		}
	}
	near = nearest_word(word, causes, CAUSE_COUNT);
	if (near)
		return bad("unknown cause", word, near);
	say("unknown cause '%s'; 'killtrace schema' has them all", word);
	return OPTIONS_BAD;
}

static enum options_result bad_option(const struct command *command, const char *word)
{
	const char *candidates[MOST_OPTIONS], *near;
	char named[80], typed[64];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].group && !(groups[i].group & command->groups))
			continue;
		for (const struct poptOption *at = groups[i].table; at->longName; at++)
			candidates[count++] = at->longName;
	}
	(void)snprintf(typed, sizeof(typed), "%s", word + strspn(word, "-"));
	typed[strcspn(typed, "=")] = '\0';
	near = nearest_word(typed, candidates, count);
	(void)snprintf(named, sizeof(named), "--%s", near ? near : "");
	return bad("unknown option", word, near ? named : NULL);
}

static bool parse_seconds(const char *word, uint64_t *ret_ns)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(word, &end);
	/* strtod() takes "0x10", "1e3", "inf" and blanks too */
	if (errno || end == word || *end || word[strspn(word, "0123456789.")] || seconds <= 0 ||
	    seconds > LONGEST_SECONDS)
		return false;
	*ret_ns = (uint64_t)(seconds * (double)NS_PER_S);
	return *ret_ns > 0;
}

static bool parse_count(const char *word, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(word, &end, 10);
	return !errno && *word >= '0' && *word <= '9' && !*end && *ret;
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

/* What is empty matches and names nothing: most often it is a variable that is not set. */
static enum options_result refuse_empty(const struct command *command)
{
	static const char *const wanted[] = { "GLOB", "FILE", "DIR" };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].group && !(groups[i].group & command->groups))
			continue;
		for (const struct poptOption *at = groups[i].table; at->longName; at++)
			for (size_t w = 0; w < ARRAY_SIZE(wanted); w++)
				if (at->argDescrip && !strcmp(at->argDescrip, wanted[w]) &&
				    has_empty(at)) {
					say("--%s wants a %s, not ''", at->longName, wanted[w]);
					return OPTIONS_BAD;
				}
	}
	return OPTIONS_RUN;
}

static enum options_result take_hooks(struct options *ret)
{
	const char *names[HOOK_COUNT];

	for (int i = 0; i < HOOK_COUNT; i++)
		names[i] = hook_name((enum hook)i);
	for (char **word = words.without; word && *word; word++) {
		enum hook hook = hook_by_name(*word);

		if (hook == HOOK_COUNT)
			return bad_choice("unknown hook", *word, names, HOOK_COUNT);
		ret->tracer.without[hook] = true;
	}
	if (words.no_fault_tracepoints) {
		ret->tracer.without[HOOK_PAGE_FAULT_USER] = true;
		ret->tracer.without[HOOK_PAGE_FAULT_KERNEL] = true;
	}
	return OPTIONS_RUN;
}

static enum options_result take_selection(struct options *ret)
{
	const char *word;

	ret->selection = (struct selection){
		.cause = words.cause,
		.unit = words.unit,
		.pod = words.pod,
		.container = words.container,
		.comm = words.comm,
		.cgroup = words.cgroup,
		.pid = words.pid,
		.all = words.all != 0,
	};
	switch (selection_check(&ret->selection, &word)) {
	case 0:
		return OPTIONS_RUN;
	case -SELECTION_UNKNOWN_CAUSE:
		return bad_cause(word);
	case -SELECTION_BAD_POD:
		return bad("--pod wants NAMESPACE/NAME, not", word, NULL);
	case -SELECTION_BAD_GLOB:
		return bad("bad pattern (a bracket or backslash is not closed)", word, NULL);
	default:
		return bad("not a process id:", word, NULL);
	}
}

static enum options_result take_output(struct options *ret)
{
	static const char *const formats[] = { "human", "json", "otlp" };

	ret->output = isatty(STDOUT_FILENO) ? OUTPUT_HUMAN : OUTPUT_JSON;
	if (!words.output)
		return OPTIONS_RUN;
	if (!strcmp(words.output, "human"))
		ret->output = OUTPUT_HUMAN;
	else if (!strcmp(words.output, "json"))
		ret->output = OUTPUT_JSON;
	else if (!strcmp(words.output, "otlp"))
		ret->output = OUTPUT_OTLP;
	else
		return bad_choice("unknown output format", words.output, formats,
				  ARRAY_SIZE(formats));
	return OPTIONS_RUN;
}

static enum options_result take_numbers(struct options *ret)
{
	ret->tracer.runtime_window_ns = (uint64_t)NS_PER_S;
	if (words.runtime_window &&
	    !parse_seconds(words.runtime_window, &ret->tracer.runtime_window_ns))
		return bad("--runtime-window wants seconds, not", words.runtime_window, NULL);
	if (words.duration && !parse_seconds(words.duration, &ret->duration_ns))
		return bad("--duration wants seconds, not", words.duration, NULL);
	if (words.count && !parse_count(words.count, &ret->count))
		return bad("--count wants a number from 1 on, not", words.count, NULL);
	return OPTIONS_RUN;
}

/* A number of something, where there is a word for it. */
static bool take_amount(const char *word, unsigned long most, unsigned long *ret)
{
	return !word || (parse_count(word, ret) && *ret <= most);
}

/* Behind a slash the kernel would follow a symbolic link that is to be left alone. */
static char *without_slashes(char *path)
{
	for (size_t size = path ? strlen(path) : 0; size > 1 && path[size - 1] == '/'; size--)
		path[size - 1] = '\0';
	return path;
}

static enum options_result take_history(const struct command *command, struct options *ret)
{
	unsigned long days = HISTORY_DAYS, mebibytes = HISTORY_MEBIBYTES;

	if (!take_amount(words.history_days, 100000, &days))
		return bad("--history-days wants a number of days from 1 on, not",
			   words.history_days, NULL);
	if (!take_amount(words.history_size, 1 << 20, &mebibytes))
		return bad("--history-size wants a number of MiB from 1 on, not",
			   words.history_size, NULL);
	ret->history = words.history;
	ret->history_limits =
		(struct history_limits){ (unsigned int)days, (uint64_t)mebibytes << 20 };
	if (!(command->groups & OPTIONS_PAST))
		return OPTIONS_RUN;
	if (!ret->history)
		ret->history = HISTORY_PATH;
	if (words.limit && !parse_count(words.limit, &ret->limit))
		return bad("--limit wants a number from 1 on, not", words.limit, NULL);
	return OPTIONS_RUN;
}

static enum options_result bad_time(const char *option, const char *word)
{
	say("%s is no time: '%s'; take one like 2h, '1h 30m ago', 10:30, yesterday, 2026-11-21, '2026-11-21 10:41 UTC' or @1795257673",
	    option, word);
	return OPTIONS_BAD;
}

static enum options_result take_times(struct options *ret)
{
	const int64_t now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns();

	ret->since_ns = INT64_MIN;
	ret->until_ns = INT64_MAX;
	if (words.since && !when_parse(words.since, now_ns, &ret->since_ns))
		return bad_time("--since", words.since);
	if (words.until && !when_parse(words.until, now_ns, &ret->until_ns))
		return bad_time("--until", words.until);
	if (ret->since_ns > ret->until_ns)
		return bad("--since is later than --until", words.until, NULL);
	return OPTIONS_RUN;
}

static bool parse_mebibytes(const char *word, uint64_t *ret_bytes)
{
	unsigned long mebibytes = 64;

	if (word && (!parse_count(word, &mebibytes) || mebibytes > 1 << 20))
		return false;
	*ret_bytes = (uint64_t)mebibytes << 20;
	return true;
}

static enum options_result take_otlp(struct options *ret)
{
	const bool has_options = words.otlp_header || words.otlp_ca || words.otlp_gzip ||
				 words.otlp_queue || words.otlp_queue_size;
	const bool has_others = ret->textfile || ret->journal || ret->json_file || ret->history;
	/* the environment's address can be meant for others only, and no reason to stop an agent */
	const struct otlp_words given = { .url = words.otlp,
					  .headers = words.otlp_header,
					  .ca = words.otlp_ca,
					  .gzip = words.otlp_gzip != 0,
					  .optional = !words.otlp && !has_options && has_others };

	ret->otlp_queue = without_slashes(words.otlp_queue);
	if (!otlp_settings_wanted(&given)) {
		if (!has_options)
			return OPTIONS_RUN;
		say("the --otlp- options want --otlp URL");
		return OPTIONS_BAD;
	}
	if (otlp_http_missing()) {
		say("%s: %s%s", otlp_settings_asker(&given), otlp_http_missing(),
		    given.optional ? ", ignoring" : "");
		return given.optional ? OPTIONS_RUN : OPTIONS_BAD;
	}
	return otlp_settings_read(&given, &ret->otlp) || given.optional ? OPTIONS_RUN : OPTIONS_BAD;
}

/* An option that would do nothing is a mistake; those of a collector can have it from the environment. */
static enum options_result refuse_idle(void)
{
	const struct {
		const char *option, *word, *needs;
		bool has;
	} pairs[] = {
		{ "--json-size", words.json_size, "--json FILE", words.json != NULL },
		{ "--history-days", words.history_days, "--history FILE", words.history != NULL },
		{ "--history-size", words.history_size, "--history FILE", words.history != NULL },
		{ "--otlp-queue-size", words.otlp_queue_size, "--otlp-queue DIR",
		  words.otlp_queue != NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].word && !pairs[i].has) {
			say("%s wants %s", pairs[i].option, pairs[i].needs);
			return OPTIONS_BAD;
		}
	return OPTIONS_RUN;
}

static enum options_result take_sinks(const struct command *command, struct options *ret)
{
	enum options_result result;

	if (!(command->groups & OPTIONS_SINKS))
		return OPTIONS_RUN;
	if (!parse_mebibytes(words.json_size, &ret->json_file_most))
		return bad("--json-size wants a number of MiB from 1 on, not", words.json_size,
			   NULL);
	if (!parse_mebibytes(words.otlp_queue_size, &ret->otlp_queue_most))
		return bad("--otlp-queue-size wants a number of MiB from 1 on, not",
			   words.otlp_queue_size, NULL);
	result = refuse_idle();
	if (result != OPTIONS_RUN)
		return result;
	ret->textfile = without_slashes(words.textfile);
	ret->confine = true;
	ret->journal = words.journal != 0;
	ret->json_file = words.json;
	result = take_otlp(ret);
	if (command->groups & OPTIONS_OUTPUT) /* else that is where it goes */
		return result;
	if (result != OPTIONS_RUN || ret->textfile || ret->journal || ret->json_file ||
	    ret->history || ret->otlp.url)
		return result;
	say("daemon wants somewhere to write: --textfile, --journal, --json, --history or --otlp; see 'killtrace daemon --help'");
	return OPTIONS_BAD;
}

#define MOST_RING_MEBIBYTES 1024

static enum options_result take_pin(const struct command *command, struct options *ret)
{
	unsigned long mebibytes = 0;

	if (!(command->groups & (OPTIONS_PIN | OPTIONS_UNPIN)))
		return OPTIONS_RUN;
	ret->unpin = words.unpin != 0 || command->pin == COMMAND_UNPINS;
	ret->tracer.pin = words.pin;
	ret->tracer.pin_use = command->pin == COMMAND_ARMS ? PIN_ARM : PIN_KEEP;
	if (!words.pin && (ret->unpin || command->pin != COMMAND_PINS_IF_TOLD))
		ret->tracer.pin = PINS_DEFAULT;
	if (!words.pin && command->pin == COMMAND_READS_ARMED)
		ret->tracer.pin_use = PIN_IF_ARMED;
	if (words.ring && (!parse_count(words.ring, &mebibytes) ||
			   mebibytes > MOST_RING_MEBIBYTES || (mebibytes & (mebibytes - 1))))
		return bad("--ring wants a power of two of MiB, 1024 at most, not", words.ring,
			   NULL);
	ret->tracer.ring_bytes = (uint32_t)(mebibytes << 20);
	return OPTIONS_RUN;
}

static enum options_result take_operand(const struct command *command, struct options *ret)
{
	const char *extra;

	if (command->operand) {
		ret->argument = poptGetArg(context);
		if (!ret->argument || !*ret->argument) {
			say("%s wants a %s; see 'killtrace %s --help'", command->name,
			    command->operand, command->name);
			return OPTIONS_BAD;
		}
	}
	extra = poptGetArg(context);
	return extra ? bad("nothing is known to do with", extra, NULL) : OPTIONS_RUN;
}

static enum options_result take_all(const struct command *command, struct options *ret)
{
	enum options_result result = take_operand(command, ret);

	if (result == OPTIONS_RUN)
		result = refuse_empty(command);
	if (result == OPTIONS_RUN)
		result = take_hooks(ret);
	if (result == OPTIONS_RUN)
		result = take_selection(ret);
	if (result == OPTIONS_RUN)
		result = take_output(ret);
	if (result == OPTIONS_RUN)
		result = take_numbers(ret);
	if (result == OPTIONS_RUN)
		result = take_history(command, ret);
	if (result == OPTIONS_RUN)
		result = take_times(ret);
	if (result == OPTIONS_RUN)
		result = take_pin(command, ret);
	if (result == OPTIONS_RUN && !ret->unpin)
		result = take_sinks(command, ret);
	ret->tracer.btf_path = words.btf;
	ret->tracer.no_addresses = words.no_addresses != 0;
	ret->node = words.node;
	ret->host_root = words.host_root;
	say_set_verbose(words.verbose != 0);
	return result;
}

static void print_help(const struct command *command)
{
	(void)printf("Usage: killtrace %s [OPTION...]%s%s\n%s.\n", command->name,
		     command->operand ? " " : "", command->operand ? command->operand : "",
		     command->help);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].group && !(groups[i].group & command->groups))
			continue;
		(void)printf("\n%s\n", groups[i].title);
		for (const struct poptOption *at = groups[i].table; at->longName; at++) {
			char left[48];

			(void)snprintf(left, sizeof(left), "%s%c%s--%s%s%s",
				       at->shortName ? "-" : "  ",
				       at->shortName ? at->shortName : ' ',
				       at->shortName ? ", " : " ", at->longName,
				       at->argDescrip ? " " : "",
				       at->argDescrip ? at->argDescrip : "");
			(void)printf("  %-32s %s\n", left, at->descrip);
		}
	}
}

enum options_result options_parse(const struct command *command, int argc, const char **argv,
				  struct options *ret)
{
	struct poptOption table[ARRAY_SIZE(groups) + 1];
	size_t used = 0;
	int result;

	command_name = command->name;
	memset(table, 0, sizeof(table));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!groups[i].group || (groups[i].group & command->groups))
			table[used++] = (struct poptOption){ .argInfo = POPT_ARG_INCLUDE_TABLE,
							     .arg = groups[i].table };
	context = poptGetContext(NULL, argc, argv, table, 0);
	if (!context) {
		say("out of memory");
		return OPTIONS_BAD;
	}
	result = poptGetNextOpt(context);
	if (result == POPT_ERROR_BADOPT)
		return bad_option(command, poptBadOption(context, POPT_BADOPTION_NOALIAS));
	if (result < -1) {
		say("option '%s': %s", poptBadOption(context, POPT_BADOPTION_NOALIAS),
		    poptStrerror(result));
		return OPTIONS_BAD;
	}
	if (words.help) {
		print_help(command);
		return OPTIONS_DONE;
	}
	if (words.version) {
		(void)printf("killtrace %s\n", KT_VERSION);
		return OPTIONS_DONE;
	}
	return take_all(command, ret);
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

void options_done(struct options *options)
{
	char *const singles[] = { words.pin,          words.ring,           words.output,
				  words.btf,          words.node,           words.textfile,
				  words.json,         words.json_size,      words.otlp,
				  words.otlp_ca,      words.otlp_queue,     words.otlp_queue_size,
				  words.host_root,    words.runtime_window, words.count,
				  words.duration,     words.history,        words.history_days,
				  words.history_size, words.since,          words.until,
				  words.limit };
	char **const lists[] = { words.otlp_header, words.without, words.cause,
				 words.unit,        words.pod,     words.container,
				 words.comm,        words.cgroup,  words.pid };

	for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
		free(singles[i]);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		free_list(lists[i]);
	otlp_settings_done(&options->otlp);
	memset(&words, 0, sizeof(words));
	memset(options, 0, sizeof(*options));
	context = poptFreeContext(context);
}
