// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * signal:signal_deliver: build IDs that signal_generate could not get. If the kernel has none for a
 * stack, another program on this CPU uses its one irq_work, for as long as interrupts are off
 * (build_id.bpf.h). When the same signal is delivered, in the same thread, it is free again. If the
 * stack had its build IDs at once, they are not requested now.
 */
#include "knobs.bpf.h"
#include "signals.bpf.h"
#include "user_stack.bpf.h"

#define STACK_AGAIN_NS 1000000000ULL /* after a longer delivery, the stack stays as it is */

SEC("?raw_tp/signal_deliver")
int signal_deliver(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 number = (__u32)ctx->args[0], zero = 0;
	struct signal_scratch *scratch;
	struct dossier *dossier;
	struct details *details;
	__u64 *last_ns;

	if (!knob_user_stack || number >= 32 || !((FAULTS | BIT(SIGABRT)) & BIT(number)))
		return 0;
	/* nearly all calls end here, even if a program handles thousands of faults a second */
	last_ns = bpf_map_lookup_elem(&stack_again, &zero);
	if (!last_ns || !*last_ns || bpf_ktime_get_boot_ns() - *last_ns > STACK_AGAIN_NS)
		return 0;
	scratch = get_signal_scratch();
	if (!scratch)
		return 0;
	task_group_key(task, &scratch->key);
	dossier = bpf_map_lookup_elem(&dossiers, &scratch->key);
	if (!dossier || !dossier->stack_again ||
	    dossier->stack_again != (__u32)BPF_CORE_READ(task, pid))
		return 0;
	dossier->stack_again = 0;
	details = details_of(&scratch->key, dossier);
	if (!details)
		return 0;
	scratch->user_stack_bytes = 0;
	read_user_stack(ctx, details, details->user_stack_time_ns);
	name_user_stack();
	dossier->stack_again = 0;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
