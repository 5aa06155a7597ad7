// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_parts.h"

#include "base/text.h"
#include "explain/arch.h"
#include "explain/bus_error.h"
#include "explain/fault.h"
#include "explain/instruction.h"
#include "explain/kernel_path.h"

static bool has_build_id(const struct kt_user_frame *frame)
{
	return frame->status == KT_FRAME_BUILD_ID;
}

static void put_build_id(struct json_line *line, const uint8_t *build_id)
{
	char text[2 * KT_BUILD_ID_LEN + 1];

	text_hex(build_id, KT_BUILD_ID_LEN, text);
	json_line_text(line, "build_id", text);
}

/* The kernel's answer first: it is about the file, and not about what the process has of it in
 * memory. After an abort the stack is that of the abort, not of the fault. */
static void put_fault_build_id(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.cause != CAUSE_ABORT && death->user_frames &&
	    has_build_id(&death->user_stack[0]))
		put_build_id(line, death->user_stack[0].build_id);
	else if (death->has_fault_build_id)
		put_build_id(line, death->fault_build_id);
}

static void put_trap(struct json_line *line, const struct death *death,
		     const struct kt_fault *fault)
{
	const struct arch *arch = arch_of(death);

	json_line_text(line, "arch", arch->name);
	json_line_text(line, "trap", arch->trap_name(fault->trap_number, fault->error_code));
	json_line_number(line, "trap_number", fault->trap_number);
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		json_line_hex(line, "address", fault->address);
}

static void put_bus_error(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_bus_error *bus = &death->bus;

	json_line_text(line, "bus_error", bus_reason_name(bus_reason_of(death, &report->verdict)));
	if (!death->has_bus)
		return;
	json_line_text(line, "file_system", bus->type);
	if (bus->flags & KT_BUS_TMPFS) {
		json_line_number(line, "size_bytes", bus->total);
		json_line_number(line, "used_bytes", bus->used);
	}
	if (bus->flags & KT_BUS_HUGETLBFS) {
		json_line_number(line, "huge_page_bytes", bus->unit_kib * 1024ULL);
		json_line_number(line, "huge_pages", bus->total);
		json_line_number(line, "huge_pages_free",
				 bus->total > bus->used ? bus->total - bus->used : 0);
	}
}

/* In the handler of the fault or of the abort that is the root. */
static void put_handler_fault(struct json_line *line, const struct death *death)
{
	const struct kt_fault *fault = &death->handler_fault;
	size_t opened;

	if (!death->has_handler_fault)
		return;
	opened = json_line_open(line, "handler_fault");
	if (fault_handler_trap_is_fresh(death))
		put_trap(line, death, fault);
	if (fault->valid & KT_FAULT_HAS_IP)
		json_line_hex(line, "ip", fault->ip);
	if (fault->valid & KT_FAULT_HAS_MODULE) {
		json_line_text(line, "module", fault->module);
		json_line_hex(line, "module_offset", fault->module_offset);
	}
	json_line_close(line, opened);
}

void json_put_fault(struct json_line *line, const struct report *report)
{
	/* the fault was handled if its handler aborted, which makes the echo */
	const uint32_t handled = KT_FAULT_HANDLED | KT_FAULT_BEFORE_ABORT;
	const struct verdict *verdict = &report->verdict;
	const struct death *death = report->death;
	const struct kt_fault *fault = &death->fault;
	size_t opened;

	if (!verdict->shows_fault)
		return;
	opened = json_line_open(line, "fault");
	if (verdict->trap_is_fresh)
		put_trap(line, death, fault);
	if (fault->valid & KT_FAULT_HAS_IP)
		json_line_hex(line, "ip", fault->ip);
	if (fault->valid & KT_FAULT_HAS_SP)
		json_line_hex(line, "sp", fault->sp);
	if (verdict->trap_is_fresh && (fault->valid & KT_FAULT_HAS_ERROR_CODE))
		json_line_number(line, "error_code", fault->error_code);
	json_line_text(line, "access", fault_access_name(verdict->access));
	json_line_text(line, "kind", fault_kind_name(verdict->fault_kind));
	if (verdict->trap_is_fresh)
		json_line_text(line, "source",
			       fault->flags & KT_FAULT_FROM_TRACEPOINT ? "tracepoint" : "thread");
	if (fault->valid & KT_FAULT_HAS_MODULE) {
		json_line_text(line, "module", fault->module);
		json_line_hex(line, "module_offset", fault->module_offset);
	}
	put_fault_build_id(line, report);
	put_bus_error(line, report);
	json_line_text(line, "instruction", instruction_name(death, verdict));
	json_line_bool(line, "handled", fault->flags & handled);
	if (fault->flags & handled)
		json_line_number(line, "handled_count", fault->handled_count);
	if (verdict->handler_crashed && !death->has_own_abort)
		put_handler_fault(line, death);
	json_line_close(line, opened);
}

