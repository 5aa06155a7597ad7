// SPDX-License-Identifier: BSD-2-Clause
/* Command lines: their meaning, and the one line about each mistake. */
#include "unit.h"

#include "base/clock.h"
#include "options.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_WORDS 16

static const struct command trace = {
	.name = "trace",
	.help = "Trace",
	.groups = OPTIONS_SOURCE | OPTIONS_OUTPUT | OPTIONS_JUDGE | OPTIONS_SELECT | OPTIONS_LIMIT |
		  OPTIONS_PIN | OPTIONS_VIEW | OPTIONS_NAMES | OPTIONS_FOLD,
	.pin = COMMAND_READS_ARMED,
};
static const struct command agent = {
	.name = "daemon",
	.help = "Serve",
	.groups = OPTIONS_SOURCE | OPTIONS_SINKS | OPTIONS_JUDGE | OPTIONS_SELECT | OPTIONS_LIMIT |
		  OPTIONS_PIN | OPTIONS_UNPIN | OPTIONS_FEED | OPTIONS_NAMES | OPTIONS_FOLD,
	.pin = COMMAND_PINS_IF_TOLD,
};
static const struct command past = {
	.name = "history",
	.help = "Look back",
	.groups = OPTIONS_SELECT | OPTIONS_PAST | OPTIONS_BROWSE | OPTIONS_OUTPUT,
};
static const struct command replay = {
	.name = "replay",
	.operand = "FILE",
	.help = "Replay",
	.groups = OPTIONS_OUTPUT | OPTIONS_SINKS | OPTIONS_JUDGE | OPTIONS_SELECT | OPTIONS_COUNT |
		  OPTIONS_FOLD,
};

static struct options options;
static char said[4096]; /* on stdout and stderr, by the last parse() */

static int quiet(void **state)
{
	(void)state;
	/* the environment of the user who runs the tests */
	(void)unsetenv("RUNTIME_DIRECTORY");
	(void)unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
	(void)unsetenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
	memset(&options, 0, sizeof(options));
	return 0;
}

static int done(void **state)
{
	(void)state;
	options_done(&options);
	return 0;
}

/* `line`: words with one blank between them. */
static enum options_result parse(const struct command *command, const char *line)
{
	static char words[1024];
	const char *argv[MOST_WORDS + 2] = { command->name };
	int argc = 1, before[2], fd = memfd_create("said", MFD_CLOEXEC);
	enum options_result result;
	ssize_t size;
	char *rest;

	assert_true(fd >= 0 && strlen(line) < sizeof(words));
	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc <= MOST_WORDS);
		/* "''" is an empty word */
		argv[argc++] = strcmp(word, "''") != 0 ? word : "";
	}
	options_done(&options);
	(void)fflush(NULL);
	for (int i = 0; i < 2; i++) {
		before[i] = dup(i + 1);
		assert_true(dup2(fd, i + 1) >= 0);
	}
	result = options_parse(command, argc, argv, &options);
	(void)fflush(NULL);
	for (int i = 0; i < 2; i++) {
		assert_true(dup2(before[i], i + 1) >= 0);
		(void)close(before[i]);
	}
	size = pread(fd, said, sizeof(said) - 1, 0);
	assert_true(size >= 0);
	said[size] = '\0';
	(void)close(fd);
	return result;
}

