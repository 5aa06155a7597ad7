// SPDX-License-Identifier: BSD-2-Clause
#include "options_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "source/feed.h"
#include "source/pins.h"

static struct option_words words;

static struct poptOption source_table[] = {
	{ "no-addresses", '\0', POPT_ARG_NONE, &words.no_addresses, 0,
	  "keep addresses in the kernel: no fault address, ip or sp", NULL },
	{ "no-fault-tracepoints", '\0', POPT_ARG_NONE, &words.no_fault_tracepoints, 0,
	  "do not watch page faults; addresses then come from the thread's fields", NULL },
	{ "without", '\0', POPT_ARG_ARGV, &words.without, 0,
	  "work without this hook, as if the kernel refused it", "HOOK" },
	{ "btf", '\0', POPT_ARG_STRING, &words.btf, 0,
	  "BTF of this kernel, where /sys/kernel/btf/vmlinux is missing", "FILE" },
	POPT_TABLEEND
};

static struct poptOption names_table[] = {
	{ "node", '\0', POPT_ARG_STRING, &words.node, 0,
	  "name of this node (default: $NODE_NAME, else the host name)", "NAME" },
	{ "host-root", '\0', POPT_ARG_STRING, &words.host_root, 0,
	  "look below DIR for files of container runtimes and the kubelet", "DIR" },
	POPT_TABLEEND
};

static struct poptOption pin_table[] = {
	{ "pin", '\0', POPT_ARG_STRING, &words.pin, 0,
	  "pin the programs in DIR, so that they record while no killtrace runs", "DIR" },
	{ "ring", '\0', POPT_ARG_STRING, &words.ring, 0,
	  "size of the ring buffer, a power of two (default: by CPUs and memory)", "MIB" },
	POPT_TABLEEND
};

static struct poptOption disarm_table[] = {
	{ "pin", '\0', POPT_ARG_STRING, &words.pin, 0,
	  "remove what is pinned in DIR (default " PINS_DEFAULT ")", "DIR" },
	POPT_TABLEEND
};

static struct poptOption unpin_table[] = { { "unpin", '\0', POPT_ARG_NONE, &words.unpin, 0,
					     "remove what is pinned, and end", NULL },
					   POPT_TABLEEND };

#define SOCKET_OPTION(help)                                                     \
	{                                                                       \
		"socket", '\0', POPT_ARG_STRING, &words.socket, 0, help, "PATH" \
	}

static struct poptOption feed_table[] = {
	SOCKET_OPTION("socket for live views (default: in the runtime folder that systemd gives)"),
	POPT_TABLEEND
};

static struct poptOption view_table[] = { { "own", '\0', POPT_ARG_NONE, &words.own, 0,
					    "attach own programs even if an agent runs", NULL },
					  SOCKET_OPTION("socket of the agent (default " FEED_DEFAULT
							")"),
					  POPT_TABLEEND };

static struct poptOption provoke_table[] = {
	{ "list", '\0', POPT_ARG_NONE, &words.list, 0, "list the kinds, and which are refused",
	  NULL },
	{ "within", '\0', POPT_ARG_STRING, &words.within, 0,
	  "how long the agent may take to report it (default 10s)", "TIME" },
	SOCKET_OPTION("socket of the agent (default " FEED_DEFAULT ")"),
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "its history (default: what its command line says)", "FILE" },
	{ "textfile", '\0', POPT_ARG_STRING, &words.textfile, 0,
	  "folder of its metrics (default: the same)", "DIR" },
	{ "json", '\0', POPT_ARG_STRING, &words.json, 0, "its JSON lines (default: the same)",
	  "FILE" },
	POPT_TABLEEND
};

static struct poptOption doctor_table[] = { { "output", 'o', POPT_ARG_STRING, &words.output, 0,
					      "human or json (default: human)", "FORMAT" },
					    POPT_TABLEEND };

#define COLOR_OPTION                                                                          \
	{                                                                                     \
		"color", '\0', POPT_ARG_STRING, &words.color, 0,                              \
			"colours for people: auto (default: on a terminal), always or never", \
			"WHEN"                                                                \
	}

static struct poptOption color_table[] = { COLOR_OPTION, POPT_TABLEEND };

