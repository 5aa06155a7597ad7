// SPDX-License-Identifier: BSD-2-Clause
/* The sentence about a death: whole, readable, and safe to print, whatever the names. */
#include "unit.h"

#include "explain/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "decode/decode.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL

static const struct origin origin = { .boot_id = "boot", .node = "node" };
static struct death death;
static struct report report;
static struct attribution whose;

static int complain(const char *name, const char *what, const char *summary)
{
	print_error("%s: %s: \"%.200s\"\n", name, what, summary);
	return 1;
}

static bool is_clean(const char *text)
{
	char again[4 * SUMMARY_SIZE];

	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	text_valid_utf8(text, again, sizeof(again));
	return !strcmp(again, text);
}

static bool is_whole(const char *text)
{
	size_t length = strlen(text);

	return length > 20 && text[length - 1] != ' ' && text[length - 1] != ':' &&
	       text[length - 1] != ',' && text[0] != ' ';
}

/* What holds of every sentence. */
static int check(const char *name, const char *summary)
{
	int wrong = 0;

	if (!memchr(summary, 0, SUMMARY_SIZE))
		return complain(name, "is not terminated", "");
	if (!is_clean(summary))
		wrong += complain(name, "is not clean", summary);
	if (!is_whole(summary))
		wrong += complain(name, "is not whole", summary);
	return wrong;
}

/* What holds of a sentence with ordinary names in it. */
static int check_ordinary(const char *name, const char *summary)
{
	static const char *const marks[] = { "  ", "%", " ,", "(null)", "cgroup unknown of" };
	int wrong = check(name, summary);

	for (size_t i = 0; i < COUNT(marks); i++)
		if (strstr(summary, marks[i]))
			wrong += complain(name, marks[i], summary);
	return wrong;
}

static void tell(const struct scenario *scenario, enum scenario_stacks stacks)
{
	static struct record_builder builder;
	struct frame frame;

	scenario_build(scenario, stacks, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	report_make(&origin, &death, &whose, WINDOW_NS, &report);
}

static void check_scenario(const struct scenario *scenario, void *context)
{
	bool hostile = false;
	int *wrong = context;

	for (size_t i = 0; i < COUNT(hostile_scenarios); i++)
		hostile = hostile || scenario == &hostile_scenarios[i];
	for (int stacks = STACKS_NAMED; stacks <= STACKS_ABSENT; stacks++) {
		tell(scenario, (enum scenario_stacks)stacks);
		*wrong += hostile ? check(scenario->name, report.summary)
				  : check_ordinary(scenario->name, report.summary);
	}
}

static void test_every_way_to_die(void **state)
{
	int wrong = 0;

	(void)state;
	scenario_each(check_scenario, &wrong);
	assert_int_equal(wrong, 0);
}

/* Whatever the cause, with all evidence and with none. */
static void test_every_cause(void **state)
{
	static const struct scenario bare = { .name = "bare", .status = 9 };
	int wrong = 0;

	(void)state;
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		const struct scenario *const ways[] = { &bare, &page_fault_scenarios[0],
							&oom_scenarios[0], &rlimit_scenarios[1],
							&sigkill_scenarios[0] };

		for (size_t i = 0; i < COUNT(ways); i++) {
			tell(ways[i], STACKS_NAMED);
			report.verdict.cause = (enum cause)cause;
			summary_write(&report, report.summary, sizeof(report.summary));
			wrong += check_ordinary(cause_name((enum cause)cause), report.summary);
		}
	}
	assert_int_equal(wrong, 0);
}

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < SCENARIO_GROUPS; i++)
		for (size_t j = 0; j < scenario_groups[i].count; j++)
			if (!strcmp(scenario_groups[i].scenarios[j].name, name))
				return &scenario_groups[i].scenarios[j];
	fail_msg("no scenario '%s'", name);
	return NULL;
}

