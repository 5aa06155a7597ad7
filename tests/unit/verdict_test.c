// SPDX-License-Identifier: BSD-2-Clause
/* Every way to die in scenarios.h, from the bytes of the wire to the verdict. */
#include "unit.h"

#include "explain/verdict.h"

#include <stdio.h>

#include "decode/decode.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL

static int differ(const char *name, const char *what, const char *want, const char *got)
{
	print_error("%s: %s is %s, must be %s\n", name, what, got, want);
	return 1;
}

static int check_flag(const char *name, const char *what, bool want, bool got)
{
	return want == got ? 0
			   : differ(name, what, want ? "true" : "false", got ? "true" : "false");
}

static int check_number(const char *name, const char *what, int want, int got)
{
	char wanted[16], was[16];

	snprintf(wanted, sizeof(wanted), "%d", want);
	snprintf(was, sizeof(was), "%d", got);
	return want == got ? 0 : differ(name, what, wanted, was);
}

static const char *or_none(const char *text)
{
	return text ? text : "none";
}

static int check_verdict(const char *name, const struct expectation *want,
			 const struct verdict *got)
{
	int wrong = 0;

	if (want->cause != got->cause)
		wrong += differ(name, "cause", cause_name(want->cause), cause_name(got->cause));
	wrong += check_number(name, "incomplete", (int)want->incomplete, (int)got->incomplete);
	wrong += check_flag(name, "routine", want->routine, got->routine);
	wrong += check_flag(name, "trap_is_fresh", want->fresh, got->trap_is_fresh);
	wrong += check_flag(name, "shows_fault", want->shows_fault, got->shows_fault);
	wrong += check_flag(name, "shows_kernel_fault", want->shows_kernel_fault,
			    got->shows_kernel_fault);
	wrong += check_flag(name, "shows_oom", want->shows_oom, got->shows_oom);
	wrong += check_flag(name, "shows_rlimit", want->shows_rlimit, got->shows_rlimit);
	wrong += check_flag(name, "shows_seccomp", want->shows_seccomp, got->shows_seccomp);
	wrong += check_number(name, "sender", (int)want->sender, (int)got->sender);
	if (want->kind != got->fault_kind)
		wrong += differ(name, "fault kind", or_none(fault_kind_name(want->kind)),
				or_none(fault_kind_name(got->fault_kind)));
	if (want->access != got->access)
		wrong += differ(name, "access", or_none(fault_access_name(want->access)),
				or_none(fault_access_name(got->access)));
	if (want->scope != got->scope_source)
		wrong += differ(name, "scope source", or_none(scope_source_name(want->scope)),
				or_none(scope_source_name(got->scope_source)));
	return wrong;
}