static struct poptOption output_table[] = {
	{ "output", 'o', POPT_ARG_STRING, &words.output, 0, "human (default), json or otlp",
	  "FORMAT" },
	COLOR_OPTION,
	{ "wide", '\0', POPT_ARG_NONE, &words.wide, 0,
	  "one line for each death, whatever the width of the terminal", NULL },
	{ "no-legend", '\0', POPT_ARG_NONE, &words.no_legend, 0, "no headers of columns", NULL },
	{ "stack", '\0', POPT_ARG_NONE, &words.stack, 0, "for people: the stacks below each death",
	  NULL },
	POPT_TABLEEND
};

static struct poptOption judge_table[] = {
	{ "runtime-window", '\0', POPT_ARG_STRING, &words.runtime_window, 0,
	  "how long a fault or a child's death can explain what follows (default 1s)", "TIME" },
	POPT_TABLEEND
};

static struct poptOption select_table[] = {
	{ "cause", '\0', POPT_ARG_ARGV, &words.cause, 0,
	  "only this cause, or causes that match a glob; 'help' lists them", "CAUSE" },
	{ "unit", 'u', POPT_ARG_ARGV, &words.unit, 0,
	  "only this systemd unit, also by Podman's label of a container", "GLOB" },
	{ "pod", '\0', POPT_ARG_ARGV, &words.pod, 0, "only this pod", "NAMESPACE/NAME" },
	{ "container", '\0', POPT_ARG_ARGV, &words.container, 0,
	  "only this container, by id or name", "GLOB" },
	{ "comm", '\0', POPT_ARG_ARGV, &words.comm, 0, "only processes of this name", "GLOB" },
	{ "cgroup", '\0', POPT_ARG_ARGV, &words.cgroup, 0, "only this cgroup path", "GLOB" },
	{ "pid", '\0', POPT_ARG_ARGV, &words.pid, 0, "only this process", "PID" },
	{ "fingerprint", '\0', POPT_ARG_ARGV, &words.fingerprint, 0,
	  "only the same crash, by its fingerprint", "GLOB" },
	{ "all", '\0', POPT_ARG_NONE, &words.all, 0,
	  "also routine ends; a history has them if its agent runs with --all", NULL },
	POPT_TABLEEND
};

static struct poptOption sinks_table[] = {
	{ "textfile", '\0', POPT_ARG_STRING, &words.textfile, 0,
	  "write metrics to DIR/killtrace.prom, for node_exporter", "DIR" },
	{ "journal", '\0', POPT_ARG_NONE, &words.journal, 0,
	  "write to the journal, under the unit of the killed process", NULL },
	{ "json", '\0', POPT_ARG_STRING, &words.json, 0,
	  "write JSON lines to a file ('-': standard output)", "FILE" },
	{ "json-size", '\0', POPT_ARG_STRING, &words.json_size, 0,
	  "rotate that file to FILE.1 at this size (default 64)", "MIB" },
	{ "otlp", '\0', POPT_ARG_STRING, &words.otlp, 0,
	  "send OpenTelemetry logs to a collector, by OTLP over HTTP", "URL" },
	{ "otlp-header", '\0', POPT_ARG_ARGV, &words.otlp_header, 0,
	  "add this header; can be given several times", "NAME=VALUE" },
	{ "otlp-ca", '\0', POPT_ARG_STRING, &words.otlp_ca, 0,
	  "trust these authorities, not the system's", "FILE" },
	{ "otlp-gzip", '\0', POPT_ARG_NONE, &words.otlp_gzip, 0, "compress what is sent", NULL },
	{ "otlp-queue", '\0', POPT_ARG_STRING, &words.otlp_queue, 0,
	  "keep on disk what the collector has not taken yet", "DIR" },
	{ "otlp-queue-size", '\0', POPT_ARG_STRING, &words.otlp_queue_size, 0,
	  "maximum size of that queue (default 64)", "MIB" },
	{ "kubernetes-events", '\0', POPT_ARG_NONE, &words.kubernetes_events, 0,
	  "in a pod: make Kubernetes Events, for 'kubectl describe pod'", NULL },
	{ "kubernetes-account", '\0', POPT_ARG_STRING, &words.kubernetes_account, 0,
	  "read token and ca.crt there (default: where every pod has them)", "DIR" },
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "write to a database for 'killtrace history'", "FILE" },
	{ "history-days", '\0', POPT_ARG_STRING, &words.history_days, 0,
	  "keep deaths there so long, and store no older ones (default 30)", "DAYS" },
	{ "history-size", '\0', POPT_ARG_STRING, &words.history_size, 0,
	  "keep the database below this size (default 256)", "MIB" },
	POPT_TABLEEND
};