static void test_mistakes(void **state)
{
	static const struct {
		const struct command *command;
		const char *line, *said;
	} cases[] = {
		{ &trace, "--cuase oom", "unknown option '--cuase'; did you mean '--cause'?" },
		{ &trace, "--nothing-like-it",
		  "unknown option '--nothing-like-it'; see 'killtrace trace --help'" },
		{ &trace, "--textfile=/tmp", "unknown option '--textfile=/tmp'; see" },
		{ &trace, "--cause segfalt", "unknown cause 'segfalt'; did you mean 'segfault'?" },
		{ &trace, "--cause oom", "unknown cause 'oom'; did you mean 'oom-*'?" },
		{ &trace, "--cause nonsense",
		  "unknown cause 'nonsense'; '--cause help' lists them" },
		{ &trace, "--pod shop", "--pod needs NAMESPACE/NAME, not 'shop'" },
		{ &trace, "--unit [a", "bad pattern" },
		{ &trace, "--pid 1x", "invalid process id '1x'" },
		{ &trace, "--unit ''", "--unit needs a GLOB, not ''" },
		{ &trace, "--btf ''", "--btf needs a FILE, not ''" },
		{ &trace, "-o jsno", "did you mean 'json'?" },
		{ &trace, "-o xml", "it is one of human, json or otlp" },
		{ &trace, "--without mark_victm", "did you mean 'mark_victim'?" },
		{ &trace, "--count 0", "--count needs a positive whole number, not '0'" },
		{ &trace, "--count -1", "--count needs a positive whole number, not '-1'" },
		{ &trace, "--count 99999999999999999999", "--count needs a positive" },
		{ &trace, "--duration 1e3",
		  "--duration needs a time such as 90, 500ms or 5m, not '1e3'" },
		{ &trace, "--duration 0",
		  "--duration needs a time such as 90, 500ms or 5m, not '0'" },
		{ &trace, "--duration 0x1",
		  "--duration needs a time such as 90, 500ms or 5m, not '0x1'" },
		{ &trace, "--duration 1x",
		  "--duration needs a time such as 90, 500ms or 5m, not '1x'" },
		{ &trace, "--duration -1",
		  "--duration needs a time such as 90, 500ms or 5m, not '-1'" },
		{ &trace, "--duration .",
		  "--duration needs a time such as 90, 500ms or 5m, not '.'" },
		{ &trace, "--duration 1.2.3",
		  "--duration needs a time such as 90, 500ms or 5m, not '1.2.3'" },
		{ &trace, "--duration 1000000001",
		  "--duration needs a time such as 90, 500ms or 5m, not '1000000001'" },
		{ &trace, "--duration 99999999999999999999",
		  "--duration needs a time such as 90, 500ms or 5m, not '99999999999999999999'" },
		{ &trace, "--runtime-window inf",
		  "--runtime-window needs a time such as 90, 500ms or 5m, not 'inf'" },
		{ &trace, "--ring 3", "--ring needs a power of two" },
		{ &trace, "--ring 2048", "--ring needs a power of two" },
		{ &trace, "--own --socket /run/x", "--socket" },
		{ &trace, "extra", "'extra'" },
		{ &replay, "", "replay needs a FILE; see 'killtrace replay --help'" },
		{ &replay, "''", "replay needs a FILE; see 'killtrace replay --help'" },
		{ &replay, "a b", "'b'" },
		{ &agent, "", "daemon needs a place to write to" },
		{ &agent, "--json-size 1 --journal", "--json-size needs --json FILE" },
		{ &agent, "--history-days 1 --journal", "--history-days needs --history FILE" },
		{ &agent, "--otlp-gzip --journal", "the --otlp- options need --otlp URL" },
		{ &agent, "--otlp-queue-size 1 --journal",
		  "--otlp-queue-size needs --otlp-queue DIR" },
		{ &agent, "--kubernetes-account d --journal",
		  "--kubernetes-account needs --kubernetes-events" },
		{ &agent, "--kubernetes-events", "--kubernetes-events needs the API server" },
		{ &agent, "--history f --history-days 0",
		  "--history-days needs a positive whole number of days, not '0'" },
		{ &agent, "--history f --history-size 1048577",
		  "--history-size needs a positive whole number of MiB" },
		{ &agent, "--history f --history-days 100001",
		  "--history-days needs a positive whole number of days" },
		{ &agent, "--json f --json-size 1.5",
		  "--json-size needs a positive whole number of MiB" },
		{ &agent, "--json f --json-size 1048577",
		  "--json-size needs a positive whole number of MiB" },
		{ &agent, "--otlp http://h --otlp-queue d --otlp-queue-size 1048577",
		  "--otlp-queue-size needs a positive whole number of MiB" },
		{ &past, "--limit none", "-n needs a positive whole number or 'all', not 'none'" },
		{ &past, "--since never", "--since" },
		{ &past, "--since @20 --until @10", "--since is later than --until '@10'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const enum options_result result = parse(cases[i].command, cases[i].line);

		if (result != OPTIONS_BAD || !strstr(said, cases[i].said) ||
		    strncmp(said, "killtrace: ", 11) != 0 ||
		    strchr(said, '\n') != said + strlen(said) - 1)
			fail_msg("%s %s: %d, %s", cases[i].command->name, cases[i].line, result,
				 said);
	}
}

static void test_trace(void **state)
{
	(void)state;
	assert_int_equal(parse(&trace, "-o json --cause segfault --cause oom-* --pid 7 --all "
				       "--count 3 --duration 1.5 --without kernel_stack"),
			 OPTIONS_RUN);
	assert_string_equal(said, "");
	assert_int_equal(options.output, OUTPUT_JSON);
	assert_string_equal(options.selection.cause[0], "segfault");
	assert_string_equal(options.selection.cause[1], "oom-*");
	assert_null(options.selection.cause[2]);
	assert_true(options.selection.all);
	assert_int_equal(options.count, 3);
	assert_int_equal(options.duration_ns, 1500000000);
	assert_int_equal(options.tracer.runtime_window_ns, NS_PER_S);
	assert_true(options.tracer.without[HOOK_KERNEL_STACK]);
	assert_false(options.tracer.without[HOOK_MARK_VICTIM]);
	assert_true(options.own); /* --without needs programs of its own */
	assert_null(options.argument);

	assert_int_equal(parse(&trace, "--no-fault-tracepoints"), OPTIONS_RUN);
	assert_true(options.tracer.without[HOOK_PAGE_FAULT_USER]);
	assert_true(options.tracer.without[HOOK_PAGE_FAULT_KERNEL]);
	/* nothing of the line before is left */
	assert_null(options.selection.cause);
	assert_int_equal(options.count, 0);
}

static void test_pins(void **state)
{
	(void)state;
	assert_int_equal(parse(&trace, ""), OPTIONS_RUN);
	assert_non_null(options.tracer.pin);
	assert_int_equal(options.tracer.pin_use, PIN_IF_ARMED);
	assert_int_equal(parse(&trace, "--pin /p --ring 4"), OPTIONS_RUN);
	assert_string_equal(options.tracer.pin, "/p");
	assert_int_equal(options.tracer.pin_use, PIN_KEEP);
	assert_int_equal(options.tracer.ring_bytes, 4 << 20);
	assert_int_equal(parse(&agent, "--journal"), OPTIONS_RUN);
	assert_null(options.tracer.pin);
	/* for the cleanup it needs no place to write */
	assert_int_equal(parse(&agent, "--unpin"), OPTIONS_RUN);
	assert_true(options.unpin);
	assert_non_null(options.tracer.pin);
}

static void test_agent(void **state)
{
	(void)state;
	assert_int_equal(setenv("RUNTIME_DIRECTORY", "/run/one:/run/two", 1), 0);
	assert_int_equal(parse(&agent, "--textfile /metrics// --json f --history h --node n "
				       "--host-root /host"),
			 OPTIONS_RUN);
	(void)unsetenv("RUNTIME_DIRECTORY");
	assert_string_equal(options.textfile, "/metrics");
	assert_string_equal(options.json_file, "f");
	assert_int_equal(options.json_file_most, 64 << 20);
	assert_string_equal(options.history, "h");
	assert_int_equal(options.history_limits.days, HISTORY_DAYS);
	assert_string_equal(options.node, "n");
	assert_string_equal(options.host_root, "/host");
	assert_true(options.protect);
	assert_int_equal(strncmp(options.socket, "/run/one/", 9), 0);
}

/* The largest sizes are allowed, and without an option each has a default. */
static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(parse(&agent, "--json f --history h"), OPTIONS_RUN);
	assert_int_equal(options.json_file_most, 64ULL << 20);
	assert_int_equal(options.otlp_queue_most, 64ULL << 20);
	assert_int_equal(options.history_limits.most_bytes, (uint64_t)HISTORY_MEBIBYTES << 20);
	assert_int_equal(parse(&agent, "--json f --json-size 1 --history h --history-size 1 "
				       "--history-days 1"),
			 OPTIONS_RUN);
	assert_int_equal(options.json_file_most, 1ULL << 20);
	assert_int_equal(options.history_limits.most_bytes, 1ULL << 20);
	assert_int_equal(options.history_limits.days, 1);
	assert_int_equal(parse(&agent, "--json f --json-size 1048576 --history h "
				       "--history-size 1048576 --history-days 100000"),
			 OPTIONS_RUN);
	assert_int_equal(options.json_file_most, 1ULL << 40);
	assert_int_equal(options.history_limits.most_bytes, 1ULL << 40);
	assert_int_equal(options.history_limits.days, 100000);
}

