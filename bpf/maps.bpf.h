/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps. Every hook family includes this file; the definitions are weak, so that the linker
 * keeps one of each. */
#ifndef KT_MAPS_BPF_H
#define KT_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "evidence.bpf.h"
#include "scratch.bpf.h"

/* Groups that can have a dossier at one time: those that handle faults, block deadly signals or
 * are dying. Preallocated, since the OOM path must not depend on an allocation. User space makes it
 * smaller where there is little memory. */
#define DOSSIERS 10240
#define DETAILS 1024

/* Paths of cgroups and names of executables: of senders of signals and of cgroups whose limit is
 * hit. */
#define PATHS 1024

/* Counters of what each tenant holds, in each table. Tenants with the same counter share a budget;
 * this is left to chance, since the hash cannot be predicted. */
#define TENANT_COUNTERS 8192
enum table { TABLE_DOSSIERS, TABLE_DETAILS, TABLES };

/* The smallest size; user space says how much more it needs (user/source/sizes.h). */
#define RING_BYTES (1 << 20)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} events __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DOSSIERS);
	__type(key, struct group_key);
	__type(value, struct dossier);
} dossiers __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DETAILS);
	__type(key, struct group_key);
	__type(value, struct details);
} details __weak SEC(".maps");

/* How many are in use, by enum table. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TABLES);
	__type(key, __u32);
	__type(value, __u64);
} open_dossiers __weak SEC(".maps");

/* By enum table, and in it by the hash of a tenant. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TABLES *TENANT_COUNTERS);
	__type(key, __u32);
	__type(value, __u32);
} tenant_counts __weak SEC(".maps");

/* What a new dossier starts from, too large for the stack: all zero except the tenants. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dossier);
} empty_dossier __weak SEC(".maps");

/* Never written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct details);
} empty_details __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PATHS);
	__type(key, struct path_key);
	__type(value, struct kept_path);
} paths __weak SEC(".maps");

/* Executables of senders. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PATHS);
	__type(key, struct group_key);
	__type(value, struct name);
} sender_exes __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid of the task that carries out the kill */
	__type(value, struct oom_kill);
} oom_kills __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid of the task that carries out the kill */
	__type(value, struct oom_decision);
} oom_decisions __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* tid of the thread on whose behalf the kernel ran */
	__type(value, struct oops);
} oopses __weak SEC(".maps");

/* What filled the limits that were hit. Processes that are killed as one group share an entry. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, struct limit_key);
	__type(value, struct kt_limit_memory);
} limit_memories __weak SEC(".maps");

/* The address of mem_cgroup_stats_index, which user space looks up; 0: unknown. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} stats_places __weak SEC(".maps");

/* When a stack was last to be asked for again (dossier.stack_again); 0: never. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} stack_again __weak SEC(".maps");

/* Whether the reader knows that a process was killed. The reader clears it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} doom_noticed __weak SEC(".maps");

/* Notices of limits that were sent since the reader last looked. The reader clears it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} limits_noticed __weak SEC(".maps");

/* Until when the reader need not be woken (CLOCK_BOOTTIME): it looks afterwards anyway, and writes
 * this, or it was just woken. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} reader_naps __weak SEC(".maps");

/* Groups whose death was reported, and by which programs (knob_generation): two threads can both
 * find that they are the last. The name is pinned, so it stays. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct group_key);
	__type(value, __u32);
} told __weak SEC(".maps");

/* Threads whose exit was seen, if more than one program looks at it: at least as many as can end in
 * the tenth of a second until the last of these looks. One entry if only one looks. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct thread_key);
	__type(value, __u8);
} seen __weak SEC(".maps");

/* Exits that the first program did not see, but another one did. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} rescued __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_fault);
} user_faults __weak SEC(".maps");

/* By thread, and not by CPU as above: an oops is printed before its thread ends, which takes so
 * long that the thread can move to another CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid */
	__type(value, struct last_fault);
} kernel_faults __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KT_LOST_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} lost __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct signal_scratch);
} signal_scratches __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exit_scratch);
} exit_scratches __weak SEC(".maps");

static __always_inline struct signal_scratch *get_signal_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&signal_scratches, &zero);
}

/* Atomic, although each processor has its own: one program can preempt another there. */
static __always_inline void count_lost(enum kt_lost reason)
{
	__u32 key = reason;
	__u64 *count = bpf_map_lookup_elem(&lost, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
}

#endif