/* Who, of whom, how it ended, and why: the words that somebody needs. */
static void test_what_is_said(void **state)
{
	static const struct {
		const char *scenario;
		const char *words[6];
	} said[] = {
		{ "null-write",
		  { "victim (pid 4711, uid 1000)", "shop.service", "SIGSEGV", "null-dereference",
		    "write", "0x8" } },
		{ "null-write", { "victim+0x1136" } },
		{ "kill",
		  { "shop.service", "SIGKILL", "killer (pid 77, uid 0)", "killer.service" } },
		{ "kill-by-itself", { "SIGKILL", "by itself" } },
		{ "killer-not-seen", { "SIGKILL", "nobody that was seen" } },
		{ "oom-memcg",
		  { "SIGKILL", "/system.slice/shop.service", "limit of 32.0 MiB", "34.0 MiB" } },
		{ "oom-global-swapped", { "node ran out of memory", "5.0 GiB of swap" } },
		{ "oom-memcg-shared", { "shared", "pid 4700" } },
		{ "oom-sysrq", { "sysrq" } },
		{ "seccomp-process", { "seccomp", "getpid" } },
		{ "seccomp-one-thread", { "thread 4711", "SIGSYS", "lives on" } },
		{ "rlimit-cpu-hard", { "hard", "RLIMIT_CPU", "1 s" } },
		{ "rlimit-rttime-soft", { "soft", "RLIMIT_RTTIME", "100000 us" } },
		{ "rlimit-fsize", { "RLIMIT_FSIZE", "4.0 KiB" } },
		{ "pipe", { "SIGPIPE", "kernel", "pipe_write" } },
		{ "handler-exits", { "exited with status 2", "handler", "null-dereference" } },
		{ "abort-after-a-handled-fault", { "SIGABRT", "aborted", "null-dereference" } },
		{ "bus-beyond-file", { "SIGBUS", "beyond the end" } },
		{ "in-a-pod",
		  { "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e", CONTAINER, "containerd", "pod" } },
		{ "in-a-user-unit", { "editor.service" } },
		{ "in-a-machine", { "machine deb" } },
		{ "pidns-teardown", { "pid namespace", "killer" } },
		{ "realtime", { "SIGRTMIN+3" } },
		{ "oops-by-a-page-fault", { "oops", "page-fault", "ext4_lookup", "0x18" } },
		{ "oops-seen-as-it-began", { "oops", "invalid-opcode in ext4_lookup+0x1f" } },
		{ "oops-by-a-page-fault-seen-as-it-began", { "in ext4_lookup+0x1f", "0x18" } },
		{ "oom-memcg-group-member", { "32.0 MiB", "killed along with pid 4700" } },
		{ "stuck", { "has not died for 12 s after SIGKILL: by killer", "killer.service" } },
		{ "stuck-victim-of-oom", { "has not died for 12 s after SIGKILL", "32.0 MiB" } },
		{ "stuck-for-how-long-is-unknown", { "has not died for 0 s" } },
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(said); i++) {
		tell(find(said[i].scenario), STACKS_NAMED);
		for (size_t j = 0; j < COUNT(said[i].words) && said[i].words[j]; j++)
			if (!strstr(report.summary, said[i].words[j]))
				wrong += complain(said[i].scenario, said[i].words[j],
						  report.summary);
	}
	assert_int_equal(wrong, 0);
}

static void test_no_address_is_made_up(void **state)
{
	(void)state;
	tell(find("no-addresses"), STACKS_NAMED);
	assert_null(strstr(report.summary, "0x"));
	tell(find("oops-without-addresses"), STACKS_NAMED);
	assert_null(strstr(report.summary, "address"));
}

/* Names are never a format. */
static void test_percent_signs_are_letters(void **state)
{
	(void)state;
	tell(find("comm-format"), STACKS_NAMED);
	assert_non_null(strstr(report.summary, "%s%n%x%99999d (pid 4711"));
	assert_non_null(strstr(report.summary, "%s%s%s%s (pid 77"));
}

static void fill(char *text, size_t size, const char *pattern)
{
	for (size_t i = 0; i < size - 1; i++)
		text[i] = pattern[i % strlen(pattern)];
	text[size - 1] = '\0';
}

/*
 * The longest names that can be, of characters of every length: the sentence stays clean, and
 * nobody can push the reason out of it by the name of a cgroup.
 */
static void test_longest_names(void **state)
{
	static const char *const patterns[] = {
		"/a", "\n", "\xc3\xbc", "x\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\\"
	};
	static const char *const ways[] = { "kill", "null-write", "oom-memcg", "pidns-teardown" };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++) {
		for (size_t j = 0; j < COUNT(ways); j++) {
			tell(find(ways[j]), STACKS_NAMED);
			fill(death.comm, sizeof(death.comm), patterns[i]);
			fill(death.cgroup_path, sizeof(death.cgroup_path), patterns[i]);
			fill(death.sender_path, sizeof(death.sender_path), patterns[i]);
			fill(death.oom_limit_path, sizeof(death.oom_limit_path), patterns[i]);
			fill(death.signal.sender_comm, sizeof(death.signal.sender_comm),
			     patterns[i]);
			fill(death.fault.module, sizeof(death.fault.module), patterns[i]);
			attribution_read(&death, &whose);
			report_make(&origin, &death, &whose, WINDOW_NS, &report);
			wrong += check(ways[j], report.summary);
			if (!strstr(report.summary, "was killed by SIG"))
				wrong += complain(ways[j], "does not say what happened",
						  report.summary);
			if (j == 2 && !strstr(report.summary, "reached its limit of 32.0 MiB"))
				wrong += complain(ways[j], "does not say why", report.summary);
		}
	}
	assert_int_equal(wrong, 0);
}

/* Written into less room, it is cut, and nothing is written behind. */
static void test_every_size(void **state)
{
	(void)state;
	tell(find("comm-right-to-left"), STACKS_NAMED);
	memcpy(death.comm, "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xbc", 10);
	for (size_t size = 1; size < SUMMARY_SIZE; size++) {
		char *text = malloc(size);

		assert_non_null(text);
		summary_write(&report, text, size);
		assert_non_null(memchr(text, 0, size));
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_die),
		cmocka_unit_test(test_every_cause),
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_no_address_is_made_up),
		cmocka_unit_test(test_percent_signs_are_letters),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_every_size),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
