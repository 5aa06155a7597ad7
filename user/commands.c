// SPDX-License-Identifier: BSD-2-Clause
#include "commands.h"

#include <stddef.h>

static const struct command commands[] = {
	{
		.name = "trace",
		.help = "Report live every process that the kernel or another process killed",
		.groups = OPTIONS_SOURCE | OPTIONS_OUTPUT | OPTIONS_JUDGE | OPTIONS_SELECT |
			  OPTIONS_LIMIT | OPTIONS_PIN | OPTIONS_VIEW | OPTIONS_NAMES | OPTIONS_FOLD,
		.run = cmd_trace,
		.pin = COMMAND_READS_ARMED,
	},
	{
		.name = "daemon",
		.help = "Run as the agent: write every death to metrics, files and collectors",
		.groups = OPTIONS_SOURCE | OPTIONS_SINKS | OPTIONS_LISTEN | OPTIONS_JUDGE |
			  OPTIONS_SELECT | OPTIONS_LIMIT | OPTIONS_PIN | OPTIONS_UNPIN |
			  OPTIONS_FEED | OPTIONS_NAMES | OPTIONS_FOLD,
		.run = cmd_daemon,
		.pin = COMMAND_PINS_IF_TOLD,
	},
	{
		.name = "arm",
		.help = "Let the kernel record while nothing runs; the next reader reports it",
		.groups = OPTIONS_SOURCE | OPTIONS_JUDGE | OPTIONS_PIN,
		.run = cmd_arm,
		.pin = COMMAND_ARMS,
	},
	{
		.name = "disarm",
		.help = "Remove what was armed or pinned, with all unread deaths",
		.groups = OPTIONS_DISARM,
		.run = cmd_disarm,
		.pin = COMMAND_UNPINS,
	},
	{
		.name = "history",
		.operand = "[WHAT]",
		.help = "Report past deaths from the database of an agent",
		.groups = OPTIONS_SELECT | OPTIONS_PAST | OPTIONS_BROWSE | OPTIONS_OUTPUT,
		.run = cmd_history,
	},
	{
		.name = "why",
		.operand = "[WHAT]",
		.help = "Explain a death: what killed it, what proves that, and what to do next",
		.groups = OPTIONS_WHY,
		.run = cmd_why,
	},
	{
		.name = "report",
		.operand = "[WHAT]",
		.help = "Write past deaths as one page of HTML, for a post-mortem",
		.groups = OPTIONS_SELECT | OPTIONS_PAST | OPTIONS_REPORT,
		.run = cmd_report,
	},
	{
		.name = "top",
		.help = "Show owners and their deaths full screen, live or with -S from the history",
		.groups = OPTIONS_SOURCE | OPTIONS_JUDGE | OPTIONS_SELECT | OPTIONS_LIMIT |
			  OPTIONS_PIN | OPTIONS_VIEW | OPTIONS_NAMES | OPTIONS_FOLD | OPTIONS_PAST |
			  OPTIONS_COLOR,
		.run = cmd_top,
		.pin = COMMAND_READS_ARMED,
	},
	{
		.name = "record",
		.operand = "FILE",
		.help = "Write raw records to a file for 'replay' ('-': standard output)",
		.groups = OPTIONS_SOURCE | OPTIONS_LIMIT | OPTIONS_NAMES,
		.run = cmd_record,
	},
	{
		.name = "replay",
		.operand = "FILE",
		.help = "Report a recording again, without privileges ('-': standard input)",
		.groups = OPTIONS_OUTPUT | OPTIONS_SINKS | OPTIONS_JUDGE | OPTIONS_SELECT |
			  OPTIONS_COUNT | OPTIONS_FOLD,
		.run = cmd_replay,
	},
	{
		.name = "doctor",
		.help = "Show what this kernel offers; exit 0 full, 1 degraded, 2 cannot trace",
		.groups = OPTIONS_SOURCE | OPTIONS_DOCTOR,
		.run = cmd_doctor,
	},
	{
		.name = "provoke",
		.operand = "KIND",
		.help = "Let a harmless process die in this way, and check that the agent reports it",
		.groups = OPTIONS_PROVOKE,
		.run = cmd_provoke,
	},
	{
		.name = "schema",
		.help = "Print the JSON Schema of the JSON output",
		.run = cmd_schema,
	},
	{
		.name = "completion",
		.operand = "SHELL",
		.help = "Print what completes commands and options in bash, zsh or fish",
		.run = cmd_completion,
	},
	{ .name = NULL },
};

_Static_assert(sizeof(commands) / sizeof(commands[0]) <= COMMANDS_MOST, "there is room for all");

const struct command *command_at(size_t index)
{
	return &commands[index];
}
