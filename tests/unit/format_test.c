// SPDX-License-Identifier: BSD-2-Clause
/* Compared with vsnprintf(), for every size of the buffer. */
#include "unit.h"

#include "base/format.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void expect_as_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void expect_as_printf(const char *format, ...)
{
	for (size_t size = 0; size < 120; size++) {
		char wanted[128], made[128];
		va_list args, again;
		int length;

		memset(wanted, '~', sizeof(wanted));
		memset(made, '~', sizeof(made));
		va_start(args, format);
		va_copy(again, args);
		length = vsnprintf(wanted, size, format, args);
		assert_int_equal(format_text(made, size, format, again), length);
		va_end(again);
		va_end(args);
		assert_memory_equal(made, wanted, sizeof(wanted));
	}
}

static void test_is_vsnprintf(void **state)
{
	(void)state;
	expect_as_printf("%s", "");
	expect_as_printf("nothing to put in");
	expect_as_printf(" (pid %" PRIu32 ", uid %" PRIu32 ")", UINT32_MAX, 0U);
	expect_as_printf("%s (%s) %% %s", "one", "", "%s%n");
	expect_as_printf("%u %lu %llu", UINT_MAX, ULONG_MAX, ULLONG_MAX);
	expect_as_printf("0x%x 0x%lx 0x%llx", UINT_MAX, ULONG_MAX, 0xdeadbeefcafeULL);
	expect_as_printf("%" PRIu64 ".%" PRIu64 " s", UINT64_MAX, (uint64_t)7);
	expect_as_printf("%u%s%llx", 0U, "\xff\x01", 0ULL);
}

/* What it leaves to vsnprintf(). */
static void test_knows_its_limits(void **state)
{
	(void)state;
	expect_as_printf("%d %i", -1, INT_MIN);
	expect_as_printf("%5u|%-5s|%05x|%.3s", 7U, "ab", 10U, "abcdef");
	expect_as_printf("%.1f %c %zu %s", 1.25, 'x', (size_t)3, "end");
	expect_as_printf("%s %hhu %ld", "a", (unsigned char)200, LONG_MIN);
	expect_as_printf("%*u", 4, 2U);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_vsnprintf),
		cmocka_unit_test(test_knows_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
