/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Groups that were killed and are not dead yet: since when, and the notice that makes user space
 * look. */
#ifndef KT_DOOM_BPF_H
#define KT_DOOM_BPF_H

#include "emit.bpf.h"
#include "maps.bpf.h"
#include "signals.bpf.h"

/* When the group got a signal that no process survives, 0: never. */
static __always_inline __u64 doomed_since(struct dossier *dossier)
{
	for (__u32 i = 0; i < SIGNAL_SLOTS; i++)
		if (dossier->signals[i].number == SIGKILL)
			return dossier->signals[i].time_ns;
	return (dossier->oom.flags & KT_OOM_MARKED) ? dossier->oom.time_ns : 0;
}

/* Global and without arguments: the verifier looks at it once. */
__weak __noinline int notice_doom(void)
{
	struct kt_notice notice = { .version = KT_WIRE_VERSION,
				    .kind = KT_RECORD_DOOM,
				    .size = sizeof(notice) };
	__u32 zero = 0;
	__u64 *noticed = bpf_map_lookup_elem(&doom_noticed, &zero);

	if (!noticed || *noticed)
		return 0;
	*noticed = 1;
	/* no room: the next kill tries again */
	if (bpf_ringbuf_output(&events, &notice, sizeof(notice), wake_flags()))
		*noticed = 0;
	return 0;
}

#endif
