// SPDX-License-Identifier: BSD-2-Clause
/* The JSON record: parsed again, and checked byte by byte. */
#include "unit.h"

#include "line/json_record.h"
#include "line/json_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "explain/explain.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL

static const struct origin origin = { .boot_id = "11111111-2222-3333-4444-555555555555",
				      .node = "node-1" };
static struct death death;
static struct report report;
static struct attribution whose;

static void judge(const struct scenario *scenario)
{
	static struct record_builder builder;
	struct frame frame;

	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
}

/* One line of printable ASCII; returns the parsed record. */
static json_t *reload(const char *line)
{
	size_t length = strlen(line);
	json_error_t error;
	json_t *parsed;
	char *again;

	assert_true(length > 2);
	assert_int_equal(line[length - 1], '\n');
	for (size_t i = 0; i < length - 1; i++)
		assert_in_range((unsigned char)line[i], 0x20, 0x7e);
	parsed = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	if (!parsed)
		fail_msg("%s: %s", error.text, line);
	/* jansson writes the same, to the byte */
	again = json_tree_line(parsed);
	assert_string_equal(again, line);
	free(again);
	return parsed;
}

static json_t *record_of_report(void)
{
	size_t size = 0;
	char *line = json_record_of_death(&report, &size);
	json_t *parsed;

	assert_non_null(line);
	assert_int_equal(strlen(line), size);
	parsed = reload(line);
	free(line);
	return parsed;
}

static json_t *record_of(const struct scenario *scenario)
{
	judge(scenario);
	return record_of_report();
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

/* "fault.kind" in an object of objects; NULL: absent. */
static const json_t *at(const json_t *record, const char *path)
{
	char part[64];

	while (record && *path) {
		size_t length = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		record = json_object_get(record, part);
		path += length + (path[length] == '.');
	}
	return record;
}

static void expect_text(const json_t *record, const char *path, const char *want)
{
	const json_t *value = at(record, path);

	if (!value || !json_is_string(value))
		fail_msg("no text at %s", path);
	assert_string_equal(json_string_value(value), want);
}

static void expect_number(const json_t *record, const char *path, long long want)
{
	const json_t *value = at(record, path);

	if (!value || !json_is_integer(value))
		fail_msg("no number at %s", path);
	assert_true(json_integer_value(value) == want);
}

static void expect_absent(const json_t *record, const char *path)
{
	if (at(record, path))
		fail_msg("%s is there", path);
}

/* Nothing without content is written: no empty object, no empty text, no null. */
static void assert_all_say_something(const json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		assert_true(json_object_size(value) > 0);
		json_object_foreach((json_t *)value, key, member)
			assert_all_say_something(member);
		break;
	case JSON_ARRAY:
		assert_true(json_array_size(value) > 0);
		json_array_foreach(value, i, member)
			assert_all_say_something(member);
		break;
	case JSON_STRING:
		assert_true(json_string_length(value) > 0);
		break;
	default:
		assert_false(json_is_null(value));
	}
}

static void check_scenario(const struct scenario *scenario, void *context)
{
	json_t *record = record_of(scenario);
	int *count = context;

	assert_all_say_something(record);
	expect_number(record, "schema", 1);
	expect_text(record, "id", "11111111-2222-3333-4444-555555555555-7");
	expect_text(record, "cause", cause_name(report.verdict.cause));
	expect_text(record, "class", cause_class(report.verdict.cause));
	assert_int_equal(json_is_true(at(record, "routine")), report.verdict.routine);
	assert_int_equal(at(record, "fault") != NULL,
			 report.verdict.shows_fault || report.verdict.shows_kernel_fault);
	assert_int_equal(at(record, "stuck") != NULL, report.verdict.stuck);
	assert_int_equal(at(record, "exit") != NULL, !report.verdict.stuck);
	assert_int_equal(at(record, "oom") != NULL, report.verdict.shows_oom);
	assert_int_equal(at(record, "rlimit") != NULL, report.verdict.shows_rlimit);
	assert_int_equal(at(record, "sender") != NULL, report.verdict.sender == SENDER_PROCESS);
	json_decref(record);
	(*count)++;
}