static struct poptOption fold_table[] = {
	{ "fold", '\0', POPT_ARG_VAL, &words.fold, FOLD_YES,
	  "report many equal deaths as one with a count (default, except in a replay)", NULL },
	{ "no-fold", '\0', POPT_ARG_VAL, &words.fold, FOLD_NO, "report each death by itself",
	  NULL },
	POPT_TABLEEND
};

static struct poptOption listen_table[] = {
	{ "listen", '\0', POPT_ARG_STRING, &words.listen, 0,
	  "answer requests for /metrics; without ADDR only on this host", "[ADDR:]PORT" },
	POPT_TABLEEND
};

static struct poptOption past_table[] = {
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "the database (default " HISTORY_PATH ")", "FILE" },
	{ "since", 'S', POPT_ARG_STRING, &words.since, 0,
	  "deaths since TIME: 2h (ago), 10:30, yesterday, 2026-11-21 (default on a terminal: 1d)",
	  "TIME" },
	{ "until", 'U', POPT_ARG_STRING, &words.until, 0, "deaths until TIME", "TIME" },
	POPT_TABLEEND
};

static struct poptOption why_table[] = {
	{ "history", '\0', POPT_ARG_STRING, &words.history, 0,
	  "find the death in this database (default " HISTORY_PATH ")", "FILE" },
	{ "replay", '\0', POPT_ARG_STRING, &words.replay, 0,
	  "find it in a recording ('-': standard input)", "FILE" },
	{ "socket", '\0', POPT_ARG_STRING, &words.socket, 0,
	  "find it in what the agent keeps that has this socket (default if there is no "
	  "history: " FEED_DEFAULT ")",
	  "PATH" },
	{ "symbols", '\0', POPT_ARG_STRING, &words.symbols, 0,
	  "look at PATH first, a file or a folder, for programs and debug information", "PATH" },
	{ "no-symbols", '\0', POPT_ARG_NONE, &words.no_symbols, 0,
	  "do not look for functions and lines of source", NULL },
	{ "output", 'o', POPT_ARG_STRING, &words.output, 0, "human, json or md (default: human)",
	  "FORMAT" },
	POPT_TABLEEND
};

static struct poptOption browse_table[] = {
	{ "limit", 'n', POPT_ARG_STRING, &words.limit, 0, "only the newest N deaths, or all", "N" },
	{ "reverse", 'r', POPT_ARG_NONE, &words.reverse, 0, "newest first", NULL },
	{ "follow", 'f', POPT_ARG_NONE, &words.follow, 0, "continue with new deaths", NULL },
	{ "grep", '\0', POPT_ARG_STRING, &words.grep, 0,
	  "only deaths with this regular expression in their row or summary", "PATTERN" },
	{ "group-by", '\0', POPT_ARG_STRING, &words.group_by, 0,
	  "count by cause, owner, comm, where or fingerprint", "FIELD" },
	{ "no-pager", '\0', POPT_ARG_NONE, &words.no_pager, 0, "no pager on a terminal", NULL },
	POPT_TABLEEND
};

static struct poptOption report_table[] = {
	{ "output", 'o', POPT_ARG_STRING, &words.output, 0,
	  "write the page to this file ('-': standard output, the default)", "FILE" },
	{ "grep", '\0', POPT_ARG_STRING, &words.grep, 0,
	  "only deaths with this regular expression in their row or summary", "PATTERN" },
	POPT_TABLEEND
};

#define COUNT_OPTION                                                                       \
	{                                                                                  \
		"count", '\0', POPT_ARG_STRING, &words.count, 0, "end after N deaths", "N" \
	}

static struct poptOption limit_table[] = { COUNT_OPTION,
					   { "duration", '\0', POPT_ARG_STRING, &words.duration, 0,
					     "end after this time, such as 90 (seconds) or 5m",
					     "TIME" },
					   POPT_TABLEEND };

