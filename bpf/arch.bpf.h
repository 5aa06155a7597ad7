/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What differs between processor architectures, with one header for each: the registers
 * that are kept (ip and sp, nothing else), what the exception entry noted about a fault, numbers of
 * system calls, and where the user half of the address space ends. Each defines KT_ARCH and
 * arch_user_ip(), arch_user_sp(), arch_read_user_context(), arch_gives_siginfo(), arch_is_kill(),
 * arch_is_exit(), arch_read_trap(), arch_is_page_fault(), arch_is_kernel_address(),
 * arch_trap_decides(), arch_stops_at_instruction(), arch_read_instruction(), arch_ip().
 */
#ifndef KT_ARCH_BPF_H
#define KT_ARCH_BPF_H

#if defined(__TARGET_ARCH_x86)
#include "arch_x86.bpf.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arch_arm64.bpf.h"
#else
#error "this architecture has no arch_*.bpf.h yet"
#endif

#endif