static void test_stuck(void **state)
{
	json_t *record = record_of(find("stuck"));

	(void)state;
	expect_number(record, "stuck.seconds", 12);
	expect_text(record, "signal.name", "SIGKILL");
	expect_text(record, "sender.unit", "killer.service");
	json_decref(record);
}

static void test_oops_seen_as_it_began(void **state)
{
	json_t *record = record_of(find("oops-seen-as-it-began"));

	(void)state;
	expect_text(record, "fault.trap", "invalid-opcode");
	expect_number(record, "fault.trap_number", 6);
	expect_text(record, "fault.kernel_function", "ext4_lookup+0x1f");
	expect_text(record, "fault.source", "kernel_stack");
	assert_null(at(record, "fault.address"));
	assert_null(at(record, "fault.error_code"));
	assert_true(json_array_size(at(record, "kernel_stack")) == 11);
	json_decref(record);
	record = record_of(find("oops-by-a-page-fault-seen-as-it-began"));
	expect_text(record, "fault.trap", "page-fault");
	expect_text(record, "fault.address", "0x18");
	expect_number(record, "fault.error_code", 2);
	expect_text(record, "fault.source", "tracepoint");
	json_decref(record);
}

static void test_every_way_to_die(void **state)
{
	int count = 0;

	(void)state;
	scenario_each(check_scenario, &count);
	assert_true(count > 100);
}

/* A record without any evidence: only the facts of the exit are left. */
static void test_absent_evidence_is_absent(void **state)
{
	static const char *const keys[] = { "schema", "id",      "time",    "node",        "cause",
					    "class",  "routine", "summary", "fingerprint", "signal",
					    "exit",   "victim",  "evidence" };
	static struct record_builder builder;
	struct frame frame;
	json_t *record;

	(void)state;
	builder_init(&builder, 9);
	builder.record.valid = 0;
	builder.record.ppid = builder.record.ns_pid = builder.record.uid = 1234;
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	record = record_of_report();
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_non_null(json_object_get(record, keys[i]));
	assert_int_equal(json_object_size(record), COUNT(keys));
	assert_int_equal(json_object_size(at(record, "victim")), 3);
	expect_number(record, "victim.pid", BUILDER_TGID);
	expect_text(record, "victim.comm", "victim");
	expect_absent(record, "signal.code");
	assert_int_equal(json_array_size(at(record, "evidence.incomplete")), 1);
	json_decref(record);
}

