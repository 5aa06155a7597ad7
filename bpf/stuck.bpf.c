// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes that were killed and do not die: the kernel holds them in a sleep that no signal ends,
 * a debugger holds them, or their cgroup is frozen. User space runs this over all tasks some time
 * after a kill; each process is reported once. It is an object of its own: the exit program may
 * interrupt it and uses the other scratch.
 */
#include "doom.bpf.h"
#include "tell.bpf.h"

SEC("?iter/task")
int tell_stuck(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct exit_scratch *scratch = get_exit_scratch();
	__u64 now = bpf_ktime_get_boot_ns(), since, left;
	struct dossier *dossier;
	struct death *death;

	if (!task || !scratch || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid) ||
	    BPF_CORE_READ(task, signal, live.counter) <= 0)
		return 0;
	death = &scratch->death;
	__builtin_memset(death, 0, sizeof(*death));
	death->kind = KT_RECORD_STUCK;
	/* the same task, as a number: the verifier does not let a trusted pointer be passed to our
	 * functions */
	death->task = BPF_CORE_READ(task, group_leader);
	death->leader = death->task;
	task_group_key(task, &death->key);
	dossier = bpf_map_lookup_elem(&dossiers, &death->key);
	since = dossier ? doomed_since(dossier) : 0;
	if (!since || dossier->stuck_told)
		return 0;
	if (now - since < knob_stuck_ns) {
		/* this says when the reader looks again */
		left = knob_stuck_ns - (now - since);
		bpf_seq_write(ctx->meta->seq, &left, sizeof(left));
		return 0;
	}
	dossier->stuck_told = 1;
	death->status = SIGKILL;
	death->thread_status = SIGKILL;
	put_identity();
	put_evidence();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