static void reach(const struct scenario *scenario, enum scenario_stacks stacks, struct verdict *ret)
{
	static struct record_builder builder;
	static struct death death;
	struct frame frame;

	scenario_build(scenario, stacks, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	verdict_reach(&death, WINDOW_NS, ret);
}

static void check_scenario(const struct scenario *scenario, void *context)
{
	static const char *const suffixes[] = {
		[STACKS_NAMED] = "", [STACKS_NAMELESS] = " (nameless)", [STACKS_ABSENT] = " (without stacks)"
	};
	struct verdict verdict;
	char name[128];
	int *wrong = context;

	for (int stacks = STACKS_NAMED; stacks <= STACKS_ABSENT; stacks++) {
		const struct expectation *want = &scenario->expect;

		if (stacks != STACKS_NAMED && scenario->nameless)
			want = scenario->nameless;
		if (stacks == STACKS_ABSENT && scenario->stackless)
			want = scenario->stackless;
		snprintf(name, sizeof(name), "%s%s", scenario->name, suffixes[stacks]);
		/* the verdict must not depend on what was in the struct */
		memset(&verdict, 0x5a, sizeof(verdict));
		reach(scenario, (enum scenario_stacks)stacks, &verdict);
		*wrong += check_verdict(name, want, &verdict);
		*wrong += check_flag(name, "thread_only", scenario->kind == KT_RECORD_THREAD_DEATH,
				     verdict.thread_only);
		*wrong +=
			check_flag(name, "stuck", scenario->kind == KT_RECORD_STUCK, verdict.stuck);
	}
}

static void test_every_way_to_die(void **state)
{
	int wrong = 0;

	(void)state;
	scenario_each(check_scenario, &wrong);
	assert_int_equal(wrong, 0);
}

/*
 * earlyoom and nohang first ask a process to end: its death is due to lack of memory, and not
 * routine.
 */
static const struct scenario asked[] = {
	{ .name = "asked-by-earlyoom",
	  SENT(SIGTERM, 0, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/system.slice/earlyoom.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "asked-by-earlyoom-on-linux-7.3",
	  SENT_NOINFO(SIGTERM, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/system.slice/earlyoom.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "asked-by-the-name-of-earlyoom",
	  SENT(SIGTERM, 0, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/system.slice/shop.service",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
};

static void test_oom_daemons_ask_first(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++)
		check_scenario(&asked[i], &wrong);
	assert_int_equal(wrong, 0);
}

static void note_cause(const struct scenario *scenario, void *context)
{
	bool *seen = context;

	seen[scenario->expect.cause] = true;
}

static void test_every_cause_has_a_scenario(void **state)
{
	bool seen[CAUSE_COUNT] = { false };
	int missing = 0;

	(void)state;
	scenario_each(note_cause, seen);
	for (int i = 0; i < CAUSE_COUNT; i++) {
		if (seen[i])
			continue;
		print_error("%s: no scenario ends in it\n", cause_name((enum cause)i));
		missing++;
	}
	assert_int_equal(missing, 0);
}

/* The public names and the deciders, as documented. */
static void test_causes_have_their_names_and_classes(void **state)
{
	static const struct {
		const char *class;
		const char *names[27];
	} classes[] = {
		{ "kernel", { "oom-global",         "oom-memcg",
			      "oom-cpuset",         "oom-mempolicy",
			      "oom-sysrq",          "segfault",
			      "general-protection", "illegal-instruction",
			      "divide-error",       "floating-point",
			      "breakpoint",         "alignment-check",
			      "control-protection", "bus-error",
			      "memory-failure",     "seccomp",
			      "rlimit-cpu",         "rlimit-fsize",
			      "rlimit-rttime",      "oops",
			      "exec-failed",        "sigframe-failed",
			      "pidns-teardown",     "parent-death-signal",
			      "ptrace-exitkill",    "kernel-signal" } },
		{ "userspace",
		  { "cgroup-kill", "oom-userspace", "sigkill", "abort", "signal", "signal-exit" } },
		{ "runtime", { "runtime-crash" } },
	};
	int count = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(classes); i++) {
		for (const char *const *name = classes[i].names; *name; name++, count++) {
			enum cause cause = cause_by_name(*name);

			assert_int_not_equal(cause, CAUSE_COUNT);
			assert_string_equal(cause_name(cause), *name);
			assert_string_equal(cause_class(cause), classes[i].class);
		}
	}
	assert_int_equal(count, CAUSE_COUNT);
	assert_int_equal(cause_by_name("segfaults"), CAUSE_COUNT);
	assert_int_equal(cause_by_name(""), CAUSE_COUNT);
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

/* The caller decides, to the nanosecond, how long a handled fault explains later events. */
static void test_window(void **state)
{
	static struct record_builder builder;
	static struct death death;
	struct verdict verdict;
	struct frame frame;

	(void)state;
	scenario_build(find("abort-after-a-handled-fault"), STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	verdict_reach(&death, 5000000, &verdict);
	assert_true(verdict.shows_fault);
	verdict_reach(&death, 4999999, &verdict);
	assert_false(verdict.shows_fault);
	/* a fault after the signal explains nothing */
	death.fault.time_ns = death.signal.time_ns + 1;
	verdict_reach(&death, UINT64_MAX, &verdict);
	assert_false(verdict.shows_fault);
}

/* A runtime left its handler, and its report took longer than any window. */
static void test_late_report(void **state)
{
	static const int asked[] = { SIGILL, SIGSYS, SIGTRAP };
	static struct record_builder builder;
	static struct death death;
	struct kt_fault *fault = &death.fault;
	struct verdict verdict;
	struct frame frame;

	(void)state;
	scenario_build(find("abort-after-a-handled-fault"), STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	fault->handled_count = 1;
	fault->valid |= KT_FAULT_HAS_MODULE;
	fault->tid = death.signal.sender_tid;
	fault->time_ns = death.signal.time_ns - 1400000000;
	verdict_reach(&death, 0, &verdict);
	assert_true(verdict.shows_fault);
	/* each fact is necessary */
	fault->time_ns--;
	verdict_reach(&death, 0, &verdict);
	assert_false(verdict.shows_fault);
	fault->time_ns++;
	fault->tid++;
	verdict_reach(&death, 0, &verdict);
	assert_false(verdict.shows_fault);
	fault->tid--;
	fault->handled_count = 2;
	verdict_reach(&death, 0, &verdict);
	assert_false(verdict.shows_fault);
	fault->handled_count = 1;
	fault->valid &= ~(uint32_t)KT_FAULT_HAS_MODULE;
	verdict_reach(&death, 0, &verdict);
	assert_false(verdict.shows_fault);
	fault->valid |= KT_FAULT_HAS_MODULE;
	/* signals that a runtime uses as a request */
	for (size_t i = 0; i < COUNT(asked); i++) {
		fault->number = asked[i];
		verdict_reach(&death, 0, &verdict);
		assert_false(verdict.shows_fault);
	}
	fault->number = SIGFPE;
	verdict_reach(&death, 0, &verdict);
	assert_true(verdict.shows_fault);
}

/* Whatever a record contains, there is a verdict. */
static void test_any_numbers(void **state)
{
	static struct death death;
	struct verdict verdict;
	uint32_t seed = 20240229;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		unsigned char *bytes = (unsigned char *)&death.signal;

		memset(&death, 0, sizeof(death));
		for (size_t i = 0; i < sizeof(death.signal); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (unsigned char)(seed >> 24);
		}
		death.record.kind = KT_RECORD_DEATH;
		death.record.status = seed & 0xff;
		death.signal.number = (__s32)(seed >> 8 & 0x3f);
		death.signal.siginfo_kind = seed >> 14 & 3;
		death.has_signal = seed >> 16 & 1;
		death.has_fault = seed >> 17 & 1;
		death.has_oom = seed >> 18 & 1;
		death.has_rlimit = seed >> 19 & 1;
		death.fault.number = (__s32)(seed >> 20 & 0x1f);
		death.fault.code = (__s32)(seed >> 3 & 0xf);
		death.fault.time_ns = seed & 1 ? death.signal.time_ns : seed;
		verdict_reach(&death, WINDOW_NS, &verdict);
		assert_in_range(verdict.cause, 0, CAUSE_COUNT - 1);
		assert_non_null(cause_class(verdict.cause));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_die),
		cmocka_unit_test(test_oom_daemons_ask_first),
		cmocka_unit_test(test_every_cause_has_a_scenario),
		cmocka_unit_test(test_causes_have_their_names_and_classes),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_late_report),
		cmocka_unit_test(test_any_numbers),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
