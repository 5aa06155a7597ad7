/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The knobs of bpf/knobs.bpf.h, with the same names. Several BPF objects have them, and all are set
 * alike: a new knob is a field here and a line below.
 */
#ifndef KT_SOURCE_KNOBS_H
#define KT_SOURCE_KNOBS_H

#include <stdbool.h>
#include <stdint.h>

struct knobs {
	bool exit_has_group_dead;
	bool mark_victim_has_task;
	bool has_signal_generate;
	bool no_addresses;
	bool tell_once;
	bool is_again;
	bool shared_told;
	uint32_t generation;
	bool always_wake;
	uint32_t dossiers;
	uint32_t details;
	uint64_t seed;
	uint64_t page_bytes;
	uint64_t cpus;
	bool kernel_stack;
	bool user_stack;
	bool late_stack;
	uint64_t stuck_ns;
	uint64_t runtime_window_ns;
};

/* Sets them in an opened skeleton. Each skeleton has a type of its own for the same variables. */
#define KNOBS_SET(skel, from)                                                             \
	do {                                                                              \
		(skel)->rodata->knob_exit_has_group_dead = (from)->exit_has_group_dead;   \
		(skel)->rodata->knob_mark_victim_has_task = (from)->mark_victim_has_task; \
		(skel)->rodata->knob_has_signal_generate = (from)->has_signal_generate;   \
		(skel)->rodata->knob_no_addresses = (from)->no_addresses;                 \
		(skel)->rodata->knob_tell_once = (from)->tell_once;                       \
		(skel)->rodata->knob_is_again = (from)->is_again;                         \
		(skel)->rodata->knob_shared_told = (from)->shared_told;                   \
		(skel)->rodata->knob_generation = (from)->generation;                     \
		(skel)->rodata->knob_always_wake = (from)->always_wake;                   \
		(skel)->rodata->knob_dossiers = (from)->dossiers;                         \
		(skel)->rodata->knob_details = (from)->details;                           \
		(skel)->rodata->knob_seed = (from)->seed;                                 \
		(skel)->rodata->knob_page_bytes = (from)->page_bytes;                     \
		(skel)->rodata->knob_cpus = (from)->cpus;                                 \
		(skel)->rodata->knob_kernel_stack = (from)->kernel_stack;                 \
		(skel)->rodata->knob_user_stack = (from)->user_stack;                     \
		(skel)->rodata->knob_late_stack = (from)->late_stack;                     \
		(skel)->rodata->knob_stuck_ns = (from)->stuck_ns;                         \
		(skel)->rodata->knob_runtime_window_ns = (from)->runtime_window_ns;       \
	} while (0)

#endif
