// SPDX-License-Identifier: BSD-2-Clause
#include "decode/decode.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "decode/root.h"

struct section {
	unsigned int type;
	const char *body;
	size_t length;
};

/* Takes a struct of fixed size. A longer one comes from a newer kernel side; its tail is ignored.
 */
static int take_struct(const struct section *section, void *ret, size_t size, bool *ret_has)
{
	if (section->length < size)
		return -DECODE_MALFORMED;
	memcpy(ret, section->body, size);
	*ret_has = true;
	return 0;
}

static int take_text(const struct section *section, char *ret, size_t size)
{
	if (section->length >= size)
		return -DECODE_MALFORMED;
	memcpy(ret, section->body, section->length);
	ret[section->length] = '\0';
	return 0;
}

static int take_stack(const struct section *section, struct kernel_stack *ret)
{
	if (section->length % sizeof(uint64_t) || section->length > sizeof(ret->address))
		return -DECODE_MALFORMED;
	ret->count = (unsigned int)(section->length / sizeof(uint64_t));
	memcpy(ret->address, section->body, section->length);
	return 0;
}

/* For an address below every mapping the kernel takes the next file, with an offset below 0: a call
 * through a null pointer, at another offset in each process (kernel/bpf/stackmap.c:
 * stack_map_get_build_id_offset() asks find_vma(), all versions). */
static void forget_wrong_file(struct kt_user_frame *frame)
{
	if (frame->status == KT_FRAME_BUILD_ID && (int64_t)frame->offset < 0)
		*frame = (struct kt_user_frame){ .status = KT_FRAME_IP };
}

static int take_user_stack(const struct section *section, struct death *ret)
{
	if (section->length % sizeof(struct kt_user_frame) ||
	    section->length > sizeof(ret->user_stack))
		return -DECODE_MALFORMED;
	ret->user_frames = (unsigned int)(section->length / sizeof(struct kt_user_frame));
	memcpy(ret->user_stack, section->body, section->length);
	for (unsigned int i = 0; i < ret->user_frames; i++)
		forget_wrong_file(&ret->user_stack[i]);
	return 0;
}

static int take_prior_signals(const struct section *section, struct death *ret)
{
	if (section->length % sizeof(struct kt_prior_signal) ||
	    section->length > sizeof(ret->prior))
		return -DECODE_MALFORMED;
	ret->prior_count = (unsigned int)(section->length / sizeof(struct kt_prior_signal));
	memcpy(ret->prior, section->body, section->length);
	return 0;
}

/* Comes after the signals to which it belongs; without them, it is ignored. */
static int take_prior_path(const struct section *section, struct death *ret)
{
	struct section path = *section;
	uint64_t id;
	int failure = 0;

	if (section->length < sizeof(id))
		return -DECODE_MALFORMED;
	memcpy(&id, section->body, sizeof(id));
	path.body += sizeof(id);
	path.length -= sizeof(id);
	for (unsigned int i = 0; i < ret->prior_count && !failure; i++)
		if (id && ret->prior[i].sender_cgroup_id == id)
			failure = take_text(&path, ret->prior_path[i], sizeof(ret->prior_path[i]));
	return failure;
}

/* Figures of an unknown source are ignored. */
static int take_limit_memory(const struct section *section, struct death *ret)
{
	struct kt_limit_memory memory;
	bool ignored;
	int failure = take_struct(section, &memory, sizeof(memory), &ignored);

	if (!failure && memory.source == KT_LIMIT_COUNTERS)
		ret->limit_counters = memory;
	else if (!failure && memory.source == KT_LIMIT_FILES)
		ret->limit_files = memory;
	return failure;
}

static int take_limit_top(const struct section *section, struct death *ret)
{
	if (section->length % sizeof(struct kt_process_memory) ||
	    section->length > sizeof(ret->limit_top))
		return -DECODE_MALFORMED;
	ret->limit_top_count = (unsigned int)(section->length / sizeof(struct kt_process_memory));
	memcpy(ret->limit_top, section->body, section->length);
	return 0;
}

