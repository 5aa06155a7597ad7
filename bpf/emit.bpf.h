/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Builds a record, section by section, and sends it. What finds no room is counted. */
#ifndef KT_EMIT_BPF_H
#define KT_EMIT_BPF_H

#include "knobs.bpf.h"
#include "maps.bpf.h"

static __always_inline struct exit_scratch *get_exit_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&exit_scratches, &zero);
}

/* Where the last word of the largest section begins: as a mask, which the verifier understands. */
#define LAST_WORD (KT_PATH_LEN - 8)

/* `max` is a constant and at most KT_PATH_LEN; the bytes beyond it are never read. */
static __always_inline void put_bytes(struct exit_scratch *scratch, __u16 type, const void *from,
				      __u32 bytes, const __u32 max)
{
	struct kt_section *section;
	__u32 at = scratch->at;

	if (!bytes)
		return;
	if (bytes > max || at > KT_RECORD_MAX - sizeof(*section) - KT_PATH_LEN) {
		count_lost(KT_LOST_RECORD_BUILD);
		return;
	}
	section = (void *)(scratch->record + at);
	section->type = type;
	section->length = (__u16)bytes;
	section->reserved = 0;
	at += sizeof(*section);
	/* the last word first: its tail is padding */
	*(__u64 *)(scratch->record + at + ((bytes - 1) & LAST_WORD)) = 0;
	bpf_probe_read_kernel(scratch->record + at, bytes, from);
	scratch->at = at + ((bytes + 7) & ~7U);
}

/* A reader that was woken rests at least as long before it waits for the next word
 * (user/reading.c). */
#define WOKEN_NS 1000000ULL
#define NAP_MOST_NS 25000000ULL

/* In a virtual machine a wake-up costs as much as the rest of a report: the interrupt that a CPU
 * sends to itself (irq_work_queue()) leaves the guest. */
static __always_inline __u64 wake_flags(void)
{
	__u64 *until, now_ns;
	__u32 zero = 0;

	if (!knob_always_wake)
		return 0;
	until = bpf_map_lookup_elem(&reader_naps, &zero);
	if (!until)
		return BPF_RB_FORCE_WAKEUP;
	now_ns = bpf_ktime_get_boot_ns();
	/* a clock that is far ahead, of a time namespace, is no nap; of the past, neither */
	if (*until - now_ns < NAP_MOST_NS)
		return BPF_RB_NO_WAKEUP;
	*until = now_ns + WOKEN_NS;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void emit(struct exit_scratch *scratch)
{
	__u32 size = scratch->at;

	if (size > KT_RECORD_MAX) {
		count_lost(KT_LOST_RECORD_BUILD);
		return;
	}
	((struct kt_record *)scratch->record)->size = size;
	if (bpf_ringbuf_output(&events, scratch->record, size, wake_flags()))
		count_lost(KT_LOST_RING_FULL);
}

#endif
