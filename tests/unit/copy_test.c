// SPDX-License-Identifier: BSD-2-Clause
/* Which deaths are copies of another: what is remembered of earlier deaths, and what follows. */
#include "unit.h"

#include "explain/copy.h"

#include <signal.h>
#include <string.h>

#define WINDOW_NS 1000000000ULL
#define PARENT 100
#define CHILD 200
#define SECOND 1000000000ULL

static struct kin kin;
static struct kin_child found;
static struct death child, parent;
static struct verdict verdict;

static void make(struct death *death, uint64_t sequence, uint32_t pid, uint32_t ppid,
		 const char *exe)
{
	memset(death, 0, sizeof(*death));
	death->sequence = sequence;
	death->record.kind = KT_RECORD_DEATH;
	death->record.valid = KT_VALID_PARENT | KT_VALID_START;
	death->record.status = SIGSEGV;
	death->record.tgid = pid;
	death->record.ppid = ppid;
	death->record.start_ns = pid * SECOND;
	death->record.time_ns = 1000 * SECOND + sequence;
	strcpy(death->exe, exe);
	strcpy(death->comm, exe);
}

/* timeout(1) and its child. */
static int set_up(void **state)
{
	(void)state;
	memset(&kin, 0, sizeof(kin));
	make(&child, 1, CHILD, PARENT, "crash");
	make(&parent, 2, PARENT, 1, "timeout");
	parent.has_signal = true;
	parent.signal = (struct kt_signal){ .time_ns = child.record.time_ns + 1000,
					    .flags = KT_SIGNAL_SELF,
					    .number = SIGSEGV,
					    .sender_pid = PARENT };
	parent.record.time_ns = parent.signal.time_ns + 1000;
	verdict = (struct verdict){ .cause = CAUSE_SIGNAL, .sender = SENDER_PROCESS };
	return 0;
}

static const struct kin_death *judge(void)
{
	kin_note(&kin, &child, "segfault", NULL);
	return copy_of(&parent, &verdict, kin_find(&kin, &parent, &found), WINDOW_NS);
}

static void test_copy(void **state)
{
	const struct kin_death *copied = judge();

	(void)state;
	assert_non_null(copied);
	assert_int_equal(copied->pid, CHILD);
	assert_int_equal(copied->sequence, 1);
	assert_string_equal(copied->comm, "crash");
	assert_string_equal(copied->cause, "segfault");
}

#define NO_COPY(name, change)                 \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                  \
		change;                       \
		assert_null(judge());         \
	}

NO_COPY(another_signal, child.record.status = SIGABRT)
NO_COPY(child_exited, child.record.status = 1 << 8)
NO_COPY(child_that_is_stuck, child.record.kind = KT_RECORD_STUCK)
NO_COPY(thread, child.record.kind = KT_RECORD_THREAD_DEATH)
NO_COPY(another_parent, child.record.ppid = PARENT + KIN_PARENTS)
NO_COPY(unknown_parent, child.record.valid &= ~(uint32_t)KT_VALID_PARENT)
NO_COPY(reused_number, child.record.start_ns = parent.record.start_ns - 1)
NO_COPY(too_long_ago, parent.signal.time_ns = child.record.time_ns + WINDOW_NS + 1)
NO_COPY(raised_before, parent.signal.time_ns = child.record.time_ns - 1)
NO_COPY(by_another, parent.signal.flags = 0)
NO_COPY(forked_worker, child.record.flags = KT_DEATH_NEVER_EXECED)
NO_COPY(worker_of_the_same_program, strcpy(child.exe, "timeout"))
NO_COPY(unknown_program, child.exe[0] = '\0')
NO_COPY(unknown_own_program, parent.exe[0] = '\0')
NO_COPY(handled_before, parent.is_echo = true)
NO_COPY(own_fault, verdict.shows_fault = true)
NO_COPY(own_cause, verdict.cause = CAUSE_SEGFAULT)
NO_COPY(no_signal, parent.has_signal = false)

/* "timeout -s KILL": it may die before or after its child. */
static void test_own_group(void **state)
{
	(void)state;
	child.record.status = SIGKILL;
	child.has_signal = true;
	child.signal.sender_pid = PARENT;
	parent.signal.number = SIGKILL;
	parent.signal.flags = KT_SIGNAL_SELF | KT_SIGNAL_TO_PROCESS_GROUP;
	parent.signal.time_ns = child.record.time_ns - 1000;
	verdict.cause = CAUSE_SIGKILL;
	assert_non_null(judge());
	parent.signal.flags = KT_SIGNAL_SELF;
	assert_null(judge());
	/* "kill 0" copies nothing */
	set_up(NULL);
	child.record.status = SIGTERM;
	parent.signal.number = SIGTERM;
	parent.signal.flags = KT_SIGNAL_SELF | KT_SIGNAL_TO_PROCESS_GROUP;
	assert_null(judge());
}