static int take_section(const struct section *section, struct death *ret)
{
	switch (section->type) {
	case KT_SECTION_SIGNAL:
		return take_struct(section, &ret->signal, sizeof(ret->signal), &ret->has_signal);
	case KT_SECTION_FAULT:
		return take_struct(section, &ret->fault, sizeof(ret->fault), &ret->has_fault);
	case KT_SECTION_OOM:
		return take_struct(section, &ret->oom, sizeof(ret->oom), &ret->has_oom);
	case KT_SECTION_RLIMIT:
		return take_struct(section, &ret->rlimit, sizeof(ret->rlimit), &ret->has_rlimit);
	case KT_SECTION_KERNEL_FAULT:
		return take_struct(section, &ret->kernel_fault, sizeof(ret->kernel_fault),
				   &ret->has_kernel_fault);
	case KT_SECTION_KERNEL_STACK:
		return take_stack(section, &ret->signal_stack);
	case KT_SECTION_EXIT_STACK:
		return take_stack(section, &ret->exit_stack);
	case KT_SECTION_OOPS_STACK:
		return take_stack(section, &ret->oops_stack);
	case KT_SECTION_USER_STACK:
		return take_user_stack(section, ret);
	case KT_SECTION_CGROUP_PATH:
		return take_text(section, ret->cgroup_path, sizeof(ret->cgroup_path));
	case KT_SECTION_MEMORY_PATH:
		return take_text(section, ret->memory_path, sizeof(ret->memory_path));
	case KT_SECTION_SYSTEMD_PATH:
		return take_text(section, ret->systemd_path, sizeof(ret->systemd_path));
	case KT_SECTION_SENDER_PATH:
		return take_text(section, ret->sender_path, sizeof(ret->sender_path));
	case KT_SECTION_OOM_LIMIT_PATH:
		return take_text(section, ret->oom_limit_path, sizeof(ret->oom_limit_path));
	case KT_SECTION_SENDER_MEMORY_PATH:
		return take_text(section, ret->sender_memory_path, sizeof(ret->sender_memory_path));
	case KT_SECTION_SENDER_EXE:
		return take_text(section, ret->sender_exe, sizeof(ret->sender_exe));
	case KT_SECTION_TRAPPED_CALL:
		return take_struct(section, &ret->trapped_call, sizeof(ret->trapped_call),
				   &ret->has_trapped_call);
	case KT_SECTION_LIMIT_MEMORY:
		return take_limit_memory(section, ret);
	case KT_SECTION_LIMIT_TOP:
		return take_limit_top(section, ret);
	case KT_SECTION_PRIOR_SIGNALS:
		return take_prior_signals(section, ret);
	case KT_SECTION_PRIOR_PATH:
		return take_prior_path(section, ret);
	case KT_SECTION_FAULT_BUILD_ID:
		return take_struct(section, &ret->fault_build_id, sizeof(ret->fault_build_id),
				   &ret->has_fault_build_id);
	case KT_SECTION_BUS_ERROR:
		return take_struct(section, &ret->bus, sizeof(ret->bus), &ret->has_bus);
	case KT_SECTION_HANDLER_FAULT:
		return take_struct(section, &ret->handler_fault, sizeof(ret->handler_fault),
				   &ret->has_handler_fault);
	case KT_SECTION_OWN_ABORT:
		return take_struct(section, &ret->own_abort, sizeof(ret->own_abort),
				   &ret->has_own_abort);
	case KT_SECTION_EXE:
		return take_text(section, ret->exe, sizeof(ret->exe));
	default:
		ret->unknown_sections++;
		return 0;
	}
}

static int take_sections(const char *at, size_t left, struct death *ret)
{
	while (left) {
		struct kt_section header;
		struct section section;
		size_t padded;
		int failure;

		if (left < sizeof(header))
			return -DECODE_TRUNCATED;
		memcpy(&header, at, sizeof(header));
		at += sizeof(header);
		left -= sizeof(header);
		padded = ((size_t)header.length + 7) & ~(size_t)7;
		if (padded > left)
			return -DECODE_TRUNCATED;
		section = (struct section){ header.type, at, header.length };
		failure = take_section(&section, ret);
		if (failure)
			return failure;
		at += padded;
		left -= padded;
	}
	return 0;
}

