/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that x86-64 has, other than page faults. */
#include "zoo.h"

#include "insn.h"

#include <sys/syscall.h>
#include <unistd.h>

extern const char site_ud2[], site_int3[], site_after_int3[], site_divide[], site_sse[], site_x87[],
	site_alignment[], site_stack_segment[], site_overflow_trap[], site_after_overflow_trap[],
	site_icebp[], site_after_icebp[], site_after_step[], site_noncanonical[], site_privileged[];

static void noncanonical(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_noncanonical, 0, NULL);
	__asm__ volatile(INSN_SITE(site_noncanonical) "movl (%0), %%eax"
			 :
			 : "r"(0x4141414141414141UL)
			 : "eax", "memory");
}

static void privileged(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_privileged, 0, NULL);
	__asm__ volatile(INSN_SITE(site_privileged) "hlt");
}

static void ud2(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_ud2, 0, NULL);
	__asm__ volatile(INSN_SITE(site_ud2) "ud2");
}

/* A trap, not a fault: the saved ip is that of the next instruction. */
static void int3(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_after_int3, 0, NULL);
	__asm__ volatile(INSN_SITE(site_int3) "int3\n\t" INSN_SITE(site_after_int3) "nop");
}

static void divide(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_divide, 0, NULL);
	__asm__ volatile("movl $5, %%eax\n\tcltd\n\txorl %%ecx, %%ecx\n\t" INSN_SITE(
				 site_divide) "idivl %%ecx"
			 :
			 :
			 : "eax", "ecx", "edx", "cc");
}

static void sse(struct witness *me, long arg)
{
	unsigned int control = 0x1f80 & ~0x200U; /* all masked but divide-by-zero */
	double one = 1.0, zero = 0.0;

	(void)arg;
	knows_fault(me, (uintptr_t)site_sse, 0, NULL);
	__asm__ volatile("ldmxcsr %1\n\t" INSN_SITE(site_sse) "divsd %2, %0"
			 : "+x"(one)
			 : "m"(control), "x"(zero));
}

/* x87 reports late: at the next floating-point instruction, here fwait. */
static void x87(struct witness *me, long arg)
{
	unsigned short control = 0x037f & ~4; /* all masked but divide-by-zero */

	(void)arg;
	knows_fault(me, (uintptr_t)site_x87, 0, NULL);
	__asm__ volatile(
		"fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\t" INSN_SITE(site_x87) "fwait"
		:
		: "m"(control));
}

static void alignment(struct witness *me, long arg)
{
	static uint64_t data[2];

	(void)arg;
	knows_fault(me, (uintptr_t)site_alignment, 0, NULL);
	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\t" INSN_SITE(
				 site_alignment) "movl (%0), %%eax"
			 :
			 : "r"((char *)data + 1)
			 : "eax", "cc", "memory");
}

/*
 * A non-canonical address reached through rsp is a stack-segment fault (12), not general protection
 * (13).
 */
static void stack_segment(struct witness *me, long arg)
{
	(void)arg;
	knows_address(me, "ip", (uintptr_t)site_stack_segment);
	__asm__ volatile("mov %0, %%rsp\n\t" INSN_SITE(site_stack_segment) "movl (%%rsp), %%eax"
			 :
			 : "r"(0x4141414141414140UL)
			 : "eax", "memory");
}

static void overflow_trap(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_after_overflow_trap, 0, NULL);
	__asm__ volatile(INSN_SITE(site_overflow_trap) "int $4\n\t" INSN_SITE(
		site_after_overflow_trap) "nop");
}

/* A trap on hardware; some hypervisors hand it on as a fault. */
static void icebp(struct witness *me, long arg)
{
	(void)arg;
	knows_address(me, "ip_low", (uintptr_t)site_icebp);
	knows_address(me, "ip_high", (uintptr_t)site_after_icebp);
	knows_module(me, (uintptr_t)site_icebp);
	knows_sp(me);
	__asm__ volatile(INSN_SITE(site_icebp) ".byte 0xf1\n\t" INSN_SITE(site_after_icebp) "nop");
}

static void single_step(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_after_step, 0, NULL);
	__asm__ volatile(
		"pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n\t" INSN_SITE(site_after_step) "nop"
		:
		:
		: "cc", "memory");
}

static const struct victim victims[] = {
	{ .name = "noncanonical", .comm = "kz-noncanon", .die = noncanonical },
	{ .name = "privileged", .comm = "kz-hlt", .die = privileged },
	{ .name = "ud2", .comm = "kz-ud2", .die = ud2 },
	{ .name = "int3", .comm = "kz-int3", .die = int3 },
	{ .name = "icebp", .comm = "kz-icebp", .die = icebp },
	{ .name = "single-step", .comm = "kz-step", .die = single_step },
	{ .name = "divide", .comm = "kz-divide", .die = divide },
	{ .name = "float-sse", .comm = "kz-sse", .die = sse },
	{ .name = "float-x87", .comm = "kz-x87", .die = x87 },
	{ .name = "alignment", .comm = "kz-alignment", .die = alignment },
	{ .name = "stack-segment", .comm = "kz-stack-seg", .die = stack_segment },
	{ .name = "overflow-trap", .comm = "kz-int4", .die = overflow_trap },
};

const struct menagerie zoo_traps = MENAGERIE(victims);