static void set_aborts(const char *program)
{
	child.record.status = parent.record.status = SIGABRT;
	parent.signal.number = SIGABRT;
	parent.signal.code = SI_USER;
	parent.signal.flags = KT_SIGNAL_SELF | KT_SIGNAL_GROUP;
	verdict.cause = CAUSE_ABORT;
	strcpy(parent.exe, program);
}

/*
 * A supervisor aborts because its child did: a failure of its own, unless everything shows a
 * wrapper.
 */
static void test_abort(void **state)
{
	(void)state;
	set_aborts("sudo"); /* kill(getpid(), SIGABRT) */
	assert_non_null(judge());
	parent.record.status |= 0x80;
	assert_null(judge());
	set_aborts("supervisor");
	parent.signal.code = SI_TKILL;
	assert_null(judge());
	set_aborts("supervisor"); /* raise(), if it has no siginfo */
	parent.signal.flags = KT_SIGNAL_SELF;
	assert_null(judge());
	set_aborts("timeout");
	parent.signal.code = SI_TKILL;
	parent.signal.flags = KT_SIGNAL_SELF;
	assert_non_null(judge());
	parent.record.status |= 0x80;
	assert_null(judge());
}

/* All of them refer to the first death. */
static void test_chain(void **state)
{
	static struct death outer;
	const struct kin_death *copied = judge();

	(void)state;
	assert_non_null(copied);
	kin_note(&kin, &parent, "signal", copied);
	outer = parent;
	outer.sequence = 3;
	outer.record.tgid = outer.signal.sender_pid = 1;
	outer.record.start_ns = 1;
	outer.signal.time_ns = parent.record.time_ns + 1000;
	outer.record.time_ns = outer.signal.time_ns + 1000;
	copied = copy_of(&outer, &verdict, kin_find(&kin, &outer, &found), WINDOW_NS);
	assert_non_null(copied);
	assert_int_equal(copied->sequence, 1);
	/* a server that runs itself through a wrapper has crashed like its worker */
	strcpy(outer.exe, "crash");
	assert_null(copy_of(&outer, &verdict, kin_find(&kin, &outer, &found), WINDOW_NS));
	outer.exe[0] = '\0';
	assert_null(copy_of(&outer, &verdict, kin_find(&kin, &outer, &found), WINDOW_NS));
}

/* For an outlet that is behind, records come a second time: the earlier result stays. */
static void test_again(void **state)
{
	(void)state;
	assert_non_null(judge());
	kin_note(&kin, &parent, "signal", NULL);
	assert_non_null(judge());
	/* a newer child of the same parent replaces it, an older one does not */
	child.record.status = SIGABRT;
	assert_non_null(judge());
	child.sequence = 9;
	assert_null(judge());
}

/* Any pid of a parent, and any number of them. */
static void test_bound(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 100000; i++) {
		make(&child, i, i + 1, i, "x");
		kin_note(&kin, &child, "segfault", NULL);
	}
	make(&child, 100000, UINT32_MAX, UINT32_MAX, "x");
	kin_note(&kin, &child, "segfault", NULL);
	parent.record.tgid = UINT32_MAX;
	parent.record.time_ns = child.record.time_ns;
	assert_non_null(kin_find(&kin, &parent, &found));
	assert_int_equal(found.death.pid, UINT32_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(test_##name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(copy),
		TEST(another_signal),
		TEST(child_exited),
		TEST(child_that_is_stuck),
		TEST(thread),
		TEST(another_parent),
		TEST(unknown_parent),
		TEST(reused_number),
		TEST(too_long_ago),
		TEST(raised_before),
		TEST(by_another),
		TEST(forked_worker),
		TEST(worker_of_the_same_program),
		TEST(unknown_program),
		TEST(unknown_own_program),
		TEST(handled_before),
		TEST(own_fault),
		TEST(own_cause),
		TEST(no_signal),
		TEST(own_group),
		TEST(abort),
		TEST(chain),
		TEST(again),
		TEST(bound),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
