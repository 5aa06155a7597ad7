/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether one of the program's own handlers still runs. While it does, the signals are blocked that
 * its sigaction adds (kernel/signal.c:signal_delivered(), 5.8 to 7.3). This ends when it returns,
 * which restores the mask.
 */
#ifndef KT_HANDLER_BPF_H
#define KT_HANDLER_BPF_H

#include "arch.bpf.h"
#include "disposition.bpf.h"
#include "knobs.bpf.h"
#include "maps.bpf.h"
#include "task.bpf.h"

/* A crash report that is piped to a slow reader takes minutes. If a handler was left by longjmp()
 * without its mask, it seems to run forever. */
#define IN_HANDLER_NS 600000000000ULL

/* In a signal set, where the first signal is bit 0: a crash handler may unblock these, to notice
 * its own crash. */
#define HANDLER_UNBLOCKS ((FAULTS | BIT(SIGABRT)) >> 1)

static __always_inline bool blocks_what_handler_adds(struct task_struct *task, __u64 added)
{
	if (added & ~HANDLER_UNBLOCKS)
		added &= ~HANDLER_UNBLOCKS;
	return added && (read_blocked(task) & added) == added;
}

/*
 * With SA_NODEFER and no mask a handler blocks nothing (Chromium's of SIGSYS, crash handlers that
 * want to notice their own crash). Then the frame that the kernel put on the stack, close above the
 * current position of the thread, shows that it runs. It has the place to continue from: a stack
 * pointer with an instruction pointer behind it (struct sigcontext of both architectures, 5.8 to
 * 7.3). The frame of a handler that has returned is overwritten sooner or later. Handlers return
 * from trapped calls all the time, so the frame of a trapped call counts only for a moment. Also
 * false if user memory is gone: at an exit until 6.14.
 */
#define FRAME_WORDS 192
#define FRAME_CHUNK 64
#define FRAME_STRIDE 32 /* words that are looked at in one call */

struct frame_window {
	__u64 words[FRAME_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct frame_window);
} frame_windows __weak SEC(".maps");

/* Whether a frame stands in the words of the window that follow the word at `index`. Without
 * branches, of which the verifier would follow each. Global, with scalars: it looks at it once. */
__weak __noinline int frame_stands_behind(__u32 index, __u64 sp, __u64 ip)
{
	struct frame_window *window;
	__u64 *at, before, word, differs, all = ~0ULL;
	__u32 zero = 0;

	window = bpf_map_lookup_elem(&frame_windows, &zero);
	if (!window || index >= FRAME_WORDS - FRAME_STRIDE)
		return 0;
	at = &window->words[index];
	before = at[0];
#pragma unroll
	for (__u32 i = 1; i <= FRAME_STRIDE; i++) {
		word = at[i];
		differs = (before ^ sp) | (word ^ ip);
		/* its highest bit is 0 if nothing differs */
		all &= differs | -differs;
		before = word;
		/* word by word: the stack has no room for all of them */
		barrier();
		barrier_var(all);
	}
	return !(all >> 63);
}

/* Looks for a frame in memory of the current thread from `from` on. `sp`, `ip`: where the thread
 * was when the handler was called. Global, with scalars: the verifier looks at it once. */
__weak __noinline int frame_stands_at(__u64 from, __u64 sp, __u64 ip)
{
	struct frame_window *window;
	struct details *none;
	__u32 zero = 0;
	int found = 0;

	_Static_assert(FRAME_CHUNK * sizeof(__u64) <= sizeof(*none), "these zeros are too few");
	window = bpf_map_lookup_elem(&frame_windows, &zero);
	none = bpf_map_lookup_elem(&empty_details, &zero);
	if (!window || !none)
		return 0;
#pragma unroll
	for (__u32 i = 0; i < FRAME_WORDS; i += FRAME_CHUNK)
		bpf_probe_read_user(&window->words[i], FRAME_CHUNK * sizeof(__u64),
				    (void *)(from + i * sizeof(__u64)));
#pragma unroll
	for (__u32 i = 0; i < FRAME_WORDS - FRAME_STRIDE; i += FRAME_STRIDE)
		found |= frame_stands_behind(i, sp, ip);
	found |= frame_stands_behind(FRAME_WORDS - FRAME_STRIDE - 1, sp, ip);
	/* wiped at once: it is the program's memory */
#pragma unroll
	for (__u32 i = 0; i < FRAME_WORDS; i += FRAME_CHUNK)
		bpf_probe_read_kernel(&window->words[i], FRAME_CHUNK * sizeof(__u64), none);
	return found;
}

