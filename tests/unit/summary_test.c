// SPDX-License-Identifier: BSD-2-Clause
/* The sentence about a death: complete, readable, and safe to print, whatever the names. */
#include "unit.h"

#include "explain/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "decode/decode.h"
#include "explain/explain.h"
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

/* Holds for every sentence. */
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

/* Holds for sentences with ordinary names. */
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
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
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

/* For every cause, with all evidence and with none. */
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

/* Victim, owner, end and reason: the words that a reader needs. */
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
		{ "killer-not-seen",
		  { "SIGKILL: who sent it is not known, because it could not be recorded" } },
		{ "killer-not-noted",
		  { "who sent it is not known, because it could not be recorded",
		    "; its evidence is incomplete: no note about what ended it" } },
		{ "killer-without-its-cgroup",
		  { "; its evidence is incomplete: no stacks, no cgroup of the sender" } },
		{ "oom-of-unknown-scope", { "OOM killer chose it", "not known", "30.2 MiB" } },
		{ "stop-that-timed-out",
		  { "by systemd (pid 1, uid 0) in init.scope, 90 s after asking it to stop "
		    "(SIGTERM)" } },
		{ "watchdog-then-kill",
		  { "9.5 s after making it abort (SIGABRT, which was blocked)" } },
		{ "runtime-that-starts-one-for-each", { "10 s after asking it to stop" } },
		{ "term-raised-again",
		  { "SIGTERM: by systemd (pid 1, uid 0) in init.scope",
		    "; its own handler took it and raised it again" } },
		{ "stop-that-was-ignored",
		  { ", 90 s after asking it to stop (SIGTERM, which it ignored)" } },
		{ "stop-that-was-ignored-for-init",
		  { ", 10 s after asking it to stop (SIGTERM, which was ignored: it is the first "
		    "process of a container" } },
		{ "abort-of-a-watchdog-raised-again", { "SIGABRT: by systemd (pid 1, uid 0)" } },
		{ "raised-again-and-the-first-is-not-known", { "who had sent it is not known" } },
		{ "cpu-limit-raised-again", { "RLIMIT_CPU of 1 s; its own handler took it" } },
		{ "exit-after-term",
		  { "exited with status 143 after it handled SIGTERM, sent by systemd (pid 1, uid 0) in "
		    "init.scope" } },
		{ "abort-that-is-ignored", { "SIGABRT is ignored for the first process" } },
		{ "abort-that-is-ignored-after-a-fault",
		  { "after null-dereference, write at 0x8" } },
		{ "seccomp-trap-whose-handler-crashes", { "the system call getpid" } },
		{ "seccomp-trap-whose-handler-exits", { "the system call getpid", "status 159" } },
		{ "general-protection-raised-again", { "general-protection in victim+0x1136" } },
		{ "crash-handler-that-crashes",
		  { "null-dereference, write at 0x8", "; its handler of that crashed as well" } },
		{ "crash-handler-that-crashes-elsewhere",
		  { "null-dereference, write at 0x8",
		    "; its handler of that crashed as well, at 0x99900000000 in "
		    "libreport.so.1+0x4242" } },
		{ "abort-handler-that-exits",
		  { "exited with status 3 after SIGABRT: it aborted itself; its own handler took it" } },
		{ "abort-handler-that-exits-after-a-fault",
		  { "status 3 after SIGABRT: it aborted itself after null-dereference, write at 0x8" } },
		{ "abort-handler-that-exits-in-that-of-a-watchdog's-abort",
		  { "after it handled SIGABRT, sent by systemd" } },
		{ "abort-handler-that-crashes",
		  { "killed by SIGSEGV: it aborted itself; its handler of SIGABRT crashed, at "
		    "0x99900000000 in libreport.so.1+0x4242" } },
		{ "abort-handler-that-crashes-without-details",
		  { "it aborted itself; its handler of SIGABRT crashed; its evidence" } },
		{ "abort-handler-that-crashes-after-a-fault",
		  { "after null-dereference, write at 0x8",
		    "; its handler of SIGABRT crashed, at 0x99900000000 in "
		    "libreport.so.1+0x4242" } },
		{ "fault-held-by-a-tracer-for-long", { "a tracer held it" } },
		{ "mqueue", { "message queue" } },
		{ "file-with-segv",
		  { "it had asked for notice of an open file (O_ASYNC), and has no handler" } },
		{ "interrupt-from-a-terminal", { "SIGINT: Ctrl-C or the like on its terminal" } },
		{ "io-possible", { "killed by SIGPOLL: it had asked for notice of an open file" } },
		{ "tty-hangup", { "SIGHUP: its terminal hung up" } },
		{ "orphaned-process-group", { "its stopped process group was orphaned" } },
		{ "injected-while-blocked", { "by its tracer" } },
		{ "bpf-send-signal", { "BPF program" } },
		{ "kill-of-all", { "kill(-1)" } },
		{ "kill-of-a-process-group-by-its-parent",
		  { "by its parent killer (pid 77, uid 0, program supervise)", "process group" } },
		{ "parent-death-signal-of-a-thread",
		  { "the thread (tid 82) of its parent", "goes by thread" } },
		{ "deadline-overrun", { "SCHED_DEADLINE" } },
		{ "rseq", { "rseq" } },
		{ "killed-after-another-had-asked", { "by killer (pid 77, uid 0)" } },
		{ "oom-memcg",
		  { "SIGKILL", "/system.slice/shop.service",
		    "limit of 32.0 MiB; victim itself held 30.2 MiB" } },
		{ "oom-memcg-limit-lowered",
		  { "its memory cgroup /system.slice/shop.service used more than the new limit of 32.0 MiB, "
		    "set by killer (pid 77, uid 0); victim itself held" } },
		{ "oom-memcg-full-of-tmpfs",
		  { "reached its limit of 32.0 MiB: 29.0 MiB of that are tmpfs files and shared memory "
		    "(/dev/shm); victim itself held 1.0 MiB, 64.0 KiB of shared memory "
		    "(and 4.0 MiB of mapped files, which may be charged to another cgroup)" } },
		{ "oom-memcg-full-of-page-cache", { ": 28.0 MiB of that are cached files;" } },
		{ "oom-memcg-full-of-the-kernels",
		  { ": 29.0 MiB of that are memory of the kernel;" } },
		{ "oom-memcg-full-of-sockets", { ": 28.0 MiB of that are buffers of sockets;" } },
		{ "oom-memcg-full-of-a-neighbours",
		  { ": 29.0 MiB of that are held by other processes (mostly java, pid 4712);" } },
		{ "oom-memcg-full-beside-a-newcomer",
		  { ": 29.0 MiB of that are held by other processes;" } },
		{ "oom-memcg-full-of-many", { ": 29.0 MiB of that are held by other processes;" } },
		{ "oom-memcg-full-of-tmpfs-by-files", { ": 29.0 MiB of that are tmpfs files" } },
		{ "oom-memcg-full-of-a-neighbours-by-files",
		  { ": at least 28.0 MiB of that are held by other processes;" } },
		{ "oom-memcg-with-old-counters", { "limit of 32.0 MiB; victim itself held" } },
		{ "oom-memcg-with-old-counters-and-files",
		  { ": 30.0 MiB of that are tmpfs files" } },
		{ "oom-memcg-full-of-several-things", { "limit of 32.0 MiB; victim itself held" } },
		{ "oom-memcg-full-of-the-victims",
		  { "limit of 32.0 MiB; victim itself held 30.2 MiB" } },
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
		{ "ud2",
		  { "invalid-opcode (ud2: a trap that was compiled in, such as an assertion, a "
		    "sanitizer or __builtin_trap()) in victim+0x1136" } },
		{ "avx-512-missing",
		  { "(encoded as an AVX-512 instruction, which this CPU or its system may not "
		    "have)" } },
		{ "wild-pointer",
		  { "general-protection (often a pointer that is no valid address) in" } },
		{ "bad-selector", { "general-protection in victim+0x1136" } },
		{ "hlt", { "(hlt: how a C library ends a program that cannot go on)" } },
		{ "amx-denied", { "SIGILL (encoded as an AMX instruction" } },
		{ "int3", { "breakpoint (int3" } },
		{ "arm64-brk", { "breakpoint (brk" } },
		{ "bus-beyond-file", { "SIGBUS", "beyond the end" } },
		{ "bus-tmpfs-full",
		  { "SIGBUS: no room left in its tmpfs (about 896.0 KiB of 1.0 MiB used), write at" } },
		{ "bus-tmpfs-with-room", { "a page of a mapped file on tmpfs was not available" } },
		{ "bus-no-huge-page", { "no free huge page of 2.0 MiB (the node has 16)" } },
		{ "bus-userfaultfd", { "had asked userfaultfd for SIGBUS" } },
		{ "bus-daemon-gone", { "the FUSE daemon of a mapped file is gone" } },
		{ "bus-daemon-error", { "answered with an error" } },
		{ "bus-read-failed",
		  { "a page of a mapped file on ext4 could not be read, read at" } },
		{ "bus-write-failed", { "on xfs could not be read, or there was no room for it" } },
		{ "bus-of-a-device", { "a mapped file on devtmpfs was not available" } },
		{ "bus-io-error", { "page-fault, read at" } },
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