/* Missing evidence has its public names; if nothing is missing, there is nothing. */
static void test_incomplete_evidence(void **state)
{
	static const char *const names[] = { "dossier", "stacks", "sender", "cgroup", "oom" };
	const json_t *list;
	json_t *record;

	(void)state;
	judge(find("kill"));
	record = record_of_report();
	expect_absent(record, "evidence");
	json_decref(record);
	judge(find("oom-signal-not-seen"));
	death.record.flags |= KT_DEATH_NOTES_LOST | KT_DEATH_DETAILS_LOST | KT_DEATH_SENDER_LOST |
			      KT_DEATH_PATH_TRUNCATED;
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	record = record_of_report();
	list = at(record, "evidence.incomplete");
	assert_int_equal(json_array_size(list), COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(json_string_value(json_array_get(list, i)), names[i]);
	json_decref(record);
}

static void test_no_sequence_no_id(void **state)
{
	json_t *record;

	(void)state;
	judge(find("kill"));
	death.sequence = 0;
	record = record_of_report();
	expect_absent(record, "id");
	json_decref(record);
}

static void test_hybrid_sender(void **state)
{
	json_t *record;

	(void)state;
	judge(find("kill"));
	strcpy(death.sender_memory_path, "/docker/x");
	record = record_of_report();
	expect_text(record, "sender.memory_cgroup", "/docker/x");
	json_decref(record);
}

static void test_slurm(void **state)
{
	json_t *record;

	(void)state;
	judge(find("kill"));
	strcpy(death.cgroup_path, "/slurm/uid_1000/job_42/step_batch/task_3");
	strcpy(death.sender_path, "/system.slice/slurmstepd.scope/job_43/step_0/slurm");
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	assert_non_null(strstr(report.summary, "of Slurm job 42 step batch was killed"));
	record = record_of_report();
	expect_text(record, "slurm.job", "42");
	expect_text(record, "slurm.step", "batch");
	expect_text(record, "slurm.task", "3");
	expect_text(record, "sender.slurm.job", "43");
	assert_null(at(record, "sender.slurm.task"));
	json_decref(record);
}

static void test_times(void **state)
{
	json_t *record = record_of(find("kill"));

	(void)state;
	expect_text(record, "time", "2023-11-14T22:15:00.001000000Z");
	expect_text(record, "victim.start_time", "2023-11-14T22:14:58.500000000Z");
	assert_true(json_real_value(at(record, "victim.age_seconds")) == 1.501);
	json_decref(record);
}

/* From the fault itself if its stack does not show it, or belongs to another. */
static void test_build_id_of_a_fault(void **state)
{
	static const char *const cases[] = { "null-write", "abort-after-a-handled-fault" };
	json_t *record;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		judge(find(cases[i]));
		death.has_fault_build_id = true;
		death.fault_build_id[0] = 0xab;
		record = record_of_report();
		expect_text(record, "fault.build_id",
			    i ? "ab00000000000000000000000000000000000000"
			      : "0102030405060708090a0b0c0d0e0f1011121314");
		json_decref(record);
		death.user_frames = 0;
		record = record_of_report();
		expect_text(record, "fault.build_id", "ab00000000000000000000000000000000000000");
		json_decref(record);
	}
}

