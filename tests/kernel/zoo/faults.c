/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults: memory that does not exist, or may not be used. */
#include "zoo.h"

#include "insn.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char site_read[], site_write[], site_overflow[];

static void SITE_FUNCTION __attribute__((noreturn))
fault_read(struct witness *me, uintptr_t address)
{
	knows_fault(me, (uintptr_t)site_read, address, "read");
	INSN_READ(site_read, address);
	_exit(97);
}

static void SITE_FUNCTION __attribute__((noreturn))
fault_write(struct witness *me, uintptr_t address)
{
	knows_fault(me, (uintptr_t)site_write, address, "write");
	INSN_WRITE(site_write, address);
	_exit(97);
}

static void SITE_FUNCTION __attribute__((noreturn))
fault_exec(struct witness *me, uintptr_t address)
{
	knows_fault(me, address, address, "exec");
	INSN_CALL(address);
	_exit(97);
}

static uintptr_t page(int protection)
{
	return (uintptr_t)mmap(NULL, ZOO_PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A field of a structure behind a null pointer, a common case: not quite address zero. */
static void null_field_read(struct witness *me, long offset)
{
	fault_read(me, (uintptr_t)offset);
}

static void null_field_write(struct witness *me, long offset)
{
	fault_write(me, (uintptr_t)offset);
}

static void null_call(struct witness *me, long arg)
{
	(void)arg;
	fault_exec(me, 0);
}

static void unmapped(struct witness *me, long arg)
{
	uintptr_t address = page(PROT_READ | PROT_WRITE);

	(void)arg;
	munmap((void *)address, ZOO_PAGE);
	fault_write(me, address + 0x123);
}

static void write_read_only(struct witness *me, long arg)
{
	static const char constant[64] = "in .rodata";

	(void)arg;
	fault_write(me, (uintptr_t)constant);
}

static void exec_data(struct witness *me, long arg)
{
	uintptr_t address = page(PROT_READ | PROT_WRITE);

	(void)arg;
	memset((void *)address, 0xc3, ZOO_PAGE);
	fault_exec(me, address + 0x10);
}

static void read_prot_none(struct witness *me, long arg)
{
	(void)arg;
	fault_read(me, page(PROT_NONE) + 0x20);
}

static void kernel_address(struct witness *me, long arg)
{
	(void)arg;
	fault_read(me, INSN_KERNEL_ADDRESS);
}

static void protection_key(struct witness *me, long arg)
{
	uintptr_t address = page(PROT_READ | PROT_WRITE);
	long key = syscall(SYS_pkey_alloc, 0UL, 1UL /* PKEY_DISABLE_ACCESS */);

	(void)arg;
	if (key < 0)
		witness_skip(me, "the CPU or the kernel has no protection keys");
	syscall(SYS_pkey_mprotect, address, (unsigned long)ZOO_PAGE,
		(unsigned long)(PROT_READ | PROT_WRITE), key);
	fault_read(me, address);
}

static void SITE_FUNCTION __attribute__((noreturn))
overflow(struct witness *me, uintptr_t low, uintptr_t high)
{
	knows_address(me, "ip", (uintptr_t)site_overflow);
	knows_string(me, "access", "write");
	knows_module(me, (uintptr_t)site_overflow);
	knows_address(me, "address_low", low);
	knows_address(me, "address_high", high);
	INSN_PUSH_FOREVER(site_overflow);
	_exit(97);
}

/* The kernel checks the limit each time the stack grows, so a child can give itself a small one. */
static void overflow_main(struct witness *me, long arg)
{
	struct rlimit limit = { ZOO_STACK, ZOO_STACK };
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	(void)arg;
	setrlimit(RLIMIT_STACK, &limit);
	/* The limit counts from the top of the stack, above arguments and environment. */
	overflow(me, here - ZOO_STACK - 2 * ZOO_PAGE, here);
}

static void *overflow_thread(void *arg)
{
	struct witness *me = arg;
	pthread_attr_t attributes;
	void *stack;
	size_t size, guard;

	prctl(PR_SET_NAME, "kz-deep-thread");
	me->tid = (pid_t)syscall(SYS_gettid);
	knows_comm(me, "thread_comm_hex");
	knows_number(me, "threads", 2);
	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &stack, &size);
	pthread_attr_getguardsize(&attributes, &guard);
	overflow(me, (uintptr_t)stack - guard, (uintptr_t)stack + ZOO_PAGE);
}

static void overflow_pthread(struct witness *me, long arg)
{
	pthread_attr_t attributes;
	pthread_t thread;

	(void)arg;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256UL * 1024);
	pthread_attr_setguardsize(&attributes, ZOO_PAGE);
	pthread_create(&thread, &attributes, overflow_thread, me);
	pthread_join(thread, NULL);
}

static void truncated(struct witness *me, long arg)
{
	int fd = (int)syscall(SYS_memfd_create, "kz-truncated", 1U /* MFD_CLOEXEC */);
	void *map;

	(void)arg;
	if (fd < 0 || ftruncate(fd, 2 * ZOO_PAGE))
		witness_skip(me, "no memfd");
	map = mmap(NULL, 2 * ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ftruncate(fd, 0))
		witness_skip(me, "memfd cannot be truncated");
	fault_read(me, (uintptr_t)map + ZOO_PAGE + 8);
}

static const struct victim victims[] = {
	{ .name = "null-deref", .comm = "kz-null-write", .arg = 0, .die = null_field_write },
	{ .name = "null-read", .comm = "kz-null-read", .arg = 8, .die = null_field_read },
	{ .name = "null-call", .comm = "kz-null-call", .die = null_call },
	{ .name = "unmapped", .comm = "kz-unmapped", .die = unmapped },
	{ .name = "write-read-only", .comm = "kz-rodata", .die = write_read_only },
	{ .name = "exec-data", .comm = "kz-exec-data", .die = exec_data },
	{ .name = "prot-none", .comm = "kz-prot-none", .die = read_prot_none },
	{ .name = "stack-overflow", .comm = "kz-deep", .die = overflow_main },
	{ .name = "stack-overflow-thread", .comm = "kz-deep-leader", .die = overflow_pthread },
	{ .name = "kernel-address", .comm = "kz-kernel-addr", .die = kernel_address },
	{ .name = "protection-key", .comm = "kz-pkey", .die = protection_key },
	{ .name = "truncated-mmap", .comm = "kz-truncated", .die = truncated },
};

const struct menagerie zoo_faults = MENAGERIE(victims);