#define SPOIL(field) spoil(field, sizeof(field), pattern)

/* Of any length, and without a NUL at the end of a wire field. */
static void spoil(char *field, size_t size, const char *pattern)
{
	for (size_t i = 0; i < size - 1; i++)
		field[i] = pattern[i % strlen(pattern)];
	field[size - 1] = '\0';
}

static void spoil_owner(struct owner *owner, struct names *names, const char *pattern)
{
	SPOIL(owner->runtime);
	SPOIL(owner->enclosing_runtime);
	SPOIL(owner->enclosing_id);
	SPOIL(owner->slice);
	SPOIL(owner->qos);
	SPOIL(owner->podman_pod);
	SPOIL(owner->slurm_task);
	SPOIL(names->runtime);
	SPOIL(names->image);
}

/*
 * Owners are read from a recording, too: all parts are foreign. Each in turn comes first in the
 * sentence.
 */
static void spoil_nearest(struct owner *owner, struct names *names, int way, const char *pattern)
{
	if (way == 0)
		SPOIL(owner->container_id);
	else if (way == 1)
		SPOIL(owner->pod_uid);
	else if (way == 2)
		SPOIL(owner->machine);
	else if (way == 3)
		SPOIL(owner->session);
	else if (way == 4)
		SPOIL(owner->user_unit);
	else if (way == 5)
		SPOIL(owner->unit);
	owner->have_owner_uid = true;
	if (way == 6) {
		SPOIL(owner->container_id);
		SPOIL(names->pod);
		SPOIL(names->namespace);
		SPOIL(names->name);
	}
}

