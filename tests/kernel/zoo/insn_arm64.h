/* SPDX-License-Identifier: BSD-2-Clause */
/* insn.h on arm64. */
#ifndef ZOO_INSN_ARM64_H
#define ZOO_INSN_ARM64_H

#include <elf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define INSN_KERNEL_ADDRESS 0xffff800080000000UL
#define INSN_ELF_MACHINE EM_AARCH64

#define INSN_READ(label, address) \
	__asm__ volatile(INSN_SITE(label) "ldr wzr, [%0]" : : "r"(address) : "memory")

#define INSN_WRITE(label, address) \
	__asm__ volatile(INSN_SITE(label) "str wzr, [%0]" : : "r"(address) : "memory")

#define INSN_WRITE_BEFORE(label, after, address)                             \
	__asm__ volatile(INSN_SITE(label) "str wzr, [%0]\n" INSN_SITE(after) \
			 :                                                   \
			 : "r"(address)                                      \
			 : "memory")

#define INSN_CALL(address) __asm__ volatile("blr %0" : : "r"(address) : "x30", "memory")

#define INSN_PUSH_FOREVER(label) \
	__asm__ volatile("1:\n\t" INSN_SITE(label) "str xzr, [sp, #-16]!\n\tb 1b" : : : "memory")

#define INSN_SYSCALL_WITH_SP(sp, number, first, second, third)                \
	do {                                                                  \
		register long x8 __asm__("x8") = (number);                    \
		register long x0 __asm__("x0") = (first);                     \
		register long x1 __asm__("x1") = (second);                    \
		register long x2 __asm__("x2") = (third);                     \
		__asm__ volatile("mov sp, %0\n\tsvc #0"                       \
				 : "+r"(x0)                                   \
				 : "r"((long)(sp)), "r"(x8), "r"(x1), "r"(x2) \
				 : "memory");                                 \
	} while (0)

/* str wzr, [x0, #16] */
#define INSN_STORE_16                  \
	{                              \
		0x1f, 0x10, 0x00, 0xb9 \
	}

/* udf #0 */
#define INSN_TRAP          \
	{                  \
		0, 0, 0, 0 \
	}

#define INSN_JUMP_FULL(code_, piece_)                                                          \
	__asm__ volatile("dup v0.2d, %[piece]\n\tdup v31.2d, %[piece]\n\t"                     \
			 "mov x1, %[piece]\n\tmov x2, %[piece]\n\tmov x3, %[piece]\n\t"        \
			 "mov x4, %[piece]\n\tmov x5, %[piece]\n\tmov x6, %[piece]\n\t"        \
			 "mov x7, %[piece]\n\tmov x8, %[piece]\n\tmov x11, %[piece]\n\t"       \
			 "mov x12, %[piece]\n\tmov x13, %[piece]\n\tmov x14, %[piece]\n\t"     \
			 "mov x15, %[piece]\n\tmov x20, %[piece]\n\tmov x21, %[piece]\n\t"     \
			 "stp %[piece], %[piece], [sp, #-16]!\n\t"                             \
			 "mov x0, xzr\n\tbr %[code]"                                           \
			 :                                                                     \
			 : [piece] "r"(piece_), [code] "r"(code_)                              \
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x11", "x12", \
			   "x13", "x14", "x15", "x20", "x21", "v0", "v31", "memory")

#define INSN_JUMP_FRAME(code_, frame_)                                    \
	__asm__ volatile("mov x29, %[frame]\n\tmov x0, xzr\n\tbr %[code]" \
			 :                                                \
			 : [frame] "r"(frame_), [code] "r"(code_)         \
			 : "x0", "memory")

static inline long insn_fork_sharing(char *stack)
{
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = CLONE_VM | SIGCHLD;
	register char *x1 __asm__("x1") = stack;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;

	/* The child has no thread data of its own: it may only wait, in assembly. */
	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 2f\n"
			 "1:\tmov x0, xzr\n\t"
			 "mov x1, xzr\n\t"
			 "mov x8, %[ppoll]\n\t"
			 "svc #0\n\t"
			 "b 1b\n"
			 "2:"
			 : "+r"(x0), "+r"(x1), "+r"(x8)
			 : "r"(x2), "r"(x3), "r"(x4), [ppoll] "i"(SYS_ppoll)
			 : "memory");
	return x0;
}

static inline void insn_go_on_at(ucontext_t *context, uintptr_t ip)
{
	context->uc_mcontext.pc = ip;
}

#endif
