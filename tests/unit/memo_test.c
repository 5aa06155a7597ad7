// SPDX-License-Identifier: BSD-2-Clause
/* What is remembered is what was computed: compared with the computation itself. */
#include "unit.h"

#include "base/digest.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memo.h"

#define ROUNDS 20000

static void test_finds_what_was_kept(void **state)
{
	struct memo *memo = memo_new(sizeof(int));
	const int one = 1, two = 2;

	(void)state;
	assert_null(memo_find(memo, "key", 3));
	memo_keep(memo, "key", 3, &one);
	assert_memory_equal(memo_find(memo, "key", 3), &one, sizeof(one));
	assert_null(memo_find(memo, "key", 2));
	assert_null(memo_find(memo, "kex", 3));
	assert_null(memo_find(memo, "key\0", 4));
	memo_keep(memo, "", 0, &two);
	assert_memory_equal(memo_find(memo, "", 0), &two, sizeof(two));
	memo_free(memo);
}

static void test_nothing_is_known_without_a_memo(void **state)
{
	const int one = 1;

	(void)state;
	memo_keep(NULL, "key", 3, &one);
	assert_null(memo_find(NULL, "key", 3));
	memo_free(NULL);
}

static void test_long_keys_are_not_kept(void **state)
{
	static const char key[MEMO_KEY_MOST + 1];
	struct memo *memo = memo_new(sizeof(int));
	const int one = 1;

	(void)state;
	memo_keep(memo, key, sizeof(key), &one);
	assert_null(memo_find(memo, key, sizeof(key)));
	memo_keep(memo, key, MEMO_KEY_MOST, &one);
	assert_non_null(memo_find(memo, key, MEMO_KEY_MOST));
	memo_free(memo);
}

/* Many more keys than there is room for: some are forgotten, and none gets another's value. */
static void test_no_key_gets_the_value_of_another(void **state)
{
	struct memo *memo = memo_new(sizeof(int));
	int known = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		const int key = rand() % 2000, value = ~key;
		const int *found = memo_find(memo, &key, sizeof(key));

		if (found) {
			assert_int_equal(*found, value);
			known++;
		} else {
			memo_keep(memo, &key, sizeof(key), &value);
		}
	}
	assert_true(known > 0);
	memo_free(memo);
}

static void expect_same_digest(struct memo *memo, const uint8_t *bytes, size_t size)
{
	uint8_t wanted[DIGEST_BYTES], made[DIGEST_BYTES];
	struct digest digest;
	SHA2_CTX hash;
	size_t at = 0;

	SHA256Init(&hash);
	SHA256Update(&hash, bytes, size);
	SHA256Final(wanted, &hash);
	digest_begin(&digest, memo);
	while (at < size) {
		size_t piece = (size_t)rand() % (size - at) + 1;

		digest_add(&digest, bytes + at, piece);
		at += piece;
	}
	digest_end(&digest, made);
	assert_memory_equal(made, wanted, sizeof(wanted));
}

static void test_digests_are_those_of_sha256(void **state)
{
	struct memo *memo = memo_new(DIGEST_BYTES);
	uint8_t bytes[3 * MEMO_KEY_MOST];

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rand();
	for (size_t size = 0; size <= sizeof(bytes); size += size < 200 ? 1 : 37) {
		expect_same_digest(NULL, bytes, size);
		for (int again = 0; again < 3; again++)
			expect_same_digest(memo, bytes, size);
	}
	for (size_t size = MEMO_KEY_MOST - 2; size <= MEMO_KEY_MOST + 2; size++)
		for (int again = 0; again < 3; again++)
			expect_same_digest(memo, bytes, size);
	memo_free(memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_what_was_kept),
		cmocka_unit_test(test_nothing_is_known_without_a_memo),
		cmocka_unit_test(test_long_keys_are_not_kept),
		cmocka_unit_test(test_no_key_gets_the_value_of_another),
		cmocka_unit_test(test_digests_are_those_of_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
