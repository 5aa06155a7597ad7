// SPDX-License-Identifier: BSD-2-Clause
/*
 * More evidence must never make a verdict worse. Every scenario, and every real recording of the
 * golden tests, is judged with each subset of its evidence taken away. The verdict may become
 * poorer; it may never become another one, name a sender that the whole evidence does not name, or
 * hide a death that it shows.
 */
#include "unit.h"

#include "explain/verdict.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/root.h"
#include "scenarios.h"
#include "source/recording_read.h"

#define WINDOW_NS 1000000000ULL
#define RECORDINGS "tests/golden"

enum evidence {
	SIGNAL_NAMES,
	SIGNAL_STACK,
	EXIT_STACK,
	OOPS_STACK_TAKEN,
	FAULT,
	USER_STACK,
	OOM_SECTION,
	OOM_CONTROL_FLAG,
	OOM_MARK,
	OOM_WALK,
	OOM_LIMIT_PATH,
	LIMIT_COUNTERS_TAKEN,
	LIMIT_FILES_TAKEN,
	LIMIT_TOP_TAKEN,
	RLIMIT,
	FAULT_TRACEPOINT,
	SECCOMP_MODE,
	SIGNAL_SECTION,
	PRIOR_SIGNALS,
	SENDER_PATH,
	KERNEL_FAULT,
	TRAPPED_CALL_TAKEN,
	OWN_ABORT_TAKEN,
	BUS_ERROR,
	FAULT_DETAILS,
	EVIDENCE_COUNT
};

#define LESS(what) (1U << (what))

static void forget_names(struct kernel_stack *stack)
{
	for (unsigned int i = 0; i < stack->count; i++)
		stack->name[i][0] = '\0';
}

static void forget_priors(struct death *death)
{
	if (!death->has_own_abort)
		root_forget(death);
	death->prior_count = 0;
}

static void forget_signal(struct death *death)
{
	/* a handler's signal is in the section of the prior signals */
	if (death->is_echo) {
		death->has_raise = false;
		return;
	}
	death->has_signal = false;
	memset(&death->signal, 0, sizeof(death->signal));
	death->signal_stack.count = 0;
}

static void take_away(struct death *death, enum evidence what)
{
	switch (what) {
	case SIGNAL_NAMES:
		forget_names(&death->signal_stack);
		forget_names(&death->exit_stack);
		forget_names(&death->oops_stack);
		break;
	case SIGNAL_STACK:
		death->signal_stack.count = 0;
		break;
	case EXIT_STACK:
		death->exit_stack.count = 0;
		break;
	case OOPS_STACK_TAKEN:
		death->oops_stack.count = 0;
		break;
	case FAULT:
		death->has_fault = false;
		memset(&death->fault, 0, sizeof(death->fault));
		break;
	case USER_STACK:
		death->user_frames = 0;
		break;
	case OOM_SECTION:
		death->has_oom = false;
		memset(&death->oom, 0, sizeof(death->oom));
		death->oom_limit_path[0] = '\0';
		break;
	case OOM_CONTROL_FLAG:
		death->oom.flags &= ~(__u32)KT_OOM_CONTROL;
		death->oom.scope = KT_OOM_SCOPE_UNKNOWN;
		break;
	case OOM_MARK:
		death->oom.flags &= ~(__u32)KT_OOM_MARKED;
		break;
	case OOM_WALK:
		death->oom.flags &= ~(__u32)(KT_OOM_LIMIT_WALKED | KT_OOM_LIMIT_LOCKED |
					     KT_OOM_LIMIT_FULL | KT_OOM_LIMIT_PRESUMED);
		break;
	case OOM_LIMIT_PATH:
		death->oom_limit_path[0] = '\0';
		break;
	case LIMIT_COUNTERS_TAKEN:
		memset(&death->limit_counters, 0, sizeof(death->limit_counters));
		break;
	case LIMIT_FILES_TAKEN:
		memset(&death->limit_files, 0, sizeof(death->limit_files));
		break;
	case LIMIT_TOP_TAKEN:
		death->limit_top_count = 0;
		break;
	case RLIMIT:
		death->has_rlimit = false;
		memset(&death->rlimit, 0, sizeof(death->rlimit));
		break;
	case FAULT_TRACEPOINT:
		death->fault.flags &= ~(__u32)KT_FAULT_FROM_TRACEPOINT;
		break;
	case SECCOMP_MODE:
		death->record.valid &= ~(__u32)KT_VALID_SECCOMP_MODE;
		death->record.seccomp_mode = 0;
		break;
	case SIGNAL_SECTION:
		forget_signal(death);
		break;
	case PRIOR_SIGNALS:
		forget_priors(death);
		break;
	case SENDER_PATH:
		death->sender_path[0] = '\0';
		break;
	case KERNEL_FAULT:
		death->has_kernel_fault = false;
		break;
	case TRAPPED_CALL_TAKEN:
		death->has_trapped_call = false;
		death->signal.valid &= ~(__u32)KT_SIGNAL_HAS_SECCOMP;
		if (!(death->record.status & 0x7f) && death->signal.number == SIGSYS)
			forget_signal(death);
		break;
	case OWN_ABORT_TAKEN:
		if (death->has_own_abort)
			root_forget(death);
		memset(&death->own_abort, 0, sizeof(death->own_abort));
		break;
	case BUS_ERROR:
		death->has_bus = false;
		memset(&death->bus, 0, sizeof(death->bus));
		break;
	case FAULT_DETAILS:
		death->fault.instruction = KT_INSTRUCTION_UNKNOWN;
		death->has_fault_build_id = false;
		break;
	case EVIDENCE_COUNT:
		break;
	}
}

