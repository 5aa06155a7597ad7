/* SPDX-License-Identifier: BSD-2-Clause */
/* insn.h on x86-64. */
#ifndef ZOO_INSN_X86_H
#define ZOO_INSN_X86_H

#include <elf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define INSN_KERNEL_ADDRESS 0xffffffff81000000UL
#define INSN_ELF_MACHINE EM_X86_64

#define INSN_READ(label, address) \
	__asm__ volatile(INSN_SITE(label) "movl (%0), %%eax" : : "r"(address) : "eax", "memory")

#define INSN_WRITE(label, address) \
	__asm__ volatile(INSN_SITE(label) "movl $1, (%0)" : : "r"(address) : "memory")

#define INSN_WRITE_BEFORE(label, after, address)                             \
	__asm__ volatile(INSN_SITE(label) "movl $1, (%0)\n" INSN_SITE(after) \
			 :                                                   \
			 : "r"(address)                                      \
			 : "memory")

#define INSN_CALL(address) __asm__ volatile("call *%0" : : "r"(address) : "memory")

#define INSN_PUSH_FOREVER(label) \
	__asm__ volatile("1:\n\t" INSN_SITE(label) "push %%rax\n\tjmp 1b" : : : "memory")

#define INSN_SYSCALL_WITH_SP(sp, number, first, second, third)                       \
	__asm__ volatile("mov %0, %%rsp\n\tsyscall"                                  \
			 :                                                           \
			 : "r"((long)(sp)), "a"((long)(number)), "D"((long)(first)), \
			   "S"((long)(second)), "d"((long)(third))                   \
			 : "rcx", "r11", "memory")

/* movl $1, 0x10(%rax) */
#define INSN_STORE_16                                    \
	{                                                \
		0xc7, 0x40, 0x10, 0x01, 0x00, 0x00, 0x00 \
	}

/* ud2 */
#define INSN_TRAP          \
	{                  \
		0x0f, 0x0b \
	}

#define INSN_JUMP_FULL(code_, piece_)                                                            \
	__asm__ volatile("movq %[piece], %%xmm0\n\tmovdqa %%xmm0, %%xmm1\n\t"                    \
			 "mov %[piece], %%rdx\n\tmov %[piece], %%rsi\n\tmov %[piece], %%rdi\n\t" \
			 "mov %[piece], %%r8\n\tmov %[piece], %%r9\n\tmov %[piece], %%r10\n\t"   \
			 "mov %[piece], %%r11\n\tmov %[piece], %%r12\n\tmov %[piece], %%r13\n\t" \
			 "mov %[piece], %%r14\n\tmov %[piece], %%r15\n\t"                        \
			 "push %[piece]\n\tpush %[piece]\n\tpush %[piece]\n\t"                   \
			 "xor %%eax, %%eax\n\tjmp *%[code]"                                      \
			 :                                                                       \
			 : [piece] "b"(piece_), [code] "c"(code_)                                \
			 : "rax", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",   \
			   "r14", "r15", "xmm0", "xmm1", "memory")

#define INSN_JUMP_FRAME(code_, frame_)                                             \
	__asm__ volatile("mov %[frame], %%rbp\n\txor %%eax, %%eax\n\tjmp *%[code]" \
			 :                                                         \
			 : [frame] "b"(frame_), [code] "c"(code_)                  \
			 : "rax", "memory")

static inline long insn_fork_sharing(char *stack)
{
	long pid;

	/* The child has no thread data of its own: it may only wait, in assembly. */
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 2f\n"
			 "1:\tmov %[pause], %%eax\n\t"
			 "syscall\n\t"
			 "jmp 1b\n"
			 "2:"
			 : "=a"(pid)
			 : "a"((long)SYS_clone), "D"((long)(CLONE_VM | SIGCHLD)), "S"(stack),
			   "d"(0L), [pause] "i"(SYS_pause)
			 : "rcx", "r11", "memory");
	return pid;
}

static inline void insn_go_on_at(ucontext_t *context, uintptr_t ip)
{
	context->uc_mcontext.gregs[REG_RIP] = (greg_t)ip;
}

#endif
