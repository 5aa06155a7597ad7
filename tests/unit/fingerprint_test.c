// SPDX-License-Identifier: BSD-2-Clause
/* What must change a fingerprint, and what must not: docs/fingerprint.md as a table. */
#include "unit.h"

#include "explain/fingerprint.h"

#include <string.h>

#include "decode/decode.h"
#include "explain/explain.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL

struct story {
	struct origin origin;
	struct death death;
	struct attribution whose;
	struct report report;
};

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < SCENARIO_GROUPS; i++)
		for (size_t j = 0; j < scenario_groups[i].count; j++)
			if (!strcmp(scenario_groups[i].scenarios[j].name, name))
				return &scenario_groups[i].scenarios[j];
	fail_msg("no scenario '%s'", name);
	return NULL;
}

static void begin(const char *scenario, struct story *ret)
{
	static struct record_builder builder;
	struct frame frame;

	memset(ret, 0, sizeof(*ret));
	ret->origin = (struct origin){ .boot_id = "boot", .node = "node" };
	scenario_build(find(scenario), STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &ret->death), 0);
	attribution_read(&ret->death, &ret->whose);
}

static const char *end(struct story *story)
{
	explain_death(&story->origin, &story->death, &story->whose, WINDOW_NS, &story->report);
	return story->report.fingerprint;
}

static void set_path(struct story *story, const char *path)
{
	(void)snprintf(story->death.cgroup_path, sizeof(story->death.cgroup_path), "%s", path);
	attribution_read(&story->death, &story->whose);
}

/* Values that differ in each death of the same kind. */

static void other_ids(struct story *story)
{
	struct death *death = &story->death;

	death->sequence += 100;
	death->record.tgid = death->record.tid = 1234;
	death->record.ppid = 99;
	death->record.ns_pid = 1;
	death->record.uid = 4242;
	death->record.cgroup_id = 77;
	death->signal.sender_pid = death->signal.sender_tid = 888;
	death->signal.target_tid = 1234;
	death->fault.tid = 1234;
	death->oom.shared_with_pid = 5;
}

static void other_time(struct story *story)
{
	struct death *death = &story->death;

	death->realtime_offset_ns += 86400 * 1000000000LL;
	death->record.time_ns += 5000000;
	death->record.start_ns += 400;
	death->signal.time_ns += 4000000;
	death->fault.time_ns += 4000000;
	death->oom.time_ns += 4000000;
}

static void other_addresses(struct story *story)
{
	struct death *death = &story->death;

	if (death->fault.address > 0x10000)
		death->fault.address += 0x7000;
	death->fault.ip += 0x7f1230000000;
	death->fault.sp += 0x10000;
	death->kernel_fault.address += 0x1000;
	death->kernel_fault.ip += 0x200000;
	for (int i = 0; i < KT_KERNEL_FRAMES; i++)
		death->signal_stack.address[i] += 0x200000;
	for (unsigned int i = 0; i < death->user_frames; i++)
		if (death->user_stack[i].status != KT_FRAME_BUILD_ID)
			death->user_stack[i].offset += 0x7000;
}

static void other_node(struct story *story)
{
	(void)snprintf(story->origin.node, sizeof(story->origin.node), "elsewhere");
	(void)snprintf(story->origin.boot_id, sizeof(story->origin.boot_id), "later");
}

static void other_figures(struct story *story)
{
	struct death *death = &story->death;

	death->oom.anon_rss_bytes += 4096;
	death->oom.usage_bytes += 4096;
	death->oom.total_vm_bytes += 1 << 20;
	death->oom.score_adj = 300;
	death->fault.handled_count += death->fault.handled_count ? 7 : 0;
	death->signal.threads += 3;
	death->rlimit.cpu_used_ns += 1000;
}

/* Addresses of kernel functions differ between kernels. */
static void other_kernel(struct story *story)
{
	struct kernel_stack *const stacks[] = { &story->death.signal_stack,
						&story->death.exit_stack,
						&story->death.oops_stack };

	for (size_t i = 0; i < COUNT(stacks); i++)
		for (unsigned int j = 0; j < stacks[i]->count; j++) {
			char *offset = strchr(stacks[i]->name[j], '+');

			if (offset)
				memcpy(offset, "+0x77", sizeof("+0x77"));
		}
}

static void other_comm(struct story *story)
{
	memcpy(story->death.comm, "worker 17", sizeof("worker 17"));
	memcpy(story->death.record.comm, "worker 17", sizeof("worker 17"));
}

