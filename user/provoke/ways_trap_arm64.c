// SPDX-License-Identifier: BSD-2-Clause
/* Instructions that trap on arm64, which has fewer of them than x86-64. */
#ifdef __aarch64__
#include "provoke/ways.h"

void die_of_illegal_instruction(void)
{
	__asm__ volatile("udf #0");
}

void die_of_breakpoint(void)
{
	__asm__ volatile("brk #1");
}

/* An exclusive load must be aligned. New CPUs allow it within 16 bytes, which this one crosses. */
void die_of_alignment_check(void)
{
	static char data[32] __attribute__((aligned(16)));

	__asm__ volatile("ldxr w0, [%0]" : : "r"(data + 14) : "x0", "memory");
}
#endif