/* The evidence that can be taken away. */
static unsigned int present(const struct death *whole)
{
	static struct death less;
	unsigned int found = 0;

	for (int what = 0; what < EVIDENCE_COUNT; what++) {
		less = *whole;
		take_away(&less, (enum evidence)what);
		if (memcmp(&less, whole, sizeof(less)) != 0)
			found |= LESS(what);
	}
	return found;
}

/*
 * A cause that may become another one that says less: either the verdict reports incomplete
 * evidence, or one of `known` is taken away. Those are whole hooks, which killtrace reports at its
 * start if they are missing, and facts that a record need not have.
 */
static const struct {
	enum cause rich, poor;
	unsigned int known;
	const char *why;
} poorer[] = {
#define STACKS (LESS(SIGNAL_NAMES) | LESS(SIGNAL_STACK))
#define EXIT_STACKS (LESS(SIGNAL_NAMES) | LESS(EXIT_STACK) | LESS(OOPS_STACK_TAKEN))
	{ CAUSE_OOM_CPUSET, CAUSE_OOM_GLOBAL, LESS(OOM_CONTROL_FLAG), "only oom_control tells" },
	{ CAUSE_OOM_MEMPOLICY, CAUSE_OOM_GLOBAL, LESS(OOM_CONTROL_FLAG), "only oom_control tells" },
	{ CAUSE_OOM_USERSPACE, CAUSE_SIGKILL, LESS(SENDER_PATH), "whose the sender was" },
	{ CAUSE_OOM_USERSPACE, CAUSE_SIGNAL, LESS(SENDER_PATH), "whose the sender was" },
	{ CAUSE_OOM_USERSPACE, CAUSE_SIGNAL_EXIT, LESS(SENDER_PATH), "whose the sender was" },
	{ CAUSE_OOM_USERSPACE, CAUSE_CGROUP_KILL, LESS(SENDER_PATH), "whose the sender was" },
	{ CAUSE_CGROUP_KILL, CAUSE_SIGKILL, STACKS, "its tracer sends the same" },
	{ CAUSE_CGROUP_KILL, CAUSE_KERNEL_SIGNAL, STACKS, "a security module sends the same" },
	{ CAUSE_MEMORY_FAILURE, CAUSE_KERNEL_SIGNAL, STACKS, "the kernel has several SIGKILLs" },
	{ CAUSE_MEMORY_FAILURE, CAUSE_BUS_ERROR, STACKS, "the same SIGBUS" },
	{ CAUSE_PTRACE_EXITKILL, CAUSE_KERNEL_SIGNAL, STACKS, "the kernel has several SIGKILLs" },
	{ CAUSE_RLIMIT_CPU, CAUSE_KERNEL_SIGNAL, LESS(RLIMIT), "which limit" },
	{ CAUSE_RLIMIT_RTTIME, CAUSE_KERNEL_SIGNAL, LESS(RLIMIT), "which limit" },
	{ CAUSE_RLIMIT_FSIZE, CAUSE_KERNEL_SIGNAL, LESS(RLIMIT), "which limit" },
	{ CAUSE_OOPS, CAUSE_KERNEL_SIGNAL, EXIT_STACKS | LESS(SECCOMP_MODE), "or strict seccomp" },
	{ CAUSE_SECCOMP, CAUSE_KERNEL_SIGNAL, STACKS | EXIT_STACKS | LESS(SECCOMP_MODE),
	  "or user dispatch" },
	{ CAUSE_ABORT, CAUSE_SIGNAL, 0, "by whom" },
	{ CAUSE_SEGFAULT, CAUSE_SIGNAL, LESS(FAULT), "it also can raise that by itself" },
	{ CAUSE_GENERAL_PROTECTION, CAUSE_SIGNAL, LESS(FAULT), "it also can raise that by itself" },
	{ CAUSE_GENERAL_PROTECTION, CAUSE_KERNEL_SIGNAL, 0, "the same SIGSEGV" },
	{ CAUSE_BREAKPOINT, CAUSE_KERNEL_SIGNAL, 0, "or an event that was asked for" },
	{ CAUSE_OOM_GLOBAL, CAUSE_OOM_MEMCG, LESS(OOM_CONTROL_FLAG),
	  "a limit that is dealt with at the same time" },
	{ CAUSE_OOM_GLOBAL, CAUSE_KERNEL_SIGNAL,
	  STACKS | LESS(OOM_SECTION) | LESS(OOM_MARK) | LESS(OOM_CONTROL_FLAG),
	  "or another SIGKILL" },
	{ CAUSE_OOM_MEMCG, CAUSE_KERNEL_SIGNAL,
	  STACKS | LESS(OOM_SECTION) | LESS(OOM_MARK) | LESS(OOM_CONTROL_FLAG),
	  "or another SIGKILL" },
	{ CAUSE_OOM_SYSRQ, CAUSE_KERNEL_SIGNAL,
	  STACKS | LESS(OOM_SECTION) | LESS(OOM_MARK) | LESS(OOM_CONTROL_FLAG),
	  "or another SIGKILL" },
	{ CAUSE_OOM_CPUSET, CAUSE_KERNEL_SIGNAL,
	  STACKS | LESS(OOM_SECTION) | LESS(OOM_MARK) | LESS(OOM_CONTROL_FLAG),
	  "or another SIGKILL" },
	{ CAUSE_OOM_MEMPOLICY, CAUSE_KERNEL_SIGNAL,
	  STACKS | LESS(OOM_SECTION) | LESS(OOM_MARK) | LESS(OOM_CONTROL_FLAG),
	  "or another SIGKILL" },
	{ CAUSE_SIGFRAME_FAILED, CAUSE_KERNEL_SIGNAL, 0, "the same SIGSEGV" },
	{ CAUSE_SIGFRAME_FAILED, CAUSE_GENERAL_PROTECTION, 0, "the trap number can be older" },
	{ CAUSE_EXEC_FAILED, CAUSE_KERNEL_SIGNAL, 0, "the same SIGSEGV" },
	{ CAUSE_SEGFAULT, CAUSE_KERNEL_SIGNAL, 0, "the same SIGSEGV" },
	{ CAUSE_SIGFRAME_FAILED, CAUSE_SEGFAULT, 0, "the same SIGSEGV" },
	{ CAUSE_SECCOMP, CAUSE_SEGFAULT, LESS(TRAPPED_CALL_TAKEN), "what its handler died of" },
	{ CAUSE_SECCOMP, CAUSE_RUNTIME_CRASH, 0, "what its handler ended in" },
	{ CAUSE_ABORT, CAUSE_SEGFAULT, LESS(OWN_ABORT_TAKEN), "what its handler died of" },
	{ CAUSE_ABORT, CAUSE_RUNTIME_CRASH, LESS(OWN_ABORT_TAKEN), "what its handler ended in" },
	{ CAUSE_ABORT, CAUSE_SIGNAL_EXIT, LESS(OWN_ABORT_TAKEN), "the signal before the abort" },
	{ CAUSE_RUNTIME_CRASH, CAUSE_SIGNAL_EXIT, LESS(FAULT), "the signal came before the fault" },
};

