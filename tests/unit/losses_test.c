// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "source/losses.h"

#include <string.h>

/*
 * Names appear in JSON and in metrics: each has one, no two are equal, with letters that both
 * allow.
 */
static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < LOSS_COUNT; i++) {
		const char *name = loss_name((enum loss)i);

		assert_true(strlen(name) > 0);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_true(strlen(loss_meaning((enum loss)i, 1)) > 0);
		assert_string_not_equal(loss_meaning((enum loss)i, 0),
					loss_meaning((enum loss)i, 1));
		assert_string_equal(loss_meaning((enum loss)i, 0), loss_meaning((enum loss)i, 2));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, loss_name((enum loss)j));
	}
	assert_string_equal(loss_name(LOSS_RING_FULL), "ring_full");
	assert_string_equal(loss_name(LOSS_UNDECODABLE), "undecodable");
}

/* The kernel side's counters are copied by number. */
static void test_kernel_reasons_come_first(void **state)
{
	(void)state;
	assert_int_equal(LOSS_RING_FULL, KT_LOST_RING_FULL);
	assert_int_equal(LOSS_DOSSIER_FULL, KT_LOST_DOSSIER_FULL);
	assert_int_equal(LOSS_EVIDENCE_SLOT, KT_LOST_EVIDENCE_SLOT);
	assert_int_equal(LOSS_PATH_TRUNCATED, KT_LOST_PATH_TRUNCATED);
	assert_int_equal(LOSS_RECORD_BUILD, KT_LOST_RECORD_BUILD);
	assert_int_equal(LOSS_PROGRAM_MISSED, KT_LOST_REASONS);
}

static void test_any(void **state)
{
	struct losses losses = { { 0 } };

	(void)state;
	assert_false(losses_any(&losses));
	for (int i = 0; i < LOSS_COUNT; i++) {
		losses.count[i] = 1;
		assert_true(losses_any(&losses));
		losses.count[i] = 0;
	}
}

static void test_since_and_add_undo_each_other(void **state)
{
	struct losses before, now, between, sum;

	(void)state;
	for (int i = 0; i < LOSS_COUNT; i++) {
		before.count[i] = (uint64_t)i * 1000;
		now.count[i] = before.count[i] + (uint64_t)i;
	}
	losses_since(&now, &before, &between);
	for (int i = 0; i < LOSS_COUNT; i++)
		assert_int_equal(between.count[i], i);
	sum = before;
	losses_add(&sum, &between);
	assert_memory_equal(&sum, &now, sizeof(now));
	losses_since(&now, &now, &between);
	assert_false(losses_any(&between));
}

static void test_large_counts(void **state)
{
	struct losses now, before = { { 0 } }, between;

	(void)state;
	memset(&now, 0xff, sizeof(now));
	losses_since(&now, &before, &between);
	assert_memory_equal(&between, &now, sizeof(now));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_kernel_reasons_come_first),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_since_and_add_undo_each_other),
		cmocka_unit_test(test_large_counts),
	};

	return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