static void spoil_death(const char *pattern)
{
	SPOIL(death.comm);
	SPOIL(death.exe);
	SPOIL(death.cgroup_path);
	SPOIL(death.memory_path);
	SPOIL(death.systemd_path);
	SPOIL(death.sender_path);
	SPOIL(death.sender_exe);
	SPOIL(death.oom_limit_path);
	SPOIL(death.signal.sender_comm);
	SPOIL(death.signal.target_comm);
	SPOIL(death.fault.module);
	SPOIL(death.kernel_fault_name);
	for (unsigned int i = 0; i < death.limit_top_count; i++)
		SPOIL(death.limit_top[i].comm);
	for (unsigned int i = 0; i < death.signal_stack.count; i++)
		SPOIL(death.signal_stack.name[i]);
	for (unsigned int i = 0; i < death.oops_stack.count; i++)
		SPOIL(death.oops_stack.name[i]);
}

static void check_spoiled(const struct scenario *scenario, void *context)
{
	static const char *const patterns[] = { "\033[31m",      "\n",  "\x9b", "\xc2\x9b", "\x7f",
						"a\xe2\x80\xae", "%n%s" };
	int *wrong = context;

	for (size_t i = 0; i < COUNT(patterns); i++) {
		for (int way = 0; way < 8; way++) {
			tell(scenario, STACKS_NAMED);
			memset(&whose, 0, sizeof(whose));
			spoil_owner(&whose.owner, &whose.names, patterns[i]);
			spoil_owner(&whose.sender, &whose.sender_names, patterns[i]);
			spoil_nearest(&whose.owner, &whose.names, way, patterns[i]);
			spoil_nearest(&whose.sender, &whose.sender_names, way, patterns[i]);
			spoil_death(patterns[i]);
			summary_write(&report, report.summary, sizeof(report.summary));
			*wrong += check(scenario->name, report.summary);
		}
	}
}

static void test_every_string_of_a_record_is_anothers(void **state)
{
	int wrong = 0;

	(void)state;
	scenario_each(check_spoiled, &wrong);
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

/* Names are never used as a format. */
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
 * The longest possible names, with characters of every length: the sentence stays clean, and the
 * name of a cgroup cannot push out the reason.
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
			explain_death(&origin, &death, &whose, WINDOW_NS, &report);
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

/* With less room it is cut, and nothing is written behind it. */
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
		cmocka_unit_test(test_every_string_of_a_record_is_anothers),
		cmocka_unit_test(test_no_address_is_made_up),
		cmocka_unit_test(test_percent_signs_are_letters),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_every_size),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