static bool is_poorer(const struct verdict *rich, const struct verdict *poor, unsigned int without)
{
	/* only the number of the signal, and that the rest is unknown */
	if ((poor->incomplete & EVIDENCE_DOSSIER) && poor->sender == SENDER_NONE &&
	    (poor->cause == CAUSE_SIGNAL || poor->cause == CAUSE_SIGKILL ||
	     poor->cause == CAUSE_KERNEL_SIGNAL))
		return true;
	for (size_t i = 0; i < COUNT(poorer); i++)
		if (poorer[i].rich == rich->cause && poorer[i].poor == poor->cause &&
		    (poor->incomplete || (poorer[i].known & without)))
			return true;
	return false;
}

static int complain(const char *name, unsigned int without, const char *what,
		    const struct verdict *rich, const struct verdict *poor)
{
	print_error("%s without %#x: %s (%s -> %s, incomplete %#x)\n", name, without, what,
		    cause_name(rich->cause), cause_name(poor->cause), poor->incomplete);
	return 1;
}

static int compare(const char *name, unsigned int without, const struct verdict *rich,
		   const struct verdict *poor)
{
	bool hides_fault = rich->cause == CAUSE_SECCOMP ||
			   (rich->cause == CAUSE_ABORT && (without & LESS(OWN_ABORT_TAKEN)));

	if (rich->cause != poor->cause && !is_poorer(rich, poor, without))
		return complain(name, without, "another cause", rich, poor);
	/* a signal that its handler caught explains the exit if the newer fault is unknown */
	if (poor->sender != SENDER_NONE && poor->sender != rich->sender &&
	    poor->cause != CAUSE_SIGNAL_EXIT)
		return complain(name, without, "another sender", rich, poor);
	if (poor->routine && !rich->routine && poor->cause != CAUSE_SIGNAL_EXIT)
		return complain(name, without, "hides it", rich, poor);
	/* behind a handler of SIGSYS or SIGABRT, the whole evidence does not show the fault */
	if (!hides_fault && poor->fault_kind != FAULT_KIND_NONE &&
	    poor->fault_kind != rich->fault_kind)
		return complain(name, without, "another kind of fault", rich, poor);
	if (!hides_fault && poor->access != FAULT_ACCESS_UNKNOWN && poor->access != rich->access)
		return complain(name, without, "another access", rich, poor);
	return 0;
}