/* Close above the current position of the thread. */
static __always_inline bool frame_stands(struct task_struct *task, __u64 sp, __u64 ip)
{
	if ((__u64)task != bpf_get_current_task())
		return false;
	return frame_stands_at((arch_user_sp(task) + 7) & ~7ULL, sp, ip);
}

/* What the frame of a handler takes at most, registers of AMX or SVE included, in windows that
 * overlap by one word. */
#define FRAME_WINDOWS 12
#define FRAME_STEP ((FRAME_WORDS - 1) * sizeof(__u64))
#define LARGEST_STACK (8ULL << 20)

/* Whether the frame of a handler that was called at `sp` and `ip` is above `user_sp` of the current
 * thread. Global with scalars: the verifier looks at it once. */
__weak __noinline int frame_is_above(__u64 user_sp, __u64 sp, __u64 ip)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 start = CURRENT_READ(task, sas_ss_sp), at, end;

	end = start + CURRENT_READ(task, sas_ss_size);
	if (user_sp < start || user_sp >= end)
		end = sp;
	if (user_sp >= end || end - user_sp > LARGEST_STACK)
		return 0;
	at = (user_sp + 7) & ~7ULL;
	if (end - at > FRAME_WINDOWS * FRAME_STEP)
		at = (end - FRAME_WINDOWS * FRAME_STEP) & ~7ULL;
	for (int i = 0; i < FRAME_WINDOWS; i++) {
		if (at >= end)
			break;
		if (frame_stands_at(at, sp, ip))
			return 1;
		at += FRAME_STEP;
	}
	return 0;
}

/*
 * A thread that crashes in the handler of its fault, however deep in there. The kernel unblocks the
 * signal of the second fault before it generates it (kernel/signal.c:force_sig_info_to_task(), 5.8
 * to 7.3), which is often all that the handler had blocked. So the frame decides: it lies below the
 * place of the fault, or at the end of the alternate stack. A thread that has left the handler by
 * longjmp() is above its frame.
 */
static __always_inline bool crashes_in_fault_handler(struct dossier *dossier,
						     struct task_struct *task, __u64 user_sp,
						     __u64 now_ns)
{
	return (dossier->fault.flags & KT_FAULT_HANDLED) &&
	       dossier->fault.tid == (__u32)CURRENT_READ(task, pid) &&
	       now_ns - dossier->fault.time_ns < IN_HANDLER_NS &&
	       dossier->fault_exec_id == CURRENT_READ(task, self_exec_id) &&
	       frame_is_above(user_sp, dossier->fault_sp, dossier->fault_ip);
}

/* Of the thread whose handler has not returned yet. */
static __always_inline bool is_in_fault_handler(struct dossier *dossier, struct task_struct *task,
						__u64 now_ns)
{
	const bool own = is_own_task(task);

	return (dossier->fault.flags & KT_FAULT_HANDLED) &&
	       dossier->fault.tid == (__u32)TASK_READ(own, task, pid) &&
	       now_ns - dossier->fault.time_ns < IN_HANDLER_NS &&
	       (dossier->fault_adds ? blocks_what_handler_adds(task, dossier->fault_adds)
				    : frame_stands(task, dossier->fault_sp, dossier->fault_ip)) &&
	       dossier->fault_exec_id == TASK_READ(own, task, self_exec_id);
}

/* The thread of the fault, if that is not the current one, is in its handler. It may be gone, and
 * its memory may belong to another task. */
static __always_inline bool other_is_in_fault_handler(struct dossier *dossier,
						      struct task_struct *task, __u64 now_ns)
{
	struct task_struct *other = (struct task_struct *)dossier->fault_task;

	return other && other != task && BPF_CORE_READ(other, tgid) == BPF_CORE_READ(task, tgid) &&
	       !BPF_CORE_READ(other, exit_state) && is_in_fault_handler(dossier, other, now_ns);
}

