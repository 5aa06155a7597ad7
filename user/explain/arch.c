// SPDX-License-Identifier: BSD-2-Clause
#include "explain/arch.h"

#include <stddef.h>

static const char *no_name(uint32_t trap, uint32_t error_code)
{
	(void)trap;
	(void)error_code;
	return NULL;
}

static bool no(const struct kt_fault *fault)
{
	(void)fault;
	return false;
}

static unsigned int no_bits(const struct kt_fault *fault)
{
	(void)fault;
	return 0;
}

static enum cause no_cause(const struct kt_fault *fault, const struct kernel_stack *stack)
{
	(void)fault;
	(void)stack;
	return CAUSE_COUNT;
}

static bool never_fresh(const struct kt_fault *fault, const struct kernel_stack *stack,
			enum cause cause)
{
	(void)fault;
	(void)stack;
	(void)cause;
	return false;
}

static const struct arch arch_unknown = {
	.trap_name = no_name,
	.is_page_fault = no,
	.page_fault_bits = no_bits,
	.is_breakpoint = no,
	.cause_of_segv = no_cause,
	.trap_is_fresh = never_fresh,
	.call = { -1, -1, -1, -1, -1, -1, -1, -1, { 0 } },
};

const struct arch *arch_of(const struct death *death)
{
	switch (death->record.arch) {
	case KT_ARCH_X86_64:
		return &arch_x86;
	case KT_ARCH_ARM64:
		return &arch_arm64;
	default:
		return &arch_unknown;
	}
}
