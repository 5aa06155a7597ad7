// SPDX-License-Identifier: BSD-2-Clause
/* A table that is written here by Go's documentation; that of a real program is in
 * tests/kernel/test_symbols.py. */
#include "symbols/go_table.h"

#include "go_table_make.h"
#include "unit.h"

static struct go_table table_of(const uint8_t *bytes, size_t size)
{
	struct go_table table;
	size_t text_at;

	assert_true(go_table_open(bytes, size, &table, &text_at));
	assert_int_equal(text_at, GO_TABLE_TEXT_AT);
	return table;
}

static void test_functions(void **state)
{
	uint8_t bytes[GO_TABLE_SIZE];
	struct symbols_place places[SYMBOLS_PLACES];
	struct go_table table;

	(void)state;
	go_table_make(bytes);
	table = table_of(bytes, sizeof(bytes));
	assert_int_equal(table.text, GO_TEXT);
	assert_int_equal(go_table_extent(&table), 0x80);
	assert_int_equal(go_table_find(&table, 0x1000, 0x1001, places), 1);
	assert_string_equal(places[0].function, "main.load");
	assert_string_equal(places[0].file, "shop.go");
	assert_int_equal(places[0].line, 5);
	assert_int_equal(places[0].offset, 1);
	assert_int_equal(go_table_find(&table, 0x105f, 0x105f, places), 1);
	assert_string_equal(places[0].function, "main.main");
	assert_int_equal(places[0].line, 9);
	assert_int_equal(places[0].offset, 0x1f);
}

/* The table does not say which function was inlined. */
static void test_inlined(void **state)
{
	uint8_t bytes[GO_TABLE_SIZE];
	struct symbols_place places[SYMBOLS_PLACES];
	struct go_table table;

	(void)state;
	go_table_make(bytes);
	table = table_of(bytes, sizeof(bytes));
	assert_int_equal(go_table_find(&table, 0x107f, 0x107f, places), 2);
	assert_string_equal(places[0].function, "");
	assert_string_equal(places[0].file, "shop.go");
	assert_int_equal(places[0].line, 10);
	assert_string_equal(places[1].function, "main.main");
	assert_int_equal(places[1].line, 0);
}

static void test_outside(void **state)
{
	uint8_t bytes[GO_TABLE_SIZE];
	struct symbols_place places[SYMBOLS_PLACES];
	struct go_table table;

	(void)state;
	go_table_make(bytes);
	table = table_of(bytes, sizeof(bytes));
	assert_int_equal(go_table_find(&table, 0xfff, 0xfff, places), 0);
	assert_int_equal(go_table_find(&table, 0x1080, 0x1080, places), 0);
}

/* At each length, and with each byte another: no reading outside (sanitizers), and texts end. */
static void test_damage(void **state)
{
	uint8_t bytes[GO_TABLE_SIZE];
	struct symbols_place places[SYMBOLS_PLACES];
	struct go_table table;
	size_t text_at;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(bytes); i++) {
		const size_t size = i < sizeof(bytes) ? i : sizeof(bytes);
		uint8_t *copy = test_malloc(size ? size : 1);

		go_table_make(bytes);
		if (i >= sizeof(bytes))
			bytes[i - sizeof(bytes)] ^= 0xffU;
		memcpy(copy, bytes, size);
		for (uint64_t address = GO_TEXT; address < GO_TEXT + 0x80; address++)
			if (go_table_open(copy, size, &table, &text_at))
				assert_in_range(go_table_find(&table, address, address, places), 0,
						2);
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_inlined),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