static void test_bus_errors(void **state)
{
	static const struct {
		const char *scenario, *reason, *file_system;
	} cases[] = {
		{ "bus-beyond-file", "beyond-end", NULL },
		{ "bus-tmpfs-full", "full", "tmpfs" },
		{ "bus-tmpfs-with-room", NULL, "tmpfs" },
		{ "bus-no-huge-page", "no-free-huge-page", "hugetlbfs" },
		{ "bus-userfaultfd", "userfaultfd", NULL },
		{ "bus-daemon-gone", "daemon-gone", "fuse" },
		{ "bus-daemon-error", "daemon-error", "fuseblk" },
		{ "bus-read-failed", "read-failed", "ext4" },
		{ "bus-write-failed", "write-failed", "xfs" },
		{ "bus-of-a-device", NULL, "devtmpfs" },
		{ "bus-of-a-hostile-module", NULL, "\033[2Jfs\n" },
		{ "bus-io-error", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *record = record_of(find(cases[i].scenario));

		if (cases[i].reason)
			expect_text(record, "fault.bus_error", cases[i].reason);
		else
			assert_null(at(record, "fault.bus_error"));
		if (cases[i].file_system)
			expect_text(record, "fault.file_system", cases[i].file_system);
		else
			assert_null(at(record, "fault.file_system"));
		json_decref(record);
	}
}

static void test_figures_of_a_bus_error(void **state)
{
	json_t *record = record_of(find("bus-tmpfs-full"));

	(void)state;
	expect_number(record, "fault.size_bytes", 1048576);
	expect_number(record, "fault.used_bytes", 917504);
	assert_null(at(record, "fault.huge_pages"));
	json_decref(record);
	record = record_of(find("bus-no-huge-page"));
	expect_number(record, "fault.huge_page_bytes", 2097152);
	expect_number(record, "fault.huge_pages", 16);
	expect_number(record, "fault.huge_pages_free", 0);
	assert_null(at(record, "fault.size_bytes"));
	json_decref(record);
}

static void test_instruction(void **state)
{
	json_t *record = record_of(find("ud2"));

	(void)state;
	expect_text(record, "fault.instruction", "ud2");
	json_decref(record);
	record = record_of(find("null-write"));
	assert_null(at(record, "fault.instruction"));
	json_decref(record);
}

static void test_fault(void **state)
{
	json_t *record = record_of(find("null-write"));

	(void)state;
	expect_text(record, "fault.trap", "page-fault");
	expect_number(record, "fault.trap_number", 14);
	expect_text(record, "fault.address", "0x8");
	expect_text(record, "fault.ip", "0x401136");
	expect_text(record, "fault.sp", "0x7ffd1000");
	expect_number(record, "fault.error_code", 6);
	expect_text(record, "fault.access", "write");
	expect_text(record, "fault.kind", "null-dereference");
	expect_text(record, "fault.source", "tracepoint");
	expect_text(record, "fault.module", "victim");
	expect_text(record, "fault.module_offset", "0x1136");
	expect_text(record, "fault.build_id", "0102030405060708090a0b0c0d0e0f1011121314");
	assert_true(json_is_false(at(record, "fault.handled")));
	expect_text(record, "signal.code_name", "SEGV_MAPERR");
	assert_int_equal(json_array_size(at(record, "user_stack")), 2);
	assert_int_equal(json_array_size(at(record, "kernel_stack")), 7);
	json_decref(record);
	/* a trap without an address has none, and a stale one is not reported */
	record = record_of(find("general-protection"));
	expect_absent(record, "fault.address");
	expect_absent(record, "fault.kind");
	json_decref(record);
	record = record_of(find("sigframe-failed"));
	expect_absent(record, "fault.trap");
	expect_absent(record, "fault.address");
	expect_absent(record, "fault.error_code");
	json_decref(record);
	record = record_of(find("no-addresses"));
	expect_absent(record, "fault.address");
	expect_absent(record, "fault.ip");
	expect_absent(record, "fault.sp");
	expect_text(record, "fault.kind", "null-dereference");
	json_decref(record);
}

static void test_sender(void **state)
{
	json_t *record = record_of(find("kill"));

	(void)state;
	expect_number(record, "sender.pid", 77);
	expect_number(record, "sender.uid", 0);
	expect_text(record, "sender.comm", "killer");
	expect_text(record, "sender.cgroup", "/system.slice/killer.service");
	expect_text(record, "sender.unit", "killer.service");
	expect_number(record, "victim.threads", 3);
	json_decref(record);
	/* the process that allocated when the OOM killer chose is not the killer */
	record = record_of(find("oom-memcg"));
	expect_absent(record, "sender");
	expect_number(record, "oom.trigger.pid", 77);
	json_decref(record);
}

/* Users of a user namespace: 16 bits and the sign are no limits. */
static void test_large_uids(void **state)
{
	static const uint32_t uids[] = { 65534, 65536, 2147483648, 4294967294 };

	(void)state;
	for (size_t i = 0; i < COUNT(uids); i++) {
		char words[32];
		json_t *record;

		judge(find("kill"));
		death.record.uid = death.signal.sender_uid = uids[i];
		whose.owner.have_owner_uid = whose.sender.have_owner_uid = true;
		whose.owner.owner_uid = whose.sender.owner_uid = uids[i];
		explain_death(&origin, &death, &whose, WINDOW_NS, &report);
		record = record_of_report();
		expect_number(record, "victim.uid", uids[i]);
		expect_number(record, "sender.uid", uids[i]);
		expect_number(record, "systemd.owner_uid", uids[i]);
		(void)snprintf(words, sizeof(words), ", uid %u)", uids[i]);
		assert_non_null(
			strstr(json_string_value(json_object_get(record, "summary")), words));
		json_decref(record);
		judge(find("stop-that-timed-out"));
		death.prior[0].sender_uid = uids[i];
		record = record_of_report();
		expect_number(json_array_get(json_object_get(record, "prior_signals"), 0),
			      "sender.uid", uids[i]);
		json_decref(record);
	}
}

static void expect_real(json_t *object, const char *key, double want)
{
	assert_float_equal(json_real_value(json_object_get(object, key)), want, 1e-9);
}

/* The signals before the last one, and their senders. */
static void test_prior_signals(void **state)
{
	json_t *record = record_of(find("stop-that-timed-out")), *prior;

	(void)state;
	assert_int_equal(json_array_size(at(record, "prior_signals")), 1);
	prior = json_array_get(json_object_get(record, "prior_signals"), 0);
	expect_number(prior, "number", 15);
	expect_text(prior, "name", "SIGTERM");
	expect_real(prior, "seconds_before", 90);
	assert_true(json_is_true(json_object_get(prior, "handled")));
	expect_absent(prior, "blocked");
	expect_number(prior, "sender.pid", 1);
	expect_number(prior, "sender.uid", 0);
	expect_text(prior, "sender.comm", "systemd");
	expect_text(prior, "sender.cgroup", "/init.scope");
	expect_text(prior, "sender.unit", "init.scope");
	json_decref(record);
	record = record_of(find("kill"));
	expect_absent(record, "prior_signals");
	json_decref(record);
}

/* If a handler raised a signal again, signal and sender are those that it handled. */
static void test_echo(void **state)
{
	json_t *record = record_of(find("term-raised-again"));

	(void)state;
	expect_text(record, "signal.code_name", "SI_USER");
	expect_number(record, "sender.pid", 1);
	expect_text(record, "sender.cgroup", "/init.scope");
	json_decref(record);
	record = record_of(find("exit-after-term"));
	expect_text(record, "cause", "signal-exit");
	expect_text(record, "class", "userspace");
	expect_number(record, "signal.number", 15);
	expect_number(record, "exit.status", 143);
	expect_number(record, "sender.pid", 1);
	json_decref(record);
	record = record_of(find("seccomp-trap-whose-handler-exits"));
	expect_text(record, "seccomp.syscall_name", "getpid");
	json_decref(record);
}

static void test_sender_program(void **state)
{
	json_t *record = record_of(find("kill-of-a-process-group-by-its-parent"));

	(void)state;
	expect_text(record, "sender.comm", "killer");
	expect_text(record, "sender.exe", "supervise");
	assert_true(json_is_true(at(record, "sender.parent")));
	json_decref(record);
	record = record_of(find("parent-death-signal-of-a-thread"));
	expect_number(record, "sender.tid", 82);
	json_decref(record);
}

/* Frames without a build ID are replaced by their number. */
static void test_gaps_in_a_user_stack(void **state)
{
	static const int status[] = { KT_FRAME_IP,       KT_FRAME_BUILD_ID, KT_FRAME_IP,
				      KT_FRAME_IP,       KT_FRAME_IP,       KT_FRAME_BUILD_ID,
				      KT_FRAME_BUILD_ID, KT_FRAME_IP,       KT_FRAME_EMPTY };
	static const int gaps[] = { 1, 0, 3, 0, 0, 1 };
	json_t *record, *stack;

	(void)state;
	judge(find("null-write"));
	death.user_frames = COUNT(status);
	for (size_t i = 0; i < COUNT(status); i++)
		death.user_stack[i].status = status[i];
	record = record_of_report();
	stack = json_object_get(record, "user_stack");
	assert_int_equal(json_array_size(stack), COUNT(gaps));
	for (size_t i = 0; i < COUNT(gaps); i++) {
		json_t *entry = json_array_get(stack, i);

		if (gaps[i])
			expect_number(entry, "gap", gaps[i]);
		else
			assert_non_null(json_object_get(entry, "build_id"));
	}
	json_decref(record);
}

/* In generated code, each frame has its address, unless that is withheld. */
static void test_generated_code(void **state)
{
	static const int status[] = { KT_FRAME_GENERATED, KT_FRAME_GENERATED, KT_FRAME_IP,
				      KT_FRAME_GENERATED };
	json_t *record, *stack;

	(void)state;
	judge(find("null-write"));
	death.user_frames = COUNT(status);
	for (size_t i = 0; i < COUNT(status); i++) {
		death.user_stack[i].status = status[i];
		death.user_stack[i].offset = status[i] == KT_FRAME_GENERATED ? 0x7f00 + i : 0;
	}
	record = record_of_report();
	stack = json_object_get(record, "user_stack");
	assert_int_equal(json_array_size(stack), 4);
	for (size_t i = 0; i < COUNT(status); i++)
		expect_number(json_array_get(stack, i), "gap", 1);
	expect_text(json_array_get(stack, 0), "address", "0x7f00");
	expect_text(json_array_get(stack, 1), "address", "0x7f01");
	assert_null(json_object_get(json_array_get(stack, 2), "address"));
	expect_text(json_array_get(stack, 3), "address", "0x7f03");
	json_decref(record);
	decode_hide_addresses(&death);
	record = record_of_report();
	stack = json_object_get(record, "user_stack");
	assert_int_equal(json_array_size(stack), 1);
	expect_number(json_array_get(stack, 0), "gap", 4);
	json_decref(record);
}

static void test_oom(void **state)
{
	json_t *record = record_of(find("oom-memcg"));

	(void)state;
	expect_text(record, "oom.scope_source", "kernel_stack");
	expect_text(record, "oom.cgroup", "/system.slice/shop.service");
	expect_number(record, "oom.limit_bytes", 32 << 20);
	expect_number(record, "oom.usage_bytes", 32 << 20);
	expect_number(record, "oom.anon_rss_bytes", 30 << 20);
	expect_number(record, "oom.score_adj", 200);
	expect_number(record, "signal.code", 128);
	expect_text(record, "signal.code_name", "SI_KERNEL");
	json_decref(record);
	record = record_of(find("oom-global"));
	expect_absent(record, "oom.cgroup");
	expect_absent(record, "oom.limit_bytes");
	json_decref(record);
	record = record_of(find("oom-memcg-shared"));
	expect_number(record, "oom.shared_with_pid", 4700);
	expect_absent(record, "oom.anon_rss_bytes"); /* not taken: none is made up */
	expect_absent(record, "oom.chosen_pid");
	json_decref(record);
	record = record_of(find("oom-memcg-group-member"));
	expect_number(record, "oom.chosen_pid", 4700);
	expect_absent(record, "oom.shared_with_pid");
	json_decref(record);
}

/* The content of a limit: unknown figures are absent, never 0. */
static void test_oom_limit(void **state)
{
	json_t *record = record_of(find("oom-memcg-full-of-tmpfs"));
	const json_t *top;

	(void)state;
	expect_number(record, "oom.peak_bytes", 33 << 20);
	expect_number(record, "oom.limit_memory.shmem", 29 << 20);
	expect_number(record, "oom.limit_memory.file", 30 << 20);
	expect_number(record, "oom.limit_memory.swap", 0);
	expect_text(record, "oom.limit_memory.source", "counters");
	expect_absent(record, "oom.limit_memory.seconds_after");
	expect_absent(record, "oom.limit_memory.stale");
	expect_absent(record, "oom.limit_lowered");
	expect_absent(record, "oom.top");
	json_decref(record);
	record = record_of(find("oom-memcg-full-of-tmpfs-by-files"));
	expect_text(record, "oom.limit_memory.source", "memory.stat");
	assert_true(json_real_value(at(record, "oom.limit_memory.seconds_after")) == 0.00025);
	json_decref(record);
	/* there is no delay for a time before */
	record = record_of(find("oom-memcg-with-files-of-before"));
	expect_text(record, "oom.limit_memory.source", "memory.stat");
	expect_absent(record, "oom.limit_memory.seconds_after");
	json_decref(record);
	record = record_of(find("oom-memcg-with-old-counters"));
	assert_true(json_is_true(at(record, "oom.limit_memory.stale")));
	json_decref(record);
	record = record_of(find("oom-memcg-limit-lowered"));
	assert_true(json_is_true(at(record, "oom.limit_lowered")));
	expect_absent(record, "oom.limit_memory");
	expect_absent(record, "oom.peak_bytes");
	json_decref(record);
	record = record_of(find("oom-memcg-full-of-a-neighbours"));
	top = at(record, "oom.top");
	assert_int_equal(json_array_size(top), 3);
	expect_number(json_array_get(top, 0), "pid", 4712);
	expect_text(json_array_get(top, 0), "comm", "java");
	expect_number(json_array_get(top, 0), "anon", 28 << 20);
	/* the victim, as it was at the kill */
	expect_number(json_array_get(top, 2), "pid", 4711);
	expect_number(json_array_get(top, 2), "anon", 1 << 20);
	expect_number(json_array_get(top, 2), "file", 4 << 20);
	json_decref(record);
	/* the node's memory has no limit */
	record = record_of(find("oom-global"));
	expect_absent(record, "oom.limit_memory");
	json_decref(record);
}

static void test_limits_and_seccomp(void **state)
{
	json_t *record = record_of(find("rlimit-cpu-hard"));

	(void)state;
	expect_text(record, "rlimit.resource", "cpu");
	expect_number(record, "rlimit.hard_seconds", 1);
	json_decref(record);
	record = record_of(find("rlimit-rttime-soft"));
	expect_number(record, "rlimit.soft_microseconds", 100000);
	json_decref(record);
	record = record_of(find("seccomp-process"));
	expect_number(record, "seccomp.syscall", 39);
	expect_text(record, "seccomp.syscall_name", "getpid");
	expect_text(record, "seccomp.arch", "x86_64");
	expect_absent(record, "fault");
	json_decref(record);
	record = record_of(find("seccomp-one-thread"));
	expect_absent(record, "seccomp");
	assert_true(json_is_true(at(record, "exit.thread_only")));
	json_decref(record);
}

static void test_owners(void **state)
{
	json_t *record = record_of(find("in-a-pod"));

	(void)state;
	expect_text(record, "container.id", CONTAINER);
	expect_text(record, "container.runtime", "containerd");
	expect_text(record, "kubernetes.pod_uid", "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e");
	expect_text(record, "kubernetes.qos", "burstable");
	expect_number(record, "cgroup.id", 5150);
	expect_number(record, "cgroup.version", 2);
	json_decref(record);
	record = record_of(find("oom-in-a-pod-on-v1"));
	expect_number(record, "cgroup.id", 61);
	expect_number(record, "cgroup.version", 1);
	expect_text(record, "container.id", CONTAINER);
	json_decref(record);
	record = record_of(find("term"));
	expect_text(record, "systemd.unit", "shop.service");
	expect_text(record, "systemd.slice", "system.slice");
	expect_absent(record, "container");
	expect_absent(record, "kubernetes");
	json_decref(record);
}

static void test_exit(void **state)
{
	json_t *record = record_of(find("handler-exits"));

	(void)state;
	expect_absent(record, "exit.signal");
	expect_number(record, "exit.status", 2);
	json_decref(record);
	record = record_of(find("core-dumped"));
	expect_number(record, "exit.signal", 11);
	assert_true(json_is_true(at(record, "exit.core_dumped")));
	json_decref(record);
}

/* Names are restored exactly, except for bytes that JSON cannot hold. */
static void test_hostile_names(void **state)
{
	static const struct {
		const char *scenario, *comm, *sender;
	} names[] = {
		{ "comm-newline", "a\nkilltrace: x", "k\nl" },
		{ "comm-escape", "\033[2J\033]0;t\007", "\033[31m\x7f" },
		{ "comm-quotes", "\",\"cause\":\"\\x", "'$(id)`\"\\" },
		{ "comm-right-to-left",
		  "a\xe2\x80\xae"
		  "fdp.exe",
		  "\xe2\x81\xa6\xc2\x9b" },
		{ "comm-format", "%s%n%x%99999d", "%s%s%s%s" },
		{ "comm-unterminated", "sixteen-letters!", "killer" },
	};
	json_t *record;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		record = record_of(find(names[i].scenario));
		expect_text(record, "victim.comm", names[i].comm);
		expect_text(record, "sender.comm", names[i].sender);
		json_decref(record);
	}
	record = record_of(find("comm-not-utf8"));
	expect_text(record, "sender.comm", "\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(record);
	record = record_of(find("cgroup-names"));
	expect_text(record, "cgroup.path", "/system.slice/a\nb\033[2J.service/\xef\xbf\xbd\"}/%n");
	json_decref(record);
}

static void test_longest_names(void **state)
{
	json_t *record;

	(void)state;
	judge(find("null-write"));
	memset(death.comm, 0xff, sizeof(death.comm) - 1);
	memset(death.cgroup_path, 0xff, sizeof(death.cgroup_path) - 1);
	memset(death.memory_path, 0x7f, sizeof(death.memory_path) - 1);
	memset(death.exe, '"', sizeof(death.exe) - 1);
	memset(death.fault.module, '\\', sizeof(death.fault.module) - 1);
	for (unsigned int i = 0; i < death.signal_stack.count; i++)
		memset(death.signal_stack.name[i], 0xff, SYMBOL_SIZE - 1);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	record = record_of_report();
	assert_int_equal(json_string_length(at(record, "cgroup.path")), 3 * (KT_PATH_LEN - 1));
	assert_int_equal(json_string_length(at(record, "cgroup.memory_path")), KT_PATH_LEN - 1);
	json_decref(record);
}

static void test_kernel_addresses_stay_here(void **state)
{
	static struct record_builder builder;
	struct frame frame;
	size_t size;
	char *line;

	(void)state;
	scenario_build(find("null-write"), STACKS_NAMELESS, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	line = json_record_of_death(&report, &size);
	assert_null(strstr(line, "ffffffff"));
	assert_null(strstr(line, "kernel_stack"));
	free(line);
}

static void test_losses(void **state)
{
	struct losses losses = { .count = { [LOSS_RING_FULL] = 3, [LOSS_UNDECODABLE] = 1 } };
	json_t *record;
	size_t size;
	char *line = json_record_of_losses(&origin, &losses, 1700000000000000000, &size);

	(void)state;
	record = reload(line);
	expect_number(record, "schema", 1);
	expect_text(record, "time", "2023-11-14T22:13:20.000000000Z");
	expect_text(record, "node", "node-1");
	expect_number(record, "lost.ring_full", 3);
	expect_number(record, "lost.undecodable", 1);
	assert_int_equal(json_object_size(at(record, "lost")), 2);
	expect_absent(record, "cause");
	json_decref(record);
	free(line);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_die),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_oops_seen_as_it_began),
		cmocka_unit_test(test_absent_evidence_is_absent),
		cmocka_unit_test(test_incomplete_evidence),
		cmocka_unit_test(test_no_sequence_no_id),
		cmocka_unit_test(test_hybrid_sender),
		cmocka_unit_test(test_slurm),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_build_id_of_a_fault),
		cmocka_unit_test(test_bus_errors),
		cmocka_unit_test(test_figures_of_a_bus_error),
		cmocka_unit_test(test_instruction),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_large_uids),
		cmocka_unit_test(test_prior_signals),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_sender_program),
		cmocka_unit_test(test_gaps_in_a_user_stack),
		cmocka_unit_test(test_generated_code),
		cmocka_unit_test(test_oom),
		cmocka_unit_test(test_oom_limit),
		cmocka_unit_test(test_limits_and_seccomp),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_kernel_addresses_stay_here),
		cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