static struct poptOption count_table[] = { COUNT_OPTION, POPT_TABLEEND };

static struct poptOption general_table[] = {
	{ "verbose", 'v', POPT_ARG_NONE, &words.verbose, 0,
	  "print more messages on stderr, and the evidence below each death", NULL },
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
	{ OPTIONS_BROWSE, browse_table, "Which of them, and how:" },
	{ OPTIONS_REPORT, report_table, "Which of them, and where to:" },
	{ OPTIONS_OUTPUT, output_table, "Output:" },
	{ OPTIONS_COLOR, color_table, "Output:" },
	{ OPTIONS_WHY, why_table, "Where from, and how:" },
	{ OPTIONS_JUDGE, judge_table, "Verdicts:" },
	{ OPTIONS_SINKS, sinks_table, "Where to write:" },
	{ OPTIONS_LISTEN, listen_table, "Metrics over HTTP:" },
	{ OPTIONS_FOLD, fold_table, "In a storm:" },
	{ OPTIONS_LIMIT, limit_table, "When to end:" },
	{ OPTIONS_COUNT, count_table, "When to end:" },
	{ OPTIONS_VIEW, view_table, "Beside an agent:" },
	{ OPTIONS_DOCTOR, doctor_table, "Output:" },
	{ OPTIONS_FEED, feed_table, "Live views:" },
	{ OPTIONS_PROVOKE, provoke_table, "Which agent has to report it:" },
	{ OPTIONS_PIN, pin_table, "Recording without a reader:" },
	{ OPTIONS_DISARM, disarm_table, "Cleaning up:" },
	{ OPTIONS_UNPIN, unpin_table, "Cleaning up:" },
	{ OPTIONS_SOURCE, source_table, "Tracing:" },
	{ OPTIONS_NAMES, names_table, "Names:" },
	{ 0, general_table, "General:" },
};

_Static_assert(ARRAY_SIZE(groups) < OPTION_TABLE_MOST, "there is room for all groups");

static bool is_taken(size_t group, unsigned int taken)
{
	return !groups[group].group || (groups[group].group & taken);
}

struct option_words *option_words(void)
{
	return &words;
}

void option_table_make(unsigned int taken, struct poptOption ret[OPTION_TABLE_MOST])
{
	size_t used = 0;

	memset(ret, 0, OPTION_TABLE_MOST * sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (is_taken(i, taken))
			ret[used++] = (struct poptOption){ .argInfo = POPT_ARG_INCLUDE_TABLE,
							   .arg = groups[i].table };
}

const struct poptOption *option_table_next(unsigned int taken, const struct poptOption *before)
{
	bool is_found = !before;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!is_taken(i, taken))
			continue;
		for (const struct poptOption *at = groups[i].table; at->longName; at++) {
			if (is_found)
				return at;
			is_found = at == before;
		}
	}
	return NULL;
}

static void print_option(const struct poptOption *option)
{
	char left[48];

	(void)snprintf(left, sizeof(left), "%s%c%s--%s%s%s", option->shortName ? "-" : "  ",
		       option->shortName ? option->shortName : ' ', option->shortName ? ", " : " ",
		       option->longName, option->argDescrip ? " " : "",
		       option->argDescrip ? option->argDescrip : "");
	say_data("  %-32s %s", left, option->descrip);
}

void option_table_print_help(const struct command *command)
{
	say_data("Usage: killtrace %s [OPTION...]%s%s", command->name, command->operand ? " " : "",
		 command->operand ? command->operand : "");
	say_data("%s.", command->help);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!is_taken(i, command->groups))
			continue;
		say_data("%s", "");
		say_data("%s", groups[i].title);
		for (const struct poptOption *at = groups[i].table; at->longName; at++)
			print_option(at);
	}
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

/* Two tables may have the same option, which is freed once. */
static void free_word(const struct poptOption *option)
{
	char **single = option->arg, ***list = option->arg;

	if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_STRING) {
		free(*single);
		*single = NULL;
	} else if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_ARGV) {
		free_list(*list);
		*list = NULL;
	}
}

void option_words_done(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct poptOption *at = groups[i].table; at->longName; at++)
			free_word(at);
	memset(&words, 0, sizeof(words));
}
