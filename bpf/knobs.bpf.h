/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space decides before the programs are loaded. The kernel sees these as constants and
 * drops the branches that are not taken, so a branch may hold what another kernel would refuse.
 */
#ifndef KT_KNOBS_BPF_H
#define KT_KNOBS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* sched_process_exit has a second argument `group_dead` (6.16 or later, ask BTF): reading a raw
 * argument that is not there is refused at attach time. */
const volatile bool knob_exit_has_group_dead __weak = false;

/* mark_victim's first argument is a task (6.9 and backports) and not a pid. */
const volatile bool knob_mark_victim_has_task __weak = false;

/* signal_generate is going to be attached: what it notes is not noted elsewhere. */
const volatile bool knob_has_signal_generate __weak = true;

/* --no-addresses: user addresses never leave the kernel. Addresses of kernel functions are turned
 * into names by user space and then dropped. */
const volatile bool knob_no_addresses __weak = false;

/*
 * Since 7.0 tracepoints can be preempted, and while a program still runs on a CPU it is skipped for
 * the next task there: that death would be missed. So other programs look again, each from an
 * object of its own with a scratch of its own, and the first to see a death reports it.
 */
const volatile bool knob_tell_once __weak = false;

/* This is one of those other programs. */
const volatile bool knob_is_again __weak = false;

/*
 * These programs are pinned, and so is what they leave. Programs of another build may be attached
 * beside them for a while, with dossiers and a ring of their own. The first to see a death reports
 * it: the program that was attached first.
 * the program that was attached first.
 */
const volatile bool knob_shared_told __weak = false;

/* Identifies this build among those that share the map. Only builds that are attached at the same
 * time must differ. */
const volatile __u32 knob_generation __weak = 0;

/* A reader of pinned programs releases a record only when it is safe, so it always holds some.
 * Without this the kernel wakes only a reader that has released everything. It is not woken while
 * it naps (reader_naps). */
const volatile bool knob_always_wake __weak = false;

/* Entries of the two tables (enum table), and a seed that makes the hash of tenants unpredictable.
 */
const volatile __u32 knob_dossiers __weak = 0;
const volatile __u32 knob_details __weak = 0;
const volatile __u64 knob_seed __weak = 0;

/* Sizes in pages become bytes; arm64 has kernels with pages of 16 and 64 KiB. */
const volatile __u64 knob_page_bytes __weak = 4096;

/* The possible processors: how far a counter per CPU can lag. */
const volatile __u64 knob_cpus __weak = 1;

/* Stacks are the most expensive evidence and the first to be refused; each can be switched off. */
const volatile bool knob_kernel_stack __weak = true;
const volatile bool knob_user_stack __weak = true;

/* A thread that dies of what it did is seen at its exit while its memory is still there (6.16 or
 * later): its stack can wait until then (late_stack.bpf.h). */
const volatile bool knob_late_stack __weak = false;

/* How long a killed process may take to die before it is reported as stuck: longer than it takes to
 * free a large memory, or to end a core dump. */
const volatile __u64 knob_stuck_ns __weak = 10000000000ULL;

/* --runtime-window: how long after a handled fault a non-zero exit is still reported as its result.
 */
const volatile __u64 knob_runtime_window_ns __weak = 1000000000ULL;

#endif