void json_put_abort_handler_fault(struct json_line *line, const struct report *report)
{
	if (report->verdict.handler_crashed && report->death->has_own_abort)
		put_handler_fault(line, report->death);
}

/* A fault in the kernel itself. The instruction is named, but its address is not written. */
void json_put_kernel_fault(struct json_line *line, const struct report *report)
{
	const struct kt_kernel_fault *fault = &report->death->kernel_fault;
	bool is_page_fault = report->verdict.has_kernel_address;
	size_t opened = json_line_open(line, "fault");
	const char *function;
	uint32_t trap;

	function = report_kernel_function(report, &trap);
	if (trap != REPORT_NO_TRAP) {
		json_line_text(
			line, "trap",
			arch_of(report->death)->trap_name(trap, (uint32_t)fault->error_code));
		json_line_number(line, "trap_number", trap);
	}
	if (is_page_fault && fault->ip) /* zero with --no-addresses */
		json_line_hex(line, "address", fault->address);
	if (is_page_fault)
		json_line_number(line, "error_code", fault->error_code);
	json_line_text(line, "source", is_page_fault ? "tracepoint" : "kernel_stack");
	json_line_text(line, "kernel_function", function);
	json_line_bool(line, "handled", false);
	json_line_close(line, opened);
}

/* Where the kernel decided that the process dies. */
static const struct kernel_stack *why_stack(const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.cause == CAUSE_OOPS)
		return death->oops_stack.count ? &death->oops_stack : &death->exit_stack;
	return death->has_signal ? kernel_path_of_signal(death) : &death->exit_stack;
}

void json_put_kernel_stack(struct json_line *line, const struct report *report)
{
	const struct kernel_stack *stack = why_stack(report);
	size_t opened;

	if (!kernel_path_is_named(stack))
		return;
	opened = json_line_open_list(line, "kernel_stack");
	for (unsigned int i = kernel_path_start(stack); i < stack->count; i++)
		/* without a name it would be a bare kernel address, which is not written */
		json_line_item(line, stack->name[i][0] ? stack->name[i] : "?");
	json_line_close_list(line, opened);
}

/* Frames without a build ID: only their number, since an address without its file means nothing
 * once the process is gone. In generated code it is what a perf map has. */
static void put_gap(struct json_line *line, unsigned int frames)
{
	size_t entry;

	if (!frames)
		return;
	entry = json_line_open(line, NULL);
	json_line_number(line, "gap", frames);
	json_line_close(line, entry);
}

static bool is_generated(const struct kt_user_frame *frame)
{
	return frame->status == KT_FRAME_GENERATED && frame->offset;
}

static void put_generated(struct json_line *line, const struct kt_user_frame *frame)
{
	const size_t entry = json_line_open(line, NULL);

	json_line_number(line, "gap", 1);
	json_line_hex(line, "address", frame->offset);
	json_line_close(line, entry);
}

static void put_place(struct json_line *line, const struct kt_user_frame *frame)
{
	const size_t entry = json_line_open(line, NULL);

	put_build_id(line, frame->build_id);
	json_line_hex(line, "offset", frame->offset);
	json_line_close(line, entry);
}

void json_put_user_stack(struct json_line *line, const struct death *death)
{
	size_t opened = json_line_open_list(line, "user_stack");
	unsigned int gap = 0;

	for (unsigned int i = 0; i < death->user_frames; i++) {
		const struct kt_user_frame *frame = &death->user_stack[i];

		if (!has_build_id(frame) && !is_generated(frame)) {
			gap += frame->status != KT_FRAME_EMPTY;
			continue;
		}
		put_gap(line, gap);
		gap = 0;
		if (is_generated(frame))
			put_generated(line, frame);
		else
			put_place(line, frame);
	}
	put_gap(line, gap);
	json_line_close_list(line, opened);
}