/* Names in a recording: one line per address, in the order of the stacks, then the name of the
 * kernel's fault, then those of an oops. */
static const char *take_name(const char *at, const char *end, char *ret_name)
{
	const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	size_t length;

	if (!newline)
		return end;
	length = strnlen(at, (size_t)(newline - at));
	if (length >= SYMBOL_SIZE)
		length = SYMBOL_SIZE - 1;
	memcpy(ret_name, at, length);
	ret_name[length] = '\0';
	return newline + 1;
}

struct name_source {
	const char *at, *end; /* NULL: look up */
	const struct kallsyms *symbols;
};

static void name_one(struct name_source *source, uint64_t address, char *ret_name)
{
	ret_name[0] = '\0';
	if (source->at)
		source->at = take_name(source->at, source->end, ret_name);
	else
		(void)kallsyms_name(source->symbols, address, ret_name, SYMBOL_SIZE);
}

static void name_stack(struct name_source *source, struct kernel_stack *stack)
{
	for (unsigned int i = 0; i < stack->count; i++)
		name_one(source, stack->address[i], stack->name[i]);
}

static void name_addresses(const struct frame *frame, const struct kallsyms *symbols,
			   struct death *ret)
{
	struct name_source source = { .symbols = symbols };

	if (frame->symbols) {
		source.at = frame->symbols;
		source.end = frame->symbols + frame->kallsyms_size;
	}
	name_stack(&source, &ret->signal_stack);
	name_stack(&source, &ret->exit_stack);
	if (ret->has_kernel_fault)
		name_one(&source, ret->kernel_fault.ip, ret->kernel_fault_name);
	name_stack(&source, &ret->oops_stack);
}

static void terminate_fault(struct kt_fault *fault)
{
	fault->module[KT_NAME_LEN - 1] = '\0';
	if (!fault->module[0]) /* without a file, an offset means nothing */
		fault->valid &= ~(uint32_t)KT_FAULT_HAS_MODULE;
}

/* Strings of fixed width need not be terminated. */
static void terminate(struct death *death)
{
	memcpy(death->comm, death->record.comm, KT_COMM_LEN);
	death->comm[KT_COMM_LEN] = '\0';
	death->signal.sender_comm[KT_COMM_LEN - 1] = '\0';
	death->signal.target_comm[KT_COMM_LEN - 1] = '\0';
	terminate_fault(&death->fault);
	terminate_fault(&death->handler_fault);
	if (!(death->fault.valid & KT_FAULT_HAS_MODULE))
		death->has_fault_build_id = false;
	death->own_abort.comm[KT_COMM_LEN - 1] = '\0';
	death->bus.type[sizeof(death->bus.type) - 1] = '\0';
	if (death->fault.number != SIGBUS)
		death->has_bus = false;
	for (unsigned int i = 0; i < death->prior_count; i++)
		death->prior[i].sender_comm[KT_COMM_LEN - 1] = '\0';
	for (unsigned int i = 0; i < death->limit_top_count; i++)
		death->limit_top[i].comm[KT_COMM_LEN - 1] = '\0';
}

