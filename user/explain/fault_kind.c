// SPDX-License-Identifier: BSD-2-Clause
#include "explain/fault_kind.h"

#include <signal.h>
#include <stddef.h>

#include "base/cleanup.h"

#define CODE_PROTECTION_KEY 4 /* SEGV_PKUERR */

enum fault_access fault_access_of(const struct arch *arch, const struct kt_fault *fault)
{
	unsigned int bits = arch->page_fault_bits(fault);

	if (!(fault->valid & KT_FAULT_HAS_ERROR_CODE))
		return FAULT_ACCESS_UNKNOWN;
	if (bits & PAGE_FAULT_EXEC)
		return FAULT_ACCESS_EXEC;
	return bits & PAGE_FAULT_WRITE ? FAULT_ACCESS_WRITE : FAULT_ACCESS_READ;
}

/*
 * Next to the stack pointer, where a stack ends: in the gap below the main one, in a mapping
 * without access below a thread's, or in a guard marker within the mapping
 * (MADV_GUARD_INSTALL, 6.13), for which an address that is mapped and accessible faults as if it
 * were not mapped.
 */
static bool is_stack_overflow(const struct kt_fault *fault, unsigned int bits)
{
	bool contains = fault->flags & KT_FAULT_VMA_CONTAINS;
	bool accessible = contains && (fault->vma_flags & KT_VMA_WRITE);

	if (bits & PAGE_FAULT_EXEC)
		return false;
	/* one frame is larger than the rest of the stack: sp is already beyond the end */
	if (fault->flags & KT_FAULT_SP_UNMAPPED)
		return true;
	if (!(fault->flags & KT_FAULT_NEAR_SP))
		return false;
	if (accessible)
		return fault->code == SEGV_MAPERR;
	return (fault->flags & KT_FAULT_VMA_ABOVE_IS_STACK) &&
	       !(contains && (fault->vma_flags & (KT_VMA_READ | KT_VMA_EXEC)));
}

enum fault_kind fault_kind_of(const struct arch *arch, const struct kt_fault *fault)
{
	unsigned int bits = arch->page_fault_bits(fault);

	if (fault->number != SIGSEGV)
		return FAULT_KIND_NONE;
	if (fault->code == CODE_PROTECTION_KEY || (bits & PAGE_FAULT_PROTECTION_KEY))
		return FAULT_KIND_PROTECTION_KEY;
	if (fault->flags & KT_FAULT_ADDRESS_KERNEL)
		return FAULT_KIND_KERNEL_ADDRESS;
	if (fault->flags & KT_FAULT_ADDRESS_LOW)
		return FAULT_KIND_NULL_DEREFERENCE;
	if (is_stack_overflow(fault, bits))
		return FAULT_KIND_STACK_OVERFLOW;
	if (fault->code != SEGV_ACCERR)
		return FAULT_KIND_UNMAPPED;
	if (bits & PAGE_FAULT_EXEC)
		return FAULT_KIND_EXEC_OF_NON_EXECUTABLE;
	/* readable, but the write was refused */
	if ((bits & PAGE_FAULT_WRITE) &&
	    (!(fault->valid & KT_FAULT_HAS_VMA) ? (bits & PAGE_FAULT_PRESENT) != 0
						: (fault->vma_flags & KT_VMA_READ) != 0))
		return FAULT_KIND_WRITE_TO_READ_ONLY;
	return FAULT_KIND_PERMISSION;
}

const char *fault_kind_name(enum fault_kind kind)
{
	static const char *const names[] = {
		[FAULT_KIND_NULL_DEREFERENCE] = "null-dereference",
		[FAULT_KIND_UNMAPPED] = "unmapped",
		[FAULT_KIND_WRITE_TO_READ_ONLY] = "write-to-read-only",
		[FAULT_KIND_EXEC_OF_NON_EXECUTABLE] = "exec-of-non-executable",
		[FAULT_KIND_STACK_OVERFLOW] = "stack-overflow",
		[FAULT_KIND_KERNEL_ADDRESS] = "kernel-address",
		[FAULT_KIND_PROTECTION_KEY] = "protection-key",
		[FAULT_KIND_PERMISSION] = "permission",
	};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : NULL;
}

const char *fault_access_name(enum fault_access access)
{
	static const char *const names[] = {
		[FAULT_ACCESS_READ] = "read", [FAULT_ACCESS_WRITE] = "write", [FAULT_ACCESS_EXEC] = "exec"
	};

	return (size_t)access < ARRAY_SIZE(names) ? names[access] : NULL;
}
