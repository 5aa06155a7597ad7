// SPDX-License-Identifier: BSD-2-Clause
/* Conclusions about a memory limit that was hit: limit.h. */
#include "unit.h"

#include "explain/limit.h"

#include <string.h>

#define MIB (1ULL << 20)
#define MOST_FIGURES                                                                        \
	(KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_SHMEM | KT_LIMIT_HAS_FILE | KT_LIMIT_HAS_KERNEL | \
	 KT_LIMIT_HAS_SOCK)

static struct death death;

/* A small victim, a full limit of 100 MiB, and nothing known about its content. */
static void begin(void)
{
	memset(&death, 0, sizeof(death));
	death.record.tgid = 10;
	memcpy(death.comm, "victim", sizeof("victim"));
	death.has_oom = true;
	death.oom = (struct kt_oom){ .flags = KT_OOM_HAS_FIGURES,
				     .anon_rss_bytes = 2 * MIB,
				     .limit_bytes = 100 * MIB,
				     .usage_bytes = 100 * MIB };
}

static struct kt_limit_memory figures(uint32_t source, uint64_t anon, uint64_t shmem, uint64_t file,
				      uint64_t kernel)
{
	return (struct kt_limit_memory){ .source = source,
					 .valid = MOST_FIGURES,
					 .anon_bytes = anon * MIB,
					 .shmem_bytes = shmem * MIB,
					 .file_bytes = file * MIB,
					 .kernel_bytes = kernel * MIB };
}

static struct limit_filler filler(void)
{
	struct limit_filler found = { FILLER_SOCKETS, true, 99 };

	limit_find_filler(&death, &found);
	return found;
}

static void test_which_figures(void **state)
{
	(void)state;
	begin();
	assert_null(limit_memory(&death));
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 80, 85, 5);
	assert_ptr_equal(limit_memory(&death), &death.limit_counters);
	/* those of the kill itself, unless they are old */
	death.limit_files = figures(KT_LIMIT_FILES, 8, 80, 85, 5);
	assert_ptr_equal(limit_memory(&death), &death.limit_counters);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 20, 30, 5);
	assert_true(limit_memory_is_old(&death, &death.limit_counters));
	assert_ptr_equal(limit_memory(&death), &death.limit_files);
	assert_false(limit_memory_is_old(&death, &death.limit_files));
	/* or if they have enough */
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 80, 85, 5);
	death.limit_counters.valid = KT_LIMIT_HAS_PEAK | KT_LIMIT_HAS_KERNEL;
	assert_ptr_equal(limit_memory(&death), &death.limit_files);
	death.limit_files.source = 0;
	assert_ptr_equal(limit_memory(&death), &death.limit_counters);
	assert_false(limit_memory_is_old(&death, &death.limit_counters));
}

/* Before 5.18 the kernel's memory is counted by kind. */
static void test_old_without_a_sum_of_the_kernels(void **state)
{
	(void)state;
	begin();
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 0, 20, 99);
	death.limit_counters.valid &= ~(uint32_t)KT_LIMIT_HAS_KERNEL;
	death.limit_counters.slab_bytes = 60 * MIB;
	assert_false(limit_memory_is_old(&death, &death.limit_counters));
	death.limit_counters.slab_bytes = 20 * MIB;
	assert_true(limit_memory_is_old(&death, &death.limit_counters));
	/* too much is as wrong as too little */
	death.limit_counters.slab_bytes = 120 * MIB;
	assert_true(limit_memory_is_old(&death, &death.limit_counters));
}

static void test_what_fills_it(void **state)
{
	(void)state;
	begin();
	assert_int_equal(filler().what, FILLER_NONE);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 80, 85, 5);
	assert_int_equal(filler().what, FILLER_SHMEM);
	assert_int_equal(filler().bytes, 80 * MIB);
	assert_false(filler().at_least);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 5, 10, 90, 5);
	assert_int_equal(filler().what, FILLER_PAGE_CACHE);
	assert_int_equal(filler().bytes, 80 * MIB);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 5, 10, 10, 85);
	assert_int_equal(filler().what, FILLER_KERNEL);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 5, 10, 10, 5);
	death.limit_counters.sock_bytes = 80 * MIB;
	assert_int_equal(filler().what, FILLER_SOCKETS);
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 90, 2, 5, 5);
	assert_int_equal(filler().what, FILLER_OTHERS);
	assert_int_equal(filler().bytes, 88 * MIB);
}

