/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals that could have ended the group and did not: they are evidence about the one that did. */
#ifndef KT_PRIOR_BPF_H
#define KT_PRIOR_BPF_H

#include "cgroup.bpf.h"
#include "disposition.bpf.h"
#include "dossier.bpf.h"
#include "handler.bpf.h"

/* The cgroup of a prior sender, as in read_sender(). */
__noinline int read_prior_sender(__u64 sender_address, __u32 index)
{
	struct task_struct *task = (struct task_struct *)sender_address;
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct cgroup *cgroup;

	if (!dossier || index >= KT_PRIOR_SIGNALS)
		return 0;
	cgroup = task_telling_cgroup(task);
	dossier->prior_paths[index].cgroup = (__u64)cgroup;
	dossier->prior_paths[index].id = cgroup_id(cgroup);
	dossier->priors[index].sender_cgroup_id = cgroup_id(cgroup);
	cgroup_keep_path((__u64)cgroup);
	return 0;
}

__noinline int write_prior(__u32 index)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct kt_prior_signal *prior;
	struct task_struct *target;
	struct event *event;

	if (!dossier || index >= KT_PRIOR_SIGNALS)
		return 0;
	event = &scratch->event;
	target = event->target;
	prior = &dossier->priors[index];
	__builtin_memset(prior, 0, sizeof(*prior));
	prior->time_ns = event->now_ns;
	prior->number = (__s32)event->number;
	prior->sender_pid = (__u32)(pid_tgid >> 32);
	prior->sender_uid = (__u32)bpf_get_current_uid_gid();
	prior->target_tid = (__u32)BPF_CORE_READ(target, pid);
	bpf_get_current_comm(prior->sender_comm, sizeof(prior->sender_comm));
	prior->flags = scratch->flags;
	if (event->info > SEND_SIG_PRIV) {
		prior->siginfo_kind = KT_SIGINFO_FULL;
		prior->code = event->code;
		prior->valid = KT_SIGNAL_HAS_CODE;
	} else {
		prior->siginfo_kind = event->info == SEND_SIG_PRIV ? KT_SIGINFO_KERNEL
								   : KT_SIGINFO_NONE;
	}
	return 0;
}

/*
 * Notes a signal that could end the group but may not: it is handled or blocked, or its target does
 * not run. A repetition of the same signal from the same sender is not kept: the first one says how
 * long ago the process was asked to end. Returns where it is to be kept, or KT_PRIOR_SIGNALS:
 * nowhere.
 */
__noinline int note_prior(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct kt_prior_signal *newest = 0;
	struct task_struct *target;
	struct k_sigaction *action;
	struct event *event;
	__u32 count = 0;

	if (!dossier)
		return KT_PRIOR_SIGNALS;
	event = &scratch->event;
	target = event->target;
	action = find_action(event);
	dossier->prior_ns = event->now_ns;
	dossier->prior_exec_id = BPF_CORE_READ(target, self_exec_id);
	dossier->prior_adds = event->handled && action ? handler_blocks(action, event->number) &
								 ~read_blocked(target)
						       : 0;
#pragma unroll
	for (int i = 0; i < KT_PRIOR_SIGNALS; i++) {
		if (dossier->priors[i].number) {
			newest = &dossier->priors[i];
			count = i + 1;
		}
	}
	if (newest && (__u32)newest->number == event->number &&
	    newest->sender_pid == (__u32)(bpf_get_current_pid_tgid() >> 32) &&
	    !(newest->flags & KT_SIGNAL_HANDLED) == !event->handled)
		return KT_PRIOR_SIGNALS;
	if (count == KT_PRIOR_SIGNALS) {
#pragma unroll
		for (int i = 1; i < KT_PRIOR_SIGNALS; i++) {
			dossier->priors[i - 1] = dossier->priors[i];
			dossier->prior_paths[i - 1] = dossier->prior_paths[i];
		}
		count--;
	}
	return (int)count;
}

/*
 * A request that the target ignored, if there is room for it: it must not push out one that was
 * handled. It says how long before the end somebody asked for it, and explains no end by itself.
 */
__noinline int note_ignored_prior(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u32 at = KT_PRIOR_SIGNALS, pid = (__u32)(bpf_get_current_pid_tgid() >> 32);

	if (!dossier)
		return 0;
	for (__u32 i = 0; i < KT_PRIOR_SIGNALS; i++) {
		struct kt_prior_signal *prior = &dossier->priors[i];

		if (!prior->number) {
			at = i;
			break;
		}
		if ((__u32)prior->number == scratch->event.number && prior->sender_pid == pid &&
		    !(prior->flags & KT_SIGNAL_HANDLED))
			return 0;
	}
	if (at >= KT_PRIOR_SIGNALS)
		return 0;
	write_prior(at);
	read_prior_sender((__u64)scratch->event.sender, at);
	return 0;
}

/* Whether a handled signal of this number came before, which its handler now raises again. */
static __always_inline bool raises_prior_again(struct dossier *dossier, struct event *event)
{
	struct task_struct *target = event->target;
	bool found = false;

	for (__u32 i = 0; i < KT_PRIOR_SIGNALS; i++)
		if ((__u32)dossier->priors[i].number == event->number &&
		    (dossier->priors[i].flags & KT_SIGNAL_HANDLED))
			found = true;
	return found && event->now_ns - dossier->prior_ns < IN_HANDLER_NS &&
	       dossier->prior_exec_id == BPF_CORE_READ(target, self_exec_id);
}

#endif
