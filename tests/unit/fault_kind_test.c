// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "explain/fault_kind.h"

#include <signal.h>
#include <string.h>

#define PKUERR 4 /* SEGV_PKUERR */
#define AT_STACK (KT_FAULT_NEAR_SP | KT_FAULT_VMA_ABOVE_IS_STACK)
#define RW (KT_VMA_READ | KT_VMA_WRITE)

struct kind_case {
	int code;
	uint32_t error_code;
	uint32_t flags;
	uint32_t valid;
	uint32_t vma_flags;
	enum fault_kind kind;
};

#define VMA KT_FAULT_HAS_VMA
#define IN_VMA (KT_FAULT_VMA_WALKED | KT_FAULT_VMA_CONTAINS)

static const struct kind_case kinds[] = {
	{ SEGV_MAPERR, 4, KT_FAULT_ADDRESS_LOW, 0, 0, FAULT_KIND_NULL_DEREFERENCE },
	{ SEGV_MAPERR, 0x14, KT_FAULT_ADDRESS_LOW, 0, 0, FAULT_KIND_NULL_DEREFERENCE },
	{ SEGV_ACCERR, 7, KT_FAULT_ADDRESS_LOW, 0, 0, FAULT_KIND_NULL_DEREFERENCE },
	/* at the bottom of memory it is always a null pointer, even with a stack pointer of zero */
	{ SEGV_MAPERR, 6, KT_FAULT_ADDRESS_LOW | AT_STACK, 0, 0, FAULT_KIND_NULL_DEREFERENCE },
	{ SEGV_MAPERR, 4, KT_FAULT_VMA_WALKED, 0, 0, FAULT_KIND_UNMAPPED },
	{ SEGV_MAPERR, 4, 0, 0, 0, FAULT_KIND_UNMAPPED },
	{ SEGV_MAPERR, 6, IN_VMA, VMA, RW, FAULT_KIND_UNMAPPED },
	{ SEGV_ACCERR, 7, IN_VMA, VMA, KT_VMA_READ, FAULT_KIND_WRITE_TO_READ_ONLY },
	{ SEGV_ACCERR, 6, IN_VMA, VMA, KT_VMA_READ, FAULT_KIND_WRITE_TO_READ_ONLY },
	{ SEGV_ACCERR, 7, 0, 0, 0, FAULT_KIND_WRITE_TO_READ_ONLY },
	/* not present, and the mapping is unknown: nothing is made up */
	{ SEGV_ACCERR, 6, 0, 0, 0, FAULT_KIND_PERMISSION },
	{ SEGV_ACCERR, 6, IN_VMA, VMA, 0, FAULT_KIND_PERMISSION },
	{ SEGV_ACCERR, 4, IN_VMA, VMA, 0, FAULT_KIND_PERMISSION },
	{ SEGV_ACCERR, 5, IN_VMA, VMA, KT_VMA_EXEC, FAULT_KIND_PERMISSION },
	{ SEGV_ACCERR, 0x15, IN_VMA, VMA, RW, FAULT_KIND_EXEC_OF_NON_EXECUTABLE },
	{ SEGV_ACCERR, 0x14, IN_VMA, VMA, KT_VMA_READ, FAULT_KIND_EXEC_OF_NON_EXECUTABLE },
	{ SEGV_ACCERR, 0x15, 0, 0, 0, FAULT_KIND_EXEC_OF_NON_EXECUTABLE },
	/* stacks: the gap below one, or a guard without any access */
	{ SEGV_MAPERR, 6, AT_STACK, 0, 0, FAULT_KIND_STACK_OVERFLOW },
	{ SEGV_MAPERR, 4, AT_STACK, 0, 0, FAULT_KIND_STACK_OVERFLOW },
	{ SEGV_ACCERR, 6, AT_STACK | IN_VMA, VMA, 0, FAULT_KIND_STACK_OVERFLOW },
	{ SEGV_MAPERR, 0x14, AT_STACK, 0, 0, FAULT_KIND_UNMAPPED },
	{ SEGV_ACCERR, 7, AT_STACK | IN_VMA, VMA, KT_VMA_READ, FAULT_KIND_WRITE_TO_READ_ONLY },
	{ SEGV_MAPERR, 6, KT_FAULT_NEAR_SP, 0, 0, FAULT_KIND_UNMAPPED },
	{ SEGV_MAPERR, 6, KT_FAULT_VMA_ABOVE_IS_STACK, 0, 0, FAULT_KIND_UNMAPPED },
	/* above the user half, in any case */
	{ SEGV_MAPERR, 5, KT_FAULT_ADDRESS_KERNEL, 0, 0, FAULT_KIND_KERNEL_ADDRESS },
	{ SEGV_MAPERR, 7, KT_FAULT_ADDRESS_KERNEL | AT_STACK, 0, 0, FAULT_KIND_KERNEL_ADDRESS },
	{ SEGV_MAPERR, 0x15, KT_FAULT_ADDRESS_KERNEL, 0, 0, FAULT_KIND_KERNEL_ADDRESS },
	/* protection keys: by the code, or by the CPU's bit */
	{ PKUERR, 0x25, IN_VMA, VMA, RW, FAULT_KIND_PROTECTION_KEY },
	{ PKUERR, 5, IN_VMA, VMA, RW, FAULT_KIND_PROTECTION_KEY },
	{ SEGV_ACCERR, 0x27, IN_VMA, VMA, KT_VMA_READ, FAULT_KIND_PROTECTION_KEY },
};