/* In any thread that took the signal. */
static __always_inline bool is_in_prior_handler(struct dossier *dossier, struct task_struct *task,
						__u64 now_ns)
{
	return now_ns - dossier->prior_ns < IN_HANDLER_NS &&
	       blocks_what_handler_adds(task, dossier->prior_adds) &&
	       dossier->prior_exec_id == BPF_CORE_READ(task, self_exec_id);
}

/* At least as much as the kernel puts on the stack for a handler: registers of the FPU, and siginfo
 * (arch/x86/kernel/signal.c:get_sigframe(), arch/arm64/kernel/signal.c). */
#define LEAST_FRAME 768

/* Whether `sp` of the current thread is where a handler would run that was called at `then`. A
 * program that has left the handler by longjmp() is above. */
static __always_inline bool is_below_frame(struct task_struct *task, __u64 sp, __u64 then)
{
	__u64 start = CURRENT_READ(task, sas_ss_sp), size = CURRENT_READ(task, sas_ss_size);

	if (sp - start < size && then - start >= size)
		return true;
	return sp < then && then - sp >= LEAST_FRAME && then - sp <= LARGEST_STACK;
}

/*
 * The current thread is in the handler of SIGABRT that it raised on itself. The handler's frame
 * shows it: test frameworks leave such a handler by longjmp(), some of them without its mask. A
 * handler that blocks nothing, or has unblocked its own signal, can have returned and its frame be
 * left on the stack, so there the time decides too. If user memory is gone, place and mask decide,
 * or the time for a handler that blocks nothing.
 */
static __always_inline bool is_in_abort_handler(struct dossier *dossier, struct task_struct *task,
						__u64 sp, __u64 now_ns)
{
	struct own_abort *abort = &dossier->own_abort;
	__u64 added = abort->adds, age = now_ns - abort->note.time_ns;
	bool is_masked;

	if (!abort->note.time_ns || abort->note.tid != (__u32)CURRENT_READ(task, pid) ||
	    age >= IN_HANDLER_NS || abort->exec_id != CURRENT_READ(task, self_exec_id) ||
	    !is_below_frame(task, sp, abort->sp))
		return false;
	/* a fault is unblocked before its signal is generated */
	if (added & ~(FAULTS >> 1))
		added &= ~(FAULTS >> 1);
	is_masked = added && (read_blocked(task) & added) == added;
	if (!is_masked && age > knob_runtime_window_ns)
		return false;
	if (BPF_CORE_READ(task, mm))
		return frame_is_above(sp, abort->sp, abort->ip);
	return is_masked || !abort->adds;
}

/*
 * The thread that aborted, if that is not the current one, seems to be in its handler: it blocks
 * what the handler adds. Its stack cannot be looked at from here. It may be gone, and its memory
 * may belong to another task.
 */
static __always_inline bool aborter_is_in_handler(struct dossier *dossier, struct task_struct *task,
						  __u64 now_ns)
{
	struct own_abort *abort = &dossier->own_abort;
	struct task_struct *other = (struct task_struct *)abort->task;

	return abort->note.time_ns && other && other != task &&
	       now_ns - abort->note.time_ns < IN_HANDLER_NS &&
	       BPF_CORE_READ(other, tgid) == BPF_CORE_READ(task, tgid) &&
	       (__u32)BPF_CORE_READ(other, pid) == abort->note.tid &&
	       BPF_CORE_READ(other, self_exec_id) == abort->exec_id &&
	       (!BPF_CORE_READ(other, exit_state) ||
		(BPF_CORE_READ(other, flags) & TASK_SIGNALED)) &&
	       blocks_what_handler_adds(other, abort->adds);
}

/* The handler of SIGSYS for a system call that seccomp trapped. */
static __always_inline bool is_in_trap_handler(struct dossier *dossier, struct task_struct *task,
					       __u64 now_ns)
{
	return dossier->trapped.time_ns &&
	       dossier->trapped.tid == (__u32)BPF_CORE_READ(task, pid) &&
	       now_ns - dossier->trapped.time_ns < IN_HANDLER_NS &&
	       (dossier->trapped_adds
			? blocks_what_handler_adds(task, dossier->trapped_adds)
			: now_ns - dossier->trapped.time_ns <= knob_runtime_window_ns &&
				  frame_stands(task, dossier->trapped_sp, dossier->trapped_ip)) &&
	       dossier->trapped_exec_id == BPF_CORE_READ(task, self_exec_id);
}

#endif