/* All of it would be more work than the rest. */
static void clear(struct death *ret)
{
	char *const texts[] = { ret->cgroup_path, ret->memory_path,        ret->systemd_path,
				ret->sender_path, ret->sender_memory_path, ret->sender_exe,
				ret->exe,         ret->oom_limit_path };

	memset(ret, 0, offsetof(struct death, signal_stack));
	ret->signal_stack.count = ret->exit_stack.count = ret->oops_stack.count = 0;
	for (size_t i = 0; i < KT_PRIOR_SIGNALS; i++)
		ret->prior_path[i][0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		texts[i][0] = '\0';
}

int decode_frame(const struct frame *frame, const struct kallsyms *symbols, struct death *ret)
{
	const char *bytes = frame->record;
	int failure;

	clear(ret);
	if (frame->record_size < sizeof(ret->record))
		return -DECODE_TRUNCATED;
	if (frame->record_size > KT_RECORD_MAX)
		return -DECODE_OVERSIZED;
	memcpy(&ret->record, bytes, sizeof(ret->record));
	if (ret->record.version != KT_WIRE_VERSION)
		return -DECODE_VERSION;
	/* the ring buffer rounds its sizes up to 8, and those of records are rounded as well */
	if (ret->record.size > frame->record_size)
		return -DECODE_TRUNCATED;
	if (ret->record.size < frame->record_size)
		return -DECODE_OVERSIZED;
	if (ret->record.kind != KT_RECORD_DEATH && ret->record.kind != KT_RECORD_THREAD_DEATH &&
	    ret->record.kind != KT_RECORD_STUCK)
		return -DECODE_MALFORMED;
	failure = take_sections(bytes + sizeof(ret->record), ret->record.size - sizeof(ret->record),
				ret);
	if (failure)
		return failure;
	ret->sequence = frame->sequence;
	ret->realtime_offset_ns = frame->realtime_offset_ns;
	terminate(ret);
	name_addresses(frame, symbols, ret);
	root_find(ret);
	return 0;
}

const char *decode_failure_text(int failure)
{
	switch (-failure) {
	case DECODE_TRUNCATED:
		return "truncated";
	case DECODE_OVERSIZED:
		return "oversized";
	case DECODE_VERSION:
		return "of another wire version";
	default:
		return "malformed";
	}
}

static size_t write_name(const char *name, char *ret_text, size_t size)
{
	size_t length = strlen(name);

	if (length + 2 > size)
		return 0;
	(void)stpcpy(stpcpy(ret_text, name), "\n");
	return length + 1;
}

size_t decode_write_symbols(const struct death *death, char *ret_text, size_t size)
{
	const struct kernel_stack *const stacks[] = { &death->signal_stack, &death->exit_stack };
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		for (unsigned int j = 0; j < stacks[i]->count; j++)
			used += write_name(stacks[i]->name[j], ret_text + used, size - used);
	if (death->has_kernel_fault)
		used += write_name(death->kernel_fault_name, ret_text + used, size - used);
	for (unsigned int i = 0; i < death->oops_stack.count; i++)
		used += write_name(death->oops_stack.name[i], ret_text + used, size - used);
	return used;
}

static void scrub_frames(char *body, size_t length)
{
	struct kt_user_frame frame;

	for (; length >= sizeof(frame); body += sizeof(frame), length -= sizeof(frame)) {
		memcpy(&frame, body, sizeof(frame));
		forget_wrong_file(&frame);
		memcpy(body, &frame, sizeof(frame));
	}
}

void decode_scrub(void *record, size_t size)
{
	char *at = (char *)record + sizeof(struct kt_record), *end = (char *)record + size;

	while ((size_t)(end - at) >= sizeof(struct kt_section)) {
		struct kt_section header;
		size_t padded;

		memcpy(&header, at, sizeof(header));
		at += sizeof(header);
		padded = ((size_t)header.length + 7) & ~(size_t)7;
		if (padded > (size_t)(end - at))
			return;
		if (header.type == KT_SECTION_KERNEL_STACK ||
		    header.type == KT_SECTION_EXIT_STACK || header.type == KT_SECTION_OOPS_STACK)
			memset(at, 0, header.length);
		else if (header.type == KT_SECTION_USER_STACK)
			scrub_frames(at, header.length);
		at += padded;
	}
}

static void hide_places(struct kt_fault *fault)
{
	fault->valid &= ~(uint32_t)(KT_FAULT_HAS_ADDRESS | KT_FAULT_HAS_IP | KT_FAULT_HAS_SP);
	fault->address = fault->ip = fault->sp = 0;
}

void decode_hide_addresses(struct death *death)
{
	hide_places(&death->fault);
	hide_places(&death->handler_fault);
	death->kernel_fault.address = death->kernel_fault.ip = 0;
	for (unsigned int i = 0; i < death->user_frames; i++)
		if (death->user_stack[i].status != KT_FRAME_BUILD_ID)
			death->user_stack[i].offset = 0;
}