static void test_stays(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct story *story);
	} changes[] = {
		{ "ids", other_ids },
		{ "time", other_time },
		{ "addresses", other_addresses },
		{ "node", other_node },
		{ "figures", other_figures },
		{ "kernel", other_kernel },
		{ "name of process", other_comm },
	};
	static const char *const scenarios[] = {
		"null-write",           "unmapped",
		"stack-overflow",       "general-protection",
		"bus-io-error",         "oom-memcg",
		"oom-global",           "kill",
		"cgroup-kill",          "kill-by-earlyoom",
		"raise-segv",           "seccomp-process",
		"rlimit-cpu-soft",      "pidns-teardown",
		"parent-death-signal",  "sysrq-i",
		"oops-by-a-page-fault", "abort",
	};
	static struct story before, after;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		char was[FINGERPRINT_SIZE];

		begin(scenarios[i], &before);
		/* each has a file of its own, whatever its comm */
		memcpy(before.death.exe, "victim", sizeof("victim"));
		memcpy(was, end(&before), sizeof(was));
		for (size_t j = 0; j < COUNT(changes); j++) {
			begin(scenarios[i], &after);
			memcpy(after.death.exe, "victim", sizeof("victim"));
			changes[j].change(&after);
			if (!strcmp(was, end(&after)))
				continue;
			print_error("%s: another %s changes it\n", scenarios[i], changes[j].what);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Values that distinguish crashes. */

static void other_build_id(struct story *story)
{
	story->death.user_stack[0].build_id[3] ^= 1;
}

static void other_site(struct story *story)
{
	story->death.user_stack[0].offset++;
	story->death.fault.module_offset++;
}

static void other_caller(struct story *story)
{
	story->death.user_stack[1].offset++;
}

static void without_build_ids_other_site(struct story *story)
{
	story->death.user_frames = 0;
	story->death.fault.module_offset++;
}

static void with_its_own_build_id(struct story *story)
{
	story->death.user_frames = 0;
	story->death.has_fault_build_id = true;
	story->death.fault_build_id[0] = 9;
}

static void other_program(struct story *story)
{
	memcpy(story->death.exe, "other", sizeof("other"));
}

static void other_syscall(struct story *story)
{
	story->death.signal.seccomp_syscall++;
}

static void other_sender(struct story *story)
{
	memcpy(story->death.sender_exe, "reaper", sizeof("reaper"));
}

static void other_sender_place(struct story *story)
{
	(void)snprintf(story->death.sender_path, sizeof(story->death.sender_path),
		       "/system.slice/janitor.service");
	attribution_read(&story->death, &story->whose);
}

static void sender_is_the_manager(struct story *story)
{
	story->death.signal.sender_pid = 1;
	memcpy(story->death.signal.sender_comm, "systemd", sizeof("systemd"));
}

static void other_signal(struct story *story)
{
	story->death.signal.number = 6;
	story->death.record.status = 6;
}

static void other_place(struct story *story)
{
	set_path(story, "/system.slice/another.service");
}

static void limit_of_a_slice(struct story *story)
{
	(void)snprintf(story->death.oom_limit_path, sizeof(story->death.oom_limit_path),
		       "/system.slice");
}

static void limit_above(struct story *story)
{
	(void)snprintf(story->death.oom_limit_path, sizeof(story->death.oom_limit_path), "/");
}

static void other_kernel_function(struct story *story)
{
	memcpy(story->death.kernel_fault_name, "btrfs_lookup", sizeof("btrfs_lookup"));
}

static void test_changes(void **state)
{
	static const struct {
		const char *scenario, *what;
		void (*change)(struct story *story);
	} cases[] = {
		{ "null-write", "build id", other_build_id },
		{ "null-write", "offset", other_site },
		{ "null-write", "caller", other_caller },
		{ "null-write", "offset where no build id is known", without_build_ids_other_site },
		{ "null-write", "build id of its own", with_its_own_build_id },
		{ "null-write", "program", other_program },
		{ "seccomp-process", "system call", other_syscall },
		{ "seccomp-process", "program", other_program },
		{ "kill", "sender", other_sender },
		{ "kill", "place of the sender", other_sender_place },
		{ "kill", "role of the sender", sender_is_the_manager },
		{ "kill", "signal", other_signal },
		{ "kill", "workload", other_place },
		{ "oom-memcg", "level of the limit", limit_of_a_slice },
		{ "oom-memcg", "limit above", limit_above },
		{ "oom-memcg", "workload", other_place },
		{ "oom-global", "workload", other_place },
		{ "rlimit-cpu-soft", "program", other_program },
		{ "oops-by-a-page-fault", "kernel function", other_kernel_function },
	};
	static struct story before, after;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char was[FINGERPRINT_SIZE];

		begin(cases[i].scenario, &before);
		memcpy(was, end(&before), sizeof(was));
		begin(cases[i].scenario, &after);
		cases[i].change(&after);
		if (strcmp(was, end(&after)) != 0)
			continue;
		print_error("%s: another %s does not change it\n", cases[i].scenario,
			    cases[i].what);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* If the stack is only that of the fault, it does not matter how its place is known. */
static void test_place_without_a_stack(void **state)
{
	static struct story whole, less;
	char was[FINGERPRINT_SIZE];

	(void)state;
	begin("null-write", &whole);
	whole.death.user_frames = 1;
	memcpy(was, end(&whole), sizeof(was));
	begin("null-write", &less);
	less.death.has_fault_build_id = true;
	memcpy(less.death.fault_build_id, less.death.user_stack[0].build_id, KT_BUILD_ID_LEN);
	less.death.user_frames = 0;
	assert_string_equal(was, end(&less));
	/* and if there is a stack, that one is used */
	begin("null-write", &less);
	less.death.has_fault_build_id = true;
	less.death.user_frames = 1;
	assert_string_equal(was, end(&less));
}

/* Each cause has a fingerprint of its own, even if everything else is the same. */
static void test_causes_differ(void **state)
{
	static char seen[CAUSE_COUNT][FINGERPRINT_SIZE];
	static struct story story;

	(void)state;
	begin("null-write", &story);
	(void)end(&story);
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		story.report.verdict.cause = (enum cause)cause;
		fingerprint_make(&story.report, NULL, seen[cause]);
		for (int other = 0; other < cause; other++)
			assert_string_not_equal(seen[cause], seen[other]);
	}
}

#define POD_PATH \
	"/kubepods.slice/kubepods-pod0123abcd_0123_4567_89ab_0123456789%s.slice/cri-containerd-%s.scope"
#define ONE_ID "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO_ID "2222222222222222222222222222222222222222222222222222222222222222"

static const char *of_pod(const char *scenario, const char *uid_end, const char *id,
			  const char *pod)
{
	static char made[FINGERPRINT_SIZE];
	static struct story story;
	char path[KT_SIDE_PATH_LEN];
	struct names *names = &story.whose.names;

	begin(scenario, &story);
	(void)snprintf(path, sizeof(path), POD_PATH, uid_end, id);
	set_path(&story, path);
	memcpy(story.death.oom_limit_path, path, sizeof(path));
	assert_string_equal(story.whose.owner.container_id, id);
	(void)snprintf(names->namespace, sizeof(names->namespace), "shop");
	(void)snprintf(names->pod, sizeof(names->pod), "%s", pod);
	(void)snprintf(names->container, sizeof(names->container), "app");
	memcpy(made, end(&story), sizeof(made));
	return made;
}

static void test_replicas_are_alike(void **state)
{
	static const char *const scenarios[] = { "oom-memcg", "kill", "null-write" };

	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		char one[FINGERPRINT_SIZE], two[FINGERPRINT_SIZE];

		memcpy(one, of_pod(scenarios[i], "aa", ONE_ID, "web-7d4b9c6f5d-x2x8z"),
		       sizeof(one));
		memcpy(two, of_pod(scenarios[i], "bb", TWO_ID, "web-649b4d4c6f-2xkqp"),
		       sizeof(two));
		assert_string_equal(one, two);
		if (strcmp(scenarios[i], "null-write") !=
		    0) /* a bug is the same wherever the program runs */
			assert_string_not_equal(of_pod(scenarios[i], "aa", ONE_ID, "db-0"), one);
	}
}