/* What is live is folded unless requested otherwise, and the last option counts. */
static void test_fold(void **state)
{
	(void)state;
	assert_int_equal(parse(&agent, "--journal"), OPTIONS_RUN);
	assert_true(options.fold);
	assert_int_equal(parse(&trace, ""), OPTIONS_RUN);
	assert_true(options.fold);
	assert_int_equal(parse(&trace, "--no-fold"), OPTIONS_RUN);
	assert_false(options.fold);
	assert_int_equal(parse(&replay, "file"), OPTIONS_RUN);
	assert_false(options.fold);
	assert_int_equal(parse(&replay, "--fold file"), OPTIONS_RUN);
	assert_true(options.fold);
	assert_int_equal(parse(&agent, "--journal --fold"), OPTIONS_RUN);
	assert_true(options.fold);
	assert_int_equal(parse(&agent, "--journal --fold --no-fold"), OPTIONS_RUN);
	assert_false(options.fold);
	assert_int_equal(parse(&agent, "--journal --no-fold --fold"), OPTIONS_RUN);
	assert_true(options.fold);
	assert_int_equal(parse(&agent, "--journal --no-fold"), OPTIONS_RUN);
	assert_false(options.fold);
}

static void test_past(void **state)
{
	(void)state;
	assert_int_equal(parse(&past, ""), OPTIONS_RUN);
	assert_string_equal(options.history, HISTORY_PATH);
	assert_true(options.since_ns == INT64_MIN && options.until_ns == INT64_MAX);
	assert_int_equal(parse(&past, "--since @10 --until @20 --limit 5"), OPTIONS_RUN);
	assert_int_equal(options.since_ns, 10 * NS_PER_S);
	assert_int_equal(options.until_ns, 20 * NS_PER_S);
	assert_int_equal(options.limit, 5);
}

