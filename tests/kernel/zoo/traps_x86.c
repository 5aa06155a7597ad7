/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that x86-64 has, other than page faults. */
#include "zoo.h"

#include <signal.h>

#include "insn.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char site_ud1[], site_lacks_legacy[], site_lacks_vex[], site_lacks_evex[],
	site_lacks_xop[], site_ud2[], site_int3[], site_after_int3[], site_divide[], site_sse[],
	site_x87[], site_alignment[], site_stack_segment[], site_overflow_trap[],
	site_after_overflow_trap[], site_icebp[], site_after_icebp[], site_after_step[],
	site_vsyscall_write[], site_noncanonical[], site_privileged[], site_lgdt[], site_xgetbv[];

static SITE_FUNCTION void noncanonical(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_noncanonical, 0, NULL);
	__asm__ volatile(INSN_SITE(site_noncanonical) "movl (%0), %%eax"
			 :
			 : "r"(0x4141414141414141UL)
			 : "eax", "memory");
}

static void raise_again(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

/* As crash reporters do: the raise kills, but the trap is what happened. */
static void noncanonical_raised(struct witness *me, long arg)
{
	knows_number(me, "sender_pid", me->pid);
	signal(SIGSEGV, raise_again);
	noncanonical(me, arg);
}

static void privileged(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_privileged, 0, NULL);
	__asm__ volatile(INSN_SITE(site_privileged) "hlt");
}

static void lgdt(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_lgdt, 0, NULL);
	__asm__ volatile(INSN_SITE(site_lgdt) "lgdt -16(%%rsp)" : : : "memory");
}

/* Same opcode group as lgdt, and allowed for programs, but not with a register that no CPU has. */
static void xgetbv(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_xgetbv, 0, NULL);
	__asm__ volatile(INSN_SITE(site_xgetbv) "xgetbv" : : "c"(0x7fffffff) : "eax", "edx");
}

static void ud2(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_ud2, 0, NULL);
	__asm__ volatile(INSN_SITE(site_ud2) "ud2");
}

/* As with clang's -fsanitize-trap: the operand says which check failed. */
static void ud1(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_ud1, 0, NULL);
	__asm__ volatile(INSN_SITE(site_ud1) ".byte 0x67\n\tud1 2(%%rax), %%eax" : : : "memory");
}

/* Instructions that no current CPU has, each in an encoding of its own. */
static void lacks_legacy(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_lacks_legacy, 0, NULL);
	__asm__ volatile(INSN_SITE(site_lacks_legacy) ".byte 0x66, 0x0f, 0x38, 0xff, 0xc0");
}

static void lacks_vex(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_lacks_vex, 0, NULL);
	/* vzeroupper with an operand that it does not have */
	__asm__ volatile(INSN_SITE(site_lacks_vex) ".byte 0xc5, 0xf0, 0x77");
}

static void lacks_evex(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_lacks_evex, 0, NULL);
	__asm__ volatile(INSN_SITE(site_lacks_evex) "vp4dpwssd (%%rsp), %%zmm4, %%zmm0"
			 :
			 :
			 : "memory");
}

static void lacks_xop(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_lacks_xop, 0, NULL);
	__asm__ volatile(INSN_SITE(site_lacks_xop) "vfrczps %%xmm0, %%xmm0" : : : "memory");
}

/* The last bytes of a page, with no page behind it: a read of the code must stop there. */
static void ud2_at_page_end(struct witness *me, long arg)
{
	unsigned char *page =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	page[4094] = 0x0f;
	page[4095] = 0x0b;
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	munmap(page + 4096, 4096);
	knows_address(me, "ip", (uintptr_t)page + 4094);
	INSN_CALL(page + 4094);
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
 * A non-canonical address reached through rsp is a stack-segment fault (12), not a general
 * protection fault (13).
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

/* A trap on hardware; some hypervisors report it as a fault. */
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

/* The kernel's option vsyscall= decides what it forbids. A write, and a call of a place that is
 * none of its three functions, always fail (arch/x86/entry/vsyscall). */
#define VSYSCALL_PAGE 0xffffffffff600000UL

static SITE_FUNCTION void vsyscall_write(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_vsyscall_write, VSYSCALL_PAGE, "write");
	INSN_WRITE(site_vsyscall_write, VSYSCALL_PAGE);
}

static void vsyscall_call(struct witness *me, long arg)
{
	const uintptr_t address = VSYSCALL_PAGE + 0x10;

	(void)arg;
	knows_address(me, "ip", address);
	INSN_CALL(address);
}

static const struct victim victims[] = {
	{ .name = "vsyscall-write", .comm = "kz-vsyscall-w", .die = vsyscall_write },
	{ .name = "vsyscall-call", .comm = "kz-vsyscall-c", .die = vsyscall_call },
	{ .name = "noncanonical", .comm = "kz-noncanon", .die = noncanonical },
	{ .name = "noncanonical-raised", .comm = "kz-noncanon-2", .die = noncanonical_raised },
	{ .name = "privileged", .comm = "kz-hlt", .die = privileged },
	{ .name = "lgdt", .comm = "kz-lgdt", .die = lgdt },
	{ .name = "xgetbv", .comm = "kz-xgetbv", .die = xgetbv },
	{ .name = "ud2", .comm = "kz-ud2", .die = ud2 },
	{ .name = "ud1", .comm = "kz-ud1", .die = ud1 },
	{ .name = "ud2-at-page-end", .comm = "kz-ud2-end", .die = ud2_at_page_end },
	{ .name = "lacks-legacy", .comm = "kz-no-legacy", .die = lacks_legacy },
	{ .name = "lacks-vex", .comm = "kz-no-vex", .die = lacks_vex },
	{ .name = "lacks-evex", .comm = "kz-no-evex", .die = lacks_evex },
	{ .name = "lacks-xop", .comm = "kz-no-xop", .die = lacks_xop },
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
