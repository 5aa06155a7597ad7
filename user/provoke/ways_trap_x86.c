// SPDX-License-Identifier: BSD-2-Clause
/* Instructions that trap on x86-64. Written in assembly: a compiler can neither move nor remove
 * them. */
#ifdef __x86_64__
#include "provoke/ways.h"

/* An address that the processor cannot have. */
void die_of_general_protection(void)
{
	__asm__ volatile("movl (%0), %%eax" : : "r"(0x4141414141414141UL) : "eax", "memory");
}

void die_of_illegal_instruction(void)
{
	__asm__ volatile("ud2");
}

void die_of_divide_error(void)
{
	__asm__ volatile("movl $1, %%eax\n\tcltd\n\txorl %%ecx, %%ecx\n\tidivl %%ecx"
			 :
			 :
			 : "eax", "ecx", "edx", "cc");
}

void die_of_floating_point(void)
{
	const unsigned int control = 0x1f80 & ~0x200U; /* a division by zero traps */
	double one = 1.0;

	__asm__ volatile("ldmxcsr %1\n\tdivsd %2, %0" : "+x"(one) : "m"(control), "x"(0.0));
}

void die_of_breakpoint(void)
{
	__asm__ volatile("int3");
}

/* With the flag that asks for checks. */
void die_of_alignment_check(void)
{
	static long data[2];

	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\tmovl (%0), %%eax"
			 :
			 : "r"((char *)data + 1)
			 : "eax", "cc", "memory");
}
#endif