/* A figure that is not valid is ignored, whatever its value. */
static void test_what_is_not_known_fills_nothing(void **state)
{
	(void)state;
	begin();
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 90, 90, 90, 90);
	death.limit_counters.sock_bytes = 90 * MIB;
	death.limit_counters.valid = KT_LIMIT_HAS_PEAK;
	assert_int_equal(filler().what, FILLER_NONE);
	/* the victim's own memory is unknown: all may be its own */
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 90, 2, 5, 5);
	death.oom.flags = 0;
	assert_int_equal(filler().what, FILLER_NONE);
	begin();
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 10, 60, 60, 5);
	assert_true(limit_memory_is_old(&death, &death.limit_counters));
	assert_int_equal(filler().what, FILLER_NONE);
}

static void test_nothing_stands_out(void **state)
{
	(void)state;
	begin();
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 40, 40, 45, 15);
	assert_int_equal(filler().what, FILLER_NONE);
	/* the victim's own memory */
	death.oom.anon_rss_bytes = 60 * MIB;
	death.limit_counters = figures(KT_LIMIT_COUNTERS, 95, 0, 0, 5);
	assert_int_equal(filler().what, FILLER_NONE);
}

/* The victim's memory may be gone by then: what is left is at least that of others. */
static void test_after_the_kill(void **state)
{
	(void)state;
	begin();
	death.limit_files = figures(KT_LIMIT_FILES, 90, 2, 5, 5);
	assert_int_equal(filler().what, FILLER_OTHERS);
	assert_int_equal(filler().bytes, 88 * MIB);
	assert_true(filler().at_least);
}

static struct kt_process_memory process(uint32_t pid, uint64_t anon, uint64_t shmem)
{
	return (struct kt_process_memory){
		.pid = pid, .anon_bytes = anon * MIB, .shmem_bytes = shmem * MIB, .comm = "other"
	};
}

static void test_top(void **state)
{
	static const uint32_t with_victim[] = { 12, 11, 10, 13, 14 };
	struct kt_process_memory top[KT_LIMIT_TOP];

	(void)state;
	begin();
	assert_int_equal(limit_top(&death, top), 0);
	death.limit_top[0] = process(11, 5, 0);
	death.limit_top[1] = process(12, 3, 3);
	death.limit_top[2] = process(10, 77, 0); /* the victim, as it was later */
	death.limit_top[3] = process(13, 1, 0);
	death.limit_top_count = 4;
	death.limit_top[4] = process(14, 0, 1);
	death.limit_top_count = 5;
	assert_int_equal(limit_top(&death, top), 5);
	for (size_t i = 0; i < COUNT(with_victim); i++)
		assert_int_equal(top[i].pid, with_victim[i]);
	assert_int_equal(top[2].anon_bytes, 2 * MIB);
	assert_string_equal(top[2].comm, "victim");
	/* six, of which five are listed */
	death.limit_top[2] = process(15, 4, 0);
	assert_int_equal(limit_top(&death, top), 5);
	assert_int_equal(top[2].pid, 15);
	assert_int_equal(top[3].pid, 10);
	assert_int_equal(top[4].pid, 13);
	/* the victim's own memory is unknown */
	death.oom.flags = 0;
	assert_int_equal(limit_top(&death, top), 5);
	assert_int_equal(top[4].pid, 14);
}

static void test_lowered(void **state)
{
	struct verdict verdict = { .cause = CAUSE_OOM_MEMCG };
	struct kernel_stack *stack = &death.signal_stack;

	(void)state;
	begin();
	assert_false(limit_was_lowered(&death, &verdict));
	death.has_signal = true;
	stack->count = 2;
	(void)strcpy(stack->name[0], "oom_kill_process+0x1");
	(void)strcpy(stack->name[1], "try_charge_memcg+0x1");
	assert_false(limit_was_lowered(&death, &verdict));
	(void)strcpy(stack->name[1], "memory_max_write+0x1");
	assert_true(limit_was_lowered(&death, &verdict));
	verdict.cause = CAUSE_KERNEL_SIGNAL;
	assert_false(limit_was_lowered(&death, &verdict));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_figures),
		cmocka_unit_test(test_old_without_a_sum_of_the_kernels),
		cmocka_unit_test(test_what_fills_it),
		cmocka_unit_test(test_what_is_not_known_fills_nothing),
		cmocka_unit_test(test_nothing_stands_out),
		cmocka_unit_test(test_after_the_kill),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_lowered),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