static void test_operand(void **state)
{
	(void)state;
	assert_int_equal(parse(&replay, "deaths -o otlp"), OPTIONS_RUN);
	assert_string_equal(options.argument, "deaths");
	assert_int_equal(options.output, OUTPUT_OTLP);
	/* it prints, so it needs no other output */
	assert_false(options.journal);
}

/* The help has only the options of the command, each once. */
static void test_help(void **state)
{
	const char *first;

	(void)state;
	assert_int_equal(parse(&replay, "--help"), OPTIONS_DONE);
	assert_non_null(strstr(said, "Usage: killtrace replay [OPTION...] FILE\nReplay.\n"));
	first = strstr(said, " --history FILE");
	assert_non_null(first);
	assert_null(strstr(first + 1, " --history FILE"));
	assert_null(strstr(said, "--pin "));
	assert_int_equal(parse(&trace, "--version"), OPTIONS_DONE);
	assert_int_equal(strncmp(said, "killtrace ", 10), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mistakes, quiet, done),
		cmocka_unit_test_setup_teardown(test_trace, quiet, done),
		cmocka_unit_test_setup_teardown(test_pins, quiet, done),
		cmocka_unit_test_setup_teardown(test_agent, quiet, done),
		cmocka_unit_test_setup_teardown(test_sizes, quiet, done),
		cmocka_unit_test_setup_teardown(test_fold, quiet, done),
		cmocka_unit_test_setup_teardown(test_past, quiet, done),
		cmocka_unit_test_setup_teardown(test_operand, quiet, done),
		cmocka_unit_test_setup_teardown(test_help, quiet, done),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
