/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that arm64 has, other than plain page faults. */
#include "zoo.h"

#include "insn.h"

extern const char site_undefined[], site_privileged[], site_brk[], site_alignment[], site_tagged[];

static void undefined(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_undefined, 0, NULL);
	__asm__ volatile(INSN_SITE(site_undefined) "udf #0");
}

/* A system register of the kernel: looks the same as an instruction that does not exist. */
static void privileged(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_privileged, 0, NULL);
	__asm__ volatile(INSN_SITE(site_privileged) "mrs x0, sctlr_el1" : : : "x0");
}

/* The saved pc is that of the instruction itself. */
static void breakpoint(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_brk, 0, NULL);
	__asm__ volatile(INSN_SITE(site_brk) "brk #0x123");
}

/*
 * An exclusive load must be aligned; this one also crosses 16 bytes, within which new CPUs allow
 * it.
 */
static void alignment(struct witness *me, long arg)
{
	static char data[32] __attribute__((aligned(16)));

	(void)arg;
	knows_fault(me, (uintptr_t)site_alignment, (uintptr_t)data + 14, NULL);
	knows_address(me, "address", (uintptr_t)data + 14);
	__asm__ volatile(INSN_SITE(site_alignment) "ldxr w0, [%0]"
			 :
			 : "r"(data + 14)
			 : "x0", "memory");
}

/* The program counter itself is misaligned: it is the jump target. */
static void pc_alignment(struct witness *me, long arg)
{
	uintptr_t address = (uintptr_t)site_brk + 2;

	(void)arg;
	knows_fault(me, address, 0, NULL);
	__asm__ volatile("br %0" : : "r"(address));
}

/* The top byte of an address is a tag and not part of it; the other unused bits are part of it. */
static void tagged(struct witness *me, long arg)
{
	(void)arg;
	knows_fault(me, (uintptr_t)site_tagged, 0x0041414141414141UL, "write");
	__asm__ volatile(INSN_SITE(site_tagged) "str wzr, [%0]"
			 :
			 : "r"(0x4141414141414141UL)
			 : "memory");
}

static const struct victim victims[] = {
	{ .name = "undefined", .comm = "kz-undefined", .die = undefined },
	{ .name = "privileged", .comm = "kz-mrs", .die = privileged },
	{ .name = "brk", .comm = "kz-brk", .die = breakpoint },
	{ .name = "alignment", .comm = "kz-alignment", .die = alignment },
	{ .name = "pc-alignment", .comm = "kz-pc", .die = pc_alignment },
	{ .name = "tagged", .comm = "kz-tagged", .die = tagged },
};

const struct menagerie zoo_traps = MENAGERIE(victims);
