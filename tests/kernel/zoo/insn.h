/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions that victims die of, one header per processor architecture; traps that only one
 * has are in traps_ARCH.c. Each header defines:
 *
 *   INSN_READ(label, address)      a load at label
 *   INSN_WRITE(label, address)     a store at label
 *   INSN_WRITE_BEFORE(label, after, address)   the same, and a label behind it
 *   INSN_CALL(address)
 *   INSN_PUSH_FOREVER(label)       stores at label, each lower on the stack
 *   INSN_SYSCALL_WITH_SP(sp, number, first, second, third)
 *   INSN_STORE_16                  code bytes of a store 16 bytes behind INSN_JUMP_FULL's base
 *   INSN_TRAP                      code bytes of an instruction that traps
 *   INSN_JUMP_FULL(code, piece)    jumps to code with base zero and piece in the other registers
 *   INSN_JUMP_FRAME(code, frame)   jumps to code with base zero and a frame pointer
 *   INSN_KERNEL_ADDRESS            an address that only the kernel uses
 *   INSN_ELF_MACHINE               for an ELF header
 *   insn_fork_sharing(stack)       a child in the same memory that waits forever; returns its pid
 *   insn_go_on_at(context, ip)     a signal handler returns to ip
 *
 * The faulting instruction is written in assembly with a label of its own: the compiler can neither
 * fold the undefined behaviour away nor move it, and its address is known to the byte.
 */
#ifndef ZOO_INSN_H
#define ZOO_INSN_H

#define INSN_SITE(label) ".globl " #label "\n" #label ":\n\t"

#ifdef __aarch64__
#include "insn_arm64.h"
#else
#include "insn_x86.h"
#endif

#endif
