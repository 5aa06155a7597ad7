// SPDX-License-Identifier: BSD-2-Clause
#include "explain/kernel_path.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const struct kernel_stack *kernel_path_of_signal(const struct death *death)
{
	static const struct kernel_stack unknown;

	return death->is_echo ? &unknown : &death->signal_stack;
}

/* Byte by byte: usually one of the first differs. */
static bool matches(const char *frame, const char *name)
{
	for (; *name && *name != '*'; name++, frame++)
		if (*frame != *name)
			return false;
	return *name == '*' || *frame == '+' || *frame == '.';
}

static bool matches_any(const char *frame, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(frame, names[i]))
			return true;
	return false;
}

unsigned int kernel_path_end(const struct kernel_stack *stack)
{
	/* arch/x86/entry (asm_*, since 5.8) and arch/arm64/kernel/entry.S; softirqs also run
	 * without an interrupt. Exceptions are the thread's own doing. */
	static const char *const entries[] = { "asm_sysvec_*",    "asm_common_interrupt",
					       "el1_irq",         "el1h_64_irq",
					       "el1t_64_irq",     "__do_softirq",
					       "handle_softirqs", "__softirqentry_text_start" };

	for (unsigned int i = 0; i < stack->count; i++)
		if (matches_any(stack->name[i], entries, ARRAY_SIZE(entries)))
			return i + 1;
	return stack->count;
}

bool kernel_path_has_any(const struct kernel_stack *stack, const char *const *names, size_t count)
{
	unsigned int end = kernel_path_end(stack);

	for (unsigned int i = 0; i < end; i++)
		if (matches_any(stack->name[i], names, count))
			return true;
	return false;
}

bool kernel_path_has(const struct kernel_stack *stack, const char *name)
{
	return kernel_path_has_any(stack, &name, 1);
}

bool kernel_path_is_named(const struct kernel_stack *stack)
{
	for (unsigned int i = 0; i < stack->count; i++)
		if (stack->name[i][0])
			return true;
	return false;
}

unsigned int kernel_path_start(const struct kernel_stack *stack)
{
	/* the frames between a tracepoint and a BPF program; the program itself has no name */
	static const char *const machinery[] = { "bpf_trace_run*",  "__bpf_trace_*",
						 "__traceiter_*",   "bpf_prog_*",
						 "bpf_get_stack*",  "trace_call_bpf*",
						 "bpf_trampoline_*" };
	unsigned int start = 0;

	for (unsigned int i = 0; i < stack->count; i++)
		if (matches_any(stack->name[i], machinery, ARRAY_SIZE(machinery)))
			start = i + 1;
	return start;
}

bool kernel_path_decider(const struct kernel_stack *stack, char *ret_name, size_t size)
{
	static const char *const senders[] = {
		"__send_signal*",   "send_signal*",        "do_send_sig_info",
		"send_sig*",        "group_send_sig_info", "__group_send_sig_info",
		"kill_pid_info*",   "force_sig*",          "__do_notify_parent*",
		"do_send_specific", "kill_pgrp*",          "__kill_pgrp_info",
		"force_exit_sig",   "force_fatal_sig",     "kill_pid",
		"arm64_force_sig*", "arm64_notify_*"
	};

	for (unsigned int i = kernel_path_start(stack); i < stack->count; i++) {
		const char *name = stack->name[i];

		if (!name[0] || matches_any(name, senders, ARRAY_SIZE(senders)))
			continue;
		(void)snprintf(ret_name, size, "%.*s", (int)strcspn(name, "+."), name);
		return true;
	}
	return false;
}

const char *kernel_path_failure(const struct kernel_stack *stack, uint32_t *ret_trap)
{
	/* arch/x86/entry: asm_exc_*, since 5.8 */
	static const struct {
		const char *entry;
		uint32_t trap;
	} entries[] = {
		{ "asm_exc_divide_error", 0 },   { "asm_exc_invalid_op", 6 },
		{ "asm_exc_stack_segment", 12 }, { "asm_exc_general_protection", 13 },
		{ "asm_exc_page_fault", 14 },
	};

	for (unsigned int i = 0; i + 1 < stack->count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(entries); j++)
			if (matches(stack->name[i], entries[j].entry) && stack->name[i + 1][0]) {
				*ret_trap = entries[j].trap;
				return stack->name[i + 1];
			}
	return NULL;
}
