// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/say.h"
#include "commands.h"

static void print_commands(void)
{
	say_data("Usage: killtrace [COMMAND] [OPTION...]");
	say_data(
		"Reports what killed a process on this machine, and which unit or container it belonged to.");
	say_data("%s", "");
	say_data("Commands:");
	for (const struct command *at = command_at(0); at->name; at++) {
		char left[32];

		(void)snprintf(left, sizeof(left), "%s%s%s", at->name, at->operand ? " " : "",
			       at->operand ? at->operand : "");
		say_data("  %-16s %s", left, at->help);
	}
	say_data("%s", "");
	say_data("Without a command it traces. 'killtrace COMMAND --help' lists a command's "
		 "options.");
}

static const struct command *find_command(const char *name)
{
	for (const struct command *at = command_at(0); at->name; at++)
		if (!strcmp(at->name, name))
			return at;
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[COMMANDS_MOST], *near;
	size_t count = 0;

	for (; command_at(count)->name; count++)
		names[count] = command_at(count)->name;
	near = nearest_word(name, names, count);
	if (near)
		say("unknown command '%s'; did you mean '%s'?", name, near);
	else
		say("unknown command '%s'; see 'killtrace --help'", name);
	return EXIT_USAGE;
}

static int run(const struct command *command, int argc, const char **argv)
{
	struct options options = { 0 };
	int code = EXIT_USAGE;

	switch (options_parse(command, argc, argv, &options)) {
	case OPTIONS_RUN:
		code = command->run(&options);
		break;
	case OPTIONS_DONE:
		code = EXIT_DONE;
		break;
	case OPTIONS_BAD:
		break;
	}
	options_done(&options);
	return code;
}

/*
 * The number of a closed standard descriptor would be given to the next file that is opened. If
 * stdout is closed, a pipe without a reader takes its place, which has the same effect.
 */
static void fill_standard_descriptors(void)
{
	int fd, pipe_fds[2];

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		(void)open("/dev/null", O_RDONLY);
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0 && !pipe(pipe_fds)) {
		(void)dup2(pipe_fds[1], STDOUT_FILENO);
		for (int i = 0; i < 2; i++)
			if (pipe_fds[i] != STDOUT_FILENO)
				(void)close(pipe_fds[i]);
	}
	do {
		fd = open("/dev/null", O_WRONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* Help and doctor write with stdio, which reports only at the end that nothing could be written. */
static int flushed(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno != EPIPE)
		say("cannot write the output: %s", strerror(errno));
	return code == EXIT_DONE && errno != EPIPE ? EXIT_FAILED : code;
}

/* "help history" is "history --help". */
static int help_of(const char *name)
{
	const char *words[] = { name, "--help", NULL };
	const struct command *command = find_command(name);

	return command ? flushed(run(command, 2, words)) : unknown_command(name);
}

int main(int argc, char **argv)
{
	const struct command *command = command_at(0);
	int skip = 0;

	fill_standard_descriptors();

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 (!strcmp(argv[1], "help") && argc == 2))) {
		print_commands();
		return flushed(EXIT_DONE);
	}
	if (argc > 1 && !strcmp(argv[1], "help"))
		return help_of(argv[2]);
	if (argc > 1 && argv[1][0] != '-') {
		command = find_command(argv[1]);
		if (!command)
			return unknown_command(argv[1]);
		skip = 1;
	}
	return flushed(run(command, argc - skip, (const char **)argv + skip));
}
