// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * oom:mark_victim: confirms that the SIGKILL generated just before, by the same task, came from the
 * OOM killer (mm/oom_kill.c:__oom_kill_process sends the signal, then marks). A mark without a
 * signal is task_will_free_mem(): the victim was already dying for another reason.
 */
#include "doom.bpf.h"
#include "dossier.bpf.h"
#include "knobs.bpf.h"
#include "memcg.bpf.h"

static __always_inline bool is_target(struct oom_kill *kill, __u64 argument)
{
	/* The pid is that of the thread in which find_lock_task_mm() found the mm. */
	if (!knob_mark_victim_has_task)
		return kill->victim_tid == (__u32)argument;
	return kill->victim_tid == (__u32)BPF_CORE_READ((struct task_struct *)argument, pid);
}

/* Without signal_generate nothing is noted yet. A task that is already dying is marked too, and
 * cannot be distinguished here. */
static __always_inline void note_by_itself(struct task_struct *victim)
{
	struct signal_scratch *scratch;
	struct dossier *dossier;
	struct group_key key;
	__u32 zero = 0;
	bool is_new;

	task_group_key(victim, &key);
	dossier = dossier_get_or_open(&key, victim, &is_new);
	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!dossier || !scratch)
		return;
	oom_note(dossier, scratch, victim, bpf_ktime_get_boot_ns());
	dossier->oom.flags |= KT_OOM_MARKED;
	(void)oom_note_limit(dossier);
	notice_doom();
}

SEC("?raw_tp/mark_victim")
int mark_victim(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_kill *kill = bpf_map_lookup_elem(&oom_kills, &tid);
	struct dossier *dossier;

	if (!knob_has_signal_generate && knob_mark_victim_has_task) {
		note_by_itself((struct task_struct *)ctx->args[0]);
		return 0;
	}
	if (!kill || kill->marked || !is_target(kill, ctx->args[0]))
		return 0;
	kill->marked = 1;
	dossier = bpf_map_lookup_elem(&dossiers, &kill->victim);
	if (dossier)
		dossier->oom.flags |= KT_OOM_MARKED;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