struct tally {
	int deaths, subsets, wrong;
};

static void check_death(const char *name, const struct death *whole, struct tally *tally)
{
	static struct death less;
	struct verdict rich, poor;
	unsigned int all = present(whole);

	tally->deaths++;
	verdict_reach(whole, WINDOW_NS, &rich);
	/* every subset of it */
	for (unsigned int without = all; without; without = (without - 1) & all) {
		less = *whole;
		for (int what = 0; what < EVIDENCE_COUNT; what++)
			if (without & LESS(what))
				take_away(&less, (enum evidence)what);
		verdict_reach(&less, WINDOW_NS, &poor);
		tally->subsets++;
		tally->wrong += compare(name, without, &rich, &poor);
	}
}

static void check_scenario(const struct scenario *scenario, void *context)
{
	static struct record_builder builder;
	static struct death death;
	struct frame frame;

	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	check_death(scenario->name, &death, context);
}

static void test_scenarios(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	scenario_each(check_scenario, &tally);
	print_message("%d deaths, %d subsets\n", tally.deaths, tally.subsets);
	assert_true(tally.deaths > 250 && tally.subsets > 5000);
	assert_int_equal(tally.wrong, 0);
}

static int check_frame(void *context, const struct frame *frame)
{
	static struct death death;
	char name[64];

	assert_int_equal(decode_frame(frame, NULL, &death), 0);
	snprintf(name, sizeof(name), "%s (%u)", death.comm, death.record.tgid);
	check_death(name, &death, context);
	return 0;
}

static int drop_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	(void)context;
	(void)losses;
	(void)realtime_ns;
	return 0;
}

/* Evidence from real kernels: killtrace's own recordings are read. */
static void test_recordings(void **state)
{
	static const volatile int never;
	struct tally tally = { 0 };
	struct frame_receiver receiver = { .frame = check_frame,
					   .losses = drop_losses,
					   .context = &tally };
	struct dirent *entry;
	DIR *folder = opendir(RECORDINGS);

	(void)state;
	if (!folder)
		skip(); /* not run from the root of the sources */
	while ((entry = readdir(folder))) {
		struct origin origin;
		char path[512];
		uint64_t offset;

		if (strncmp(entry->d_name, "real-", 5) != 0 || !strstr(entry->d_name, ".ktrec"))
			continue;
		snprintf(path, sizeof(path), RECORDINGS "/%s", entry->d_name);
		assert_int_equal(recording_read(path, &receiver, &never, &origin, &offset), 0);
	}
	closedir(folder);
	print_message("%d deaths, %d subsets\n", tally.deaths, tally.subsets);
	assert_true(tally.deaths > 100);
	assert_int_equal(tally.wrong, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_recordings),
	};

	return cmocka_run_group_tests_name("monotone", tests, NULL, NULL);
}