/* An abort's first frames are the C library's, which are the same in every program. */
static void test_abort_in_a_library(void **state)
{
	static struct story story;
	char one[FINGERPRINT_SIZE];

	(void)state;
	begin("abort", &story);
	story.death.user_frames = 3;
	for (unsigned int i = 0; i < 3; i++) {
		memset(&story.death.user_stack[i], i == 2 ? 7 : 8,
		       sizeof(story.death.user_stack[i]));
		story.death.user_stack[i].status = KT_FRAME_BUILD_ID;
	}
	memcpy(one, end(&story), sizeof(one));
	story.death.user_stack[0].offset++;
	assert_string_equal(end(&story), one);
	story.death.user_stack[2].offset++;
	assert_string_not_equal(end(&story), one);
}

/* In an endless recursion it is chance which function finds no more stack. */
static void test_stack_overflow(void **state)
{
	static struct story story;
	char one[FINGERPRINT_SIZE];

	(void)state;
	begin("stack-overflow", &story);
	memcpy(one, end(&story), sizeof(one));
	other_site(&story);
	other_caller(&story);
	assert_string_equal(end(&story), one);
	other_program(&story);
	assert_string_not_equal(end(&story), one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_place_without_a_stack),
		cmocka_unit_test(test_causes_differ),
		cmocka_unit_test(test_replicas_are_alike),
		cmocka_unit_test(test_abort_in_a_library),
		cmocka_unit_test(test_stack_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