static void test_kinds(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct kt_fault fault = {
			.number = SIGSEGV,
			.code = kinds[i].code,
			.error_code = kinds[i].error_code,
			.flags = kinds[i].flags,
			.valid = kinds[i].valid | KT_FAULT_HAS_ERROR_CODE |
				 KT_FAULT_HAS_TRAP_NUMBER,
			.vma_flags = kinds[i].vma_flags,
			.trap_number = 14,
		};

		if (fault_kind_of(&arch_x86, &fault) == kinds[i].kind)
			continue;
		print_error("case %zu: %s, must be %s\n", i,
			    fault_kind_name(fault_kind_of(&arch_x86, &fault)),
			    fault_kind_name(kinds[i].kind));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* A page fault can end with another signal: then it has no kind. */
static void test_only_segfaults_have_a_kind(void **state)
{
	struct kt_fault fault = { .code = SEGV_MAPERR, .flags = KT_FAULT_ADDRESS_LOW };

	(void)state;
	for (fault.number = 0; fault.number <= 64; fault.number++)
		if (fault.number != SIGSEGV)
			assert_int_equal(fault_kind_of(&arch_x86, &fault), FAULT_KIND_NONE);
}

static void test_access(void **state)
{
	static const struct {
		uint32_t error_code;
		enum fault_access access;
	} accesses[] = {
		{ 0x00, FAULT_ACCESS_READ },  { 0x04, FAULT_ACCESS_READ },
		{ 0x05, FAULT_ACCESS_READ },  { 0x06, FAULT_ACCESS_WRITE },
		{ 0x07, FAULT_ACCESS_WRITE }, { 0x14, FAULT_ACCESS_EXEC },
		{ 0x15, FAULT_ACCESS_EXEC },  { 0x25, FAULT_ACCESS_READ },
		{ 0x27, FAULT_ACCESS_WRITE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(accesses); i++) {
		struct kt_fault fault = { .valid = KT_FAULT_HAS_ERROR_CODE,
					  .error_code = accesses[i].error_code };

		assert_int_equal(fault_access_of(&arch_x86, &fault), accesses[i].access);
		fault.valid = 0;
		assert_int_equal(fault_access_of(&arch_x86, &fault), FAULT_ACCESS_UNKNOWN);
	}
}

/* The JSON Schema has these names. */
static void test_names(void **state)
{
	static const char *const names[] = { "null-dereference",   "unmapped",
					     "write-to-read-only", "exec-of-non-executable",
					     "stack-overflow",     "kernel-address",
					     "protection-key",     "permission" };

	(void)state;
	assert_null(fault_kind_name(FAULT_KIND_NONE));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(fault_kind_name((enum fault_kind)(i + 1)), names[i]);
	assert_null(fault_kind_name((enum fault_kind)(COUNT(names) + 1)));
	assert_null(fault_access_name(FAULT_ACCESS_UNKNOWN));
	assert_string_equal(fault_access_name(FAULT_ACCESS_READ), "read");
	assert_string_equal(fault_access_name(FAULT_ACCESS_WRITE), "write");
	assert_string_equal(fault_access_name(FAULT_ACCESS_EXEC), "exec");
	assert_null(fault_access_name((enum fault_access)(FAULT_ACCESS_EXEC + 1)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_only_segfaults_have_a_kind),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("fault_kind", tests, NULL, NULL);
}
