// SPDX-License-Identifier: BSD-2-Clause
/*
 * Decoding accepts any bytes: the result is a death or an error, and nothing is read beyond them.
 */
#include "unit.h"

#include "decode/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_builder.h"

static struct death death;

static struct kt_signal some_signal(void)
{
	return (struct kt_signal){ .time_ns = 5,
				   .number = 9,
				   .sender_pid = 77,
				   .sender_comm = "killer",
				   .target_comm = "victim" };
}

/* A record with a section of every type. */
static void build_full(struct record_builder *builder)
{
	struct kt_signal signal = some_signal();
	struct kt_fault fault = { .number = 11, .code = 1, .module = "libc.so.6" };
	struct kt_user_frame frames[2] = { { .status = KT_FRAME_BUILD_ID, .offset = 0x1136 },
					   { .status = KT_FRAME_IP } };
	struct kt_oom oom = { .flags = KT_OOM_MARKED, .limit_bytes = 4096 };
	struct kt_rlimit rlimit = { .cpu_soft = 1 };
	struct kt_kernel_fault kernel_fault = { .error_code = 2 };
	static const __u8 build_id[KT_BUILD_ID_LEN] = { 7, 8 };

	fault.valid = KT_FAULT_HAS_MODULE;
	builder_init(builder, 9);
	builder_add_text(builder, KT_SECTION_CGROUP_PATH, "/system.slice/shop.service");
	builder_add_text(builder, KT_SECTION_MEMORY_PATH, "/memory");
	builder_add_text(builder, KT_SECTION_SYSTEMD_PATH, "/systemd");
	builder_add(builder, KT_SECTION_RLIMIT, &rlimit, sizeof(rlimit));
	builder_add_text(builder, KT_SECTION_EXE, "shop");
	builder_add(builder, KT_SECTION_SIGNAL, &signal, sizeof(signal));
	builder_add_stack(builder, KT_SECTION_KERNEL_STACK, "one two three");
	builder_add_text(builder, KT_SECTION_SENDER_PATH, "/killer");
	builder_add(builder, KT_SECTION_USER_STACK, frames, sizeof(frames));
	builder_add(builder, KT_SECTION_FAULT_BUILD_ID, build_id, sizeof(build_id));
	builder_add(builder, KT_SECTION_FAULT, &fault, sizeof(fault));
	builder_add(builder, KT_SECTION_OOM, &oom, sizeof(oom));
	builder_add_text(builder, KT_SECTION_OOM_LIMIT_PATH, "/limit");
	builder_add_stack(builder, KT_SECTION_EXIT_STACK, "four five");
	builder_add(builder, KT_SECTION_KERNEL_FAULT, &kernel_fault, sizeof(kernel_fault));
	builder_add_name(builder, "six", 3);
	builder_add_stack(builder, KT_SECTION_OOPS_STACK, "seven eight");
}

static int decode(const struct record_builder *builder)
{
	struct frame frame = builder_frame(builder);

	return decode_frame(&frame, NULL, &death);
}

/* Like decode_frame(), from memory that ends with the record. */
static int decode_exact(const void *record, size_t size, const char *symbols, size_t kallsyms_size)
{
	char *copy = malloc(size + 1), *names = malloc(kallsyms_size + 1);
	char *record_copy = copy + 1; /* a record in a file may be unaligned */
	struct frame frame = { .sequence = 1,
			       .record = record_copy,
			       .record_size = size,
			       .symbols = symbols ? names + 1 : NULL,
			       .kallsyms_size = kallsyms_size };
	int result;

	assert_non_null(copy);
	assert_non_null(names);
	memcpy(record_copy, record, size);
	if (kallsyms_size)
		memcpy(names + 1, symbols, kallsyms_size);
	result = decode_frame(&frame, NULL, &death);
	free(copy);
	free(names);
	return result;
}

static void assert_failure(int result)
{
	assert_in_range(-result, DECODE_TRUNCATED, DECODE_MALFORMED);
	assert_true(strlen(decode_failure_text(result)) > 0);
}

/* Other modules read these as strings. */
static void assert_names_end(const struct kernel_stack *stack)
{
	for (unsigned int i = 0; i < stack->count; i++)
		assert_non_null(memchr(stack->name[i], 0, SYMBOL_SIZE));
}

static void assert_terminated(const struct death *got)
{
	assert_non_null(memchr(got->comm, 0, sizeof(got->comm)));
	assert_non_null(memchr(got->signal.sender_comm, 0, sizeof(got->signal.sender_comm)));
	assert_non_null(memchr(got->signal.target_comm, 0, sizeof(got->signal.target_comm)));
	assert_non_null(memchr(got->fault.module, 0, sizeof(got->fault.module)));
	assert_non_null(memchr(got->cgroup_path, 0, sizeof(got->cgroup_path)));
	assert_non_null(memchr(got->memory_path, 0, sizeof(got->memory_path)));
	assert_non_null(memchr(got->sender_path, 0, sizeof(got->sender_path)));
	assert_non_null(memchr(got->oom_limit_path, 0, sizeof(got->oom_limit_path)));
	assert_non_null(memchr(got->exe, 0, sizeof(got->exe)));
	assert_true(got->signal_stack.count <= KT_KERNEL_FRAMES);
	assert_true(got->exit_stack.count <= KT_KERNEL_FRAMES);
	assert_true(got->oops_stack.count <= KT_KERNEL_FRAMES);
	assert_true(got->user_frames <= KT_USER_FRAMES);
	assert_non_null(memchr(got->kernel_fault_name, 0, SYMBOL_SIZE));
	assert_names_end(&got->signal_stack);
	assert_names_end(&got->exit_stack);
	assert_names_end(&got->oops_stack);
}

static void test_everything_arrives(void **state)
{
	static struct record_builder builder;

	(void)state;
	build_full(&builder);
	memset(&death, 0x5a, sizeof(death));
	assert_int_equal(decode(&builder), 0);
	assert_int_equal(death.sequence, 7);
	assert_int_equal(death.realtime_offset_ns, BUILDER_OFFSET_NS);
	assert_memory_equal(&death.record, &builder.record, sizeof(death.record));
	assert_string_equal(death.comm, "victim");
	assert_true(death.has_signal && death.has_fault && death.has_oom && death.has_rlimit &&
		    death.has_kernel_fault);
	assert_int_equal(death.signal.sender_pid, 77);
	assert_string_equal(death.signal.sender_comm, "killer");
	assert_string_equal(death.fault.module, "libc.so.6");
	assert_true(death.has_fault_build_id);
	assert_int_equal(death.fault_build_id[1], 8);
	assert_int_equal(death.oom.limit_bytes, 4096);
	assert_int_equal(death.rlimit.cpu_soft, 1);
	assert_int_equal(death.kernel_fault.error_code, 2);
	assert_int_equal(death.signal_stack.count, 3);
	assert_string_equal(death.signal_stack.name[0], "one+0x1f");
	assert_string_equal(death.signal_stack.name[2], "three+0x1f");
	assert_int_equal(death.exit_stack.count, 2);
	assert_string_equal(death.exit_stack.name[0], "four+0x1f");
	assert_string_equal(death.exit_stack.name[1], "five+0x1f");
	assert_string_equal(death.kernel_fault_name, "six+0x1f");
	assert_int_equal(death.oops_stack.count, 2);
	assert_string_equal(death.oops_stack.name[1], "eight+0x1f");
	assert_int_equal(death.user_frames, 2);
	assert_int_equal(death.user_stack[0].offset, 0x1136);
	assert_string_equal(death.cgroup_path, "/system.slice/shop.service");
	assert_string_equal(death.memory_path, "/memory");
	assert_string_equal(death.systemd_path, "/systemd");
	assert_string_equal(death.sender_path, "/killer");
	assert_string_equal(death.oom_limit_path, "/limit");
	assert_string_equal(death.exe, "shop");
	assert_int_equal(death.unknown_sections, 0);
}

static void test_bare_record(void **state)
{
	static struct record_builder builder;

	(void)state;
	builder_init(&builder, 9);
	memset(&death, 0x5a, sizeof(death));
	assert_int_equal(decode(&builder), 0);
	assert_false(death.has_signal || death.has_fault || death.has_oom || death.has_rlimit ||
		     death.has_kernel_fault);
	assert_int_equal(death.signal_stack.count, 0);
	assert_int_equal(death.user_frames, 0);
	assert_string_equal(death.cgroup_path, "");
	assert_string_equal(death.exe, "");
	assert_terminated(&death);
}

/* A call through a null pointer: the kernel names a file in which the address is not. */
static void test_frame_of_wrong_file(void **state)
{
	static struct record_builder builder;
	const struct kt_user_frame frames[2] = {
		{ KT_FRAME_BUILD_ID, { 1, 2, 3 }, (uint64_t)-0x55d0c0de0000 },
		{ KT_FRAME_BUILD_ID, { 1, 2, 3 }, 0x1136 },
	};
	const struct kt_user_frame nothing = { .status = KT_FRAME_IP };

	(void)state;
	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_USER_STACK, frames, sizeof(frames));
	assert_int_equal(decode(&builder), 0);
	assert_int_equal(death.user_frames, 2);
	assert_memory_equal(&death.user_stack[0], &nothing, sizeof(nothing));
	assert_memory_equal(&death.user_stack[1], &frames[1], sizeof(nothing));
	/* nor does a recording keep where the program was */
	assert_non_null(memmem(builder.bytes, builder.record.size, &frames[0], sizeof(frames[0])));
	decode_scrub(builder.bytes, builder.record.size);
	assert_null(memmem(builder.bytes, builder.record.size, &frames[0], sizeof(frames[0])));
	assert_non_null(memmem(builder.bytes, builder.record.size, &frames[1], sizeof(frames[1])));
}

/* A cut frame: the record still has its full size in the header. */
static void test_every_cut(void **state)
{
	static struct record_builder builder;

	(void)state;
	build_full(&builder);
	for (size_t size = 0; size < builder.record.size; size++)
		assert_int_equal(decode_exact(builder.bytes, size, NULL, 0), -DECODE_TRUNCATED);
}

/* A shorter record: an error inside a section, a death with less evidence between two. */
static void test_every_shorter_record(void **state)
{
	static struct record_builder builder;
	size_t whole;
	unsigned int deaths = 0;

	(void)state;
	build_full(&builder);
	whole = builder.record.size;
	for (size_t size = sizeof(struct kt_record); size < whole; size++) {
		int result;

		builder.record.size = (__u32)size;
		result = decode_exact(builder.bytes, size, builder.names, builder.names_size);
		deaths += !result;
		if (result)
			assert_int_equal(result, -DECODE_TRUNCATED);
		else
			assert_terminated(&death);
	}
	assert_int_equal(deaths, 16); /* the bare record, and after each section except the last */
}

static void test_every_corrupt_byte(void **state)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x07, 0x7f, 0x80, 0xff };
	static struct record_builder builder;

	(void)state;
	build_full(&builder);
	for (size_t at = 0; at < builder.record.size; at++) {
		unsigned char was = builder.bytes[at];
		size_t size = builder_frame(&builder).record_size;

		for (size_t i = 0; i < COUNT(values) + 8; i++) {
			int result;

			builder.bytes[at] = i < COUNT(values)
						    ? values[i]
						    : was ^ (unsigned char)(1U << (i - 6));
			result = decode_exact(builder.bytes, size, builder.names,
					      builder.names_size);
			if (result)
				assert_failure(result);
			else
				assert_terminated(&death);
		}
		builder.bytes[at] = was;
	}
}

static void test_sizes_that_disagree(void **state)
{
	static struct record_builder builder;
	struct frame frame;

	(void)state;
	build_full(&builder);
	frame = builder_frame(&builder);
	frame.record_size += 8;
	assert_int_equal(decode_frame(&frame, NULL, &death), -DECODE_OVERSIZED);
	frame.record_size = 0;
	assert_int_equal(decode_frame(&frame, NULL, &death), -DECODE_TRUNCATED);
	frame = builder_frame(&builder);
	builder.record.size = UINT32_MAX;
	assert_int_equal(decode_frame(&frame, NULL, &death), -DECODE_TRUNCATED);
	builder.record.size = 0;
	assert_int_equal(decode_frame(&frame, NULL, &death), -DECODE_OVERSIZED);
	builder.record.size = sizeof(struct kt_record) - 1;
	assert_int_equal(decode_frame(&frame, NULL, &death), -DECODE_OVERSIZED);
}

static void test_largest_record(void **state)
{
	static struct record_builder builder;
	static const char zeroes[KT_RECORD_MAX];

	(void)state;
	builder_init(&builder, 9);
	builder_add(&builder, 999, zeroes,
		    KT_RECORD_MAX - sizeof(struct kt_record) - sizeof(struct kt_section));
	assert_int_equal(builder.record.size, KT_RECORD_MAX);
	assert_int_equal(decode(&builder), 0);
	builder_add(&builder, 999, zeroes, 0);
	assert_int_equal(decode(&builder), -DECODE_OVERSIZED);
}

static void test_wrong_version_and_kind(void **state)
{
	static struct record_builder builder;

	(void)state;
	builder_init(&builder, 9);
	builder.record.version = 0;
	assert_int_equal(decode(&builder), -DECODE_VERSION);
	builder.record.version = KT_WIRE_VERSION + 1;
	assert_int_equal(decode(&builder), -DECODE_VERSION);
	builder.record.version = KT_WIRE_VERSION;
	builder.record.kind = 0;
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	/* a notice is not a record, even if it is as large as one */
	builder.record.kind = KT_RECORD_DOOM;
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder.record.kind = KT_RECORD_LIMIT;
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder.record.kind = KT_RECORD_LIMIT + 1;
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder.record.kind = KT_RECORD_THREAD_DEATH;
	assert_int_equal(decode(&builder), 0);
	builder.record.kind = KT_RECORD_STUCK;
	assert_int_equal(decode(&builder), 0);
}

/* From a newer kernel side: skipped, and the following sections are read. */
static void test_unknown_sections(void **state)
{
	static struct record_builder builder;
	struct kt_signal signal = some_signal();

	(void)state;
	builder_init(&builder, 9);
	builder_add(&builder, 0, "x", 1);
	builder_add(&builder, KT_SECTION_LIMIT_TOP + 1, "seventeen letters", 17);
	builder_add(&builder, 0xffff, "", 0);
	builder_add(&builder, KT_SECTION_SIGNAL, &signal, sizeof(signal));
	assert_int_equal(decode(&builder), 0);
	assert_int_equal(death.unknown_sections, 3);
	assert_true(death.has_signal);
}

/* A build ID belongs to the fault's module: without a module it is ignored. */
static void test_build_id_without_a_module(void **state)
{
	static const __u8 build_id[KT_BUILD_ID_LEN] = { 7 };
	static struct record_builder builder;
	struct kt_fault fault = { .number = 11, .valid = KT_FAULT_HAS_MODULE };

	(void)state;
	builder_init(&builder, 11);
	builder_add(&builder, KT_SECTION_FAULT_BUILD_ID, build_id, sizeof(build_id));
	assert_int_equal(decode(&builder), 0);
	assert_false(death.has_fault_build_id);
	builder_add(&builder, KT_SECTION_FAULT, &fault, sizeof(fault));
	assert_int_equal(decode(&builder), 0);
	assert_false(death.has_fault_build_id);
}

/* One section of each source; with another source their meaning is unknown. */
static void test_limit(void **state)
{
	struct kt_limit_memory memory = { .cgroup_id = 7, .valid = KT_LIMIT_HAS_ANON };
	struct kt_process_memory top[KT_LIMIT_TOP + 1];
	static struct record_builder builder;

	(void)state;
	memset(top, 'x', sizeof(top));
	builder_init(&builder, 9);
	for (__u32 source = 0; source < 4; source++) {
		memory.source = source;
		memory.anon_bytes = 100 + source;
		builder_add(&builder, KT_SECTION_LIMIT_MEMORY, &memory, sizeof(memory));
	}
	builder_add(&builder, KT_SECTION_LIMIT_TOP, top, KT_LIMIT_TOP * sizeof(top[0]));
	assert_int_equal(decode(&builder), 0);
	assert_int_equal(death.limit_counters.anon_bytes, 100 + KT_LIMIT_COUNTERS);
	assert_int_equal(death.limit_files.anon_bytes, 100 + KT_LIMIT_FILES);
	assert_int_equal(death.limit_top_count, KT_LIMIT_TOP);
	for (unsigned int i = 0; i < KT_LIMIT_TOP; i++)
		assert_string_equal(death.limit_top[i].comm, "xxxxxxxxxxxxxxx");

	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_LIMIT_TOP, top, sizeof(top));
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_LIMIT_TOP, top, sizeof(top[0]) - 1);
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_LIMIT_MEMORY, &memory, sizeof(memory) - 1);
	assert_int_equal(decode(&builder), -DECODE_MALFORMED);
	builder_init(&builder, 9);
	assert_int_equal(decode(&builder), 0);
	assert_int_equal(death.limit_counters.source, 0);
	assert_int_equal(death.limit_top_count, 0);
}

/* A struct may be larger, but not smaller. */
static void test_longer_and_shorter_structs(void **state)
{
	static const struct {
		__u16 type;
		size_t size;
	} structs[] = {
		{ KT_SECTION_SIGNAL, sizeof(struct kt_signal) },
		{ KT_SECTION_FAULT, sizeof(struct kt_fault) },
		{ KT_SECTION_OOM, sizeof(struct kt_oom) },
		{ KT_SECTION_RLIMIT, sizeof(struct kt_rlimit) },
		{ KT_SECTION_KERNEL_FAULT, sizeof(struct kt_kernel_fault) },
		{ KT_SECTION_FAULT_BUILD_ID, KT_BUILD_ID_LEN },
		{ KT_SECTION_BUS_ERROR, sizeof(struct kt_bus_error) },
	};
	static struct record_builder builder;
	static const char bytes[512];

	(void)state;
	for (size_t i = 0; i < COUNT(structs); i++) {
		for (size_t size = 0; size < structs[i].size + 24; size++) {
			builder_init(&builder, 9);
			builder_add(&builder, structs[i].type, bytes, size);
			assert_int_equal(decode(&builder),
					 size < structs[i].size ? -DECODE_MALFORMED : 0);
		}
	}
}

static void test_stacks_of_odd_sizes(void **state)
{
	static const __u16 types[] = { KT_SECTION_KERNEL_STACK, KT_SECTION_EXIT_STACK,
				       KT_SECTION_OOPS_STACK, KT_SECTION_USER_STACK };
	static struct record_builder builder;
	static const char bytes[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		size_t frame = types[i] == KT_SECTION_USER_STACK ? sizeof(struct kt_user_frame) : 8;
		size_t most = types[i] == KT_SECTION_USER_STACK ? KT_USER_FRAMES : KT_KERNEL_FRAMES;

		for (size_t size = 0; size <= (most + 2) * frame; size++) {
			bool good = size % frame == 0 && size / frame <= most;

			builder_init(&builder, 9);
			builder_add(&builder, types[i], bytes, size);
			assert_int_equal(decode(&builder), good ? 0 : -DECODE_MALFORMED);
		}
	}
}

static void test_texts_at_their_bounds(void **state)
{
	static const struct {
		__u16 type;
		size_t size;
		const char *text;
	} texts[] = {
		{ KT_SECTION_CGROUP_PATH, KT_PATH_LEN, death.cgroup_path },
		{ KT_SECTION_MEMORY_PATH, KT_PATH_LEN, death.memory_path },
		{ KT_SECTION_SYSTEMD_PATH, KT_PATH_LEN, death.systemd_path },
		{ KT_SECTION_SENDER_PATH, KT_SIDE_PATH_LEN, death.sender_path },
		{ KT_SECTION_OOM_LIMIT_PATH, KT_SIDE_PATH_LEN, death.oom_limit_path },
		{ KT_SECTION_EXE, KT_NAME_LEN, death.exe },
	};
	static struct record_builder builder;
	static char letters[2048];

	(void)state;
	memset(letters, 'x', sizeof(letters));
	for (size_t i = 0; i < COUNT(texts); i++) {
		builder_init(&builder, 9);
		builder_add(&builder, texts[i].type, letters, texts[i].size - 1);
		assert_int_equal(decode(&builder), 0);
		assert_int_equal(strlen(texts[i].text), texts[i].size - 1);
		builder_init(&builder, 9);
		builder_add(&builder, texts[i].type, letters, texts[i].size);
		assert_int_equal(decode(&builder), -DECODE_MALFORMED);
		builder_init(&builder, 9);
		builder_add(&builder, texts[i].type, "", 0);
		assert_int_equal(decode(&builder), 0);
		assert_string_equal(texts[i].text, "");
	}
}

static void test_unterminated_names(void **state)
{
	static struct record_builder builder;
	struct kt_signal signal = some_signal();
	struct kt_fault fault = { .number = 11 };

	(void)state;
	memset(signal.sender_comm, 's', sizeof(signal.sender_comm));
	memset(signal.target_comm, 't', sizeof(signal.target_comm));
	memset(fault.module, 'm', sizeof(fault.module));
	builder_init(&builder, 9);
	memset(builder.record.comm, 'c', sizeof(builder.record.comm));
	builder_add(&builder, KT_SECTION_SIGNAL, &signal, sizeof(signal));
	builder_add(&builder, KT_SECTION_FAULT, &fault, sizeof(fault));
	assert_int_equal(decode(&builder), 0);
	assert_terminated(&death);
	assert_int_equal(strlen(death.comm), KT_COMM_LEN);
	assert_int_equal(strlen(death.signal.sender_comm), KT_COMM_LEN - 1);
	assert_int_equal(strlen(death.fault.module), KT_NAME_LEN - 1);
}

static void test_lengths_beyond_the_end(void **state)
{
	static const __u16 lengths[] = { 1, 8, 112, 0x7fff, 0xfff8, 0xfff9, 0xffff };
	static struct record_builder builder;

	(void)state;
	for (unsigned int type = 0; type <= KT_SECTION_KERNEL_FAULT + 1; type++) {
		for (size_t i = 0; i < COUNT(lengths); i++) {
			builder_init(&builder, 9);
			builder_add_header(&builder, (__u16)type, lengths[i]);
			assert_int_equal(decode_exact(builder.bytes, builder.record.size, NULL, 0),
					 -DECODE_TRUNCATED);
		}
	}
	/* the padding must be there, too */
	builder_init(&builder, 9);
	builder_add_header(&builder, KT_SECTION_EXE, 1);
	memcpy(builder_room(&builder, 4), "x", 2);
	assert_int_equal(decode(&builder), -DECODE_TRUNCATED);
}

/* A section that comes twice: the last one counts, and nothing of the first remains. */
static void test_sections_twice(void **state)
{
	static struct record_builder builder;

	(void)state;
	builder_init(&builder, 9);
	builder_add_text(&builder, KT_SECTION_EXE, "the-first-and-longer");
	builder_add_text(&builder, KT_SECTION_EXE, "second");
	builder_add_stack(&builder, KT_SECTION_KERNEL_STACK, "one two three");
	builder.names_size = 0;
	builder_add_stack(&builder, KT_SECTION_KERNEL_STACK, "four");
	assert_int_equal(decode(&builder), 0);
	assert_string_equal(death.exe, "second");
	assert_int_equal(death.signal_stack.count, 1);
	assert_string_equal(death.signal_stack.name[0], "four+0x1f");
}

static void expect_names(const char *symbols, size_t size, const char *first, const char *second)
{
	static struct record_builder builder;

	builder_init(&builder, 9);
	builder_add_stack(&builder, KT_SECTION_KERNEL_STACK, "a");
	builder_add_stack(&builder, KT_SECTION_EXIT_STACK, "b");
	assert_int_equal(decode_exact(builder.bytes, builder.record.size, symbols, size), 0);
	assert_string_equal(death.signal_stack.name[0], first);
	assert_string_equal(death.exit_stack.name[0], second);
}

static void test_names_of_a_frame(void **state)
{
	static char long_line[1000];

	(void)state;
	expect_names("x\ny\n", 4, "x", "y");
	expect_names("x\ny\nz\n", 6, "x", "y");
	expect_names("\ny\n", 3, "", "y");
	expect_names("\n\n", 2, "", "");
	expect_names("x\ny", 3, "x", "");
	expect_names("x", 1, "", "");
	expect_names("", 0, "", "");
	expect_names("x\0hidden\ny\n", 11, "x", "y");
	memset(long_line, 'n', sizeof(long_line));
	long_line[997] = '\n';
	long_line[998] = 'y';
	long_line[999] = '\n';
	long_line[SYMBOL_SIZE - 1] = '\0';
	expect_names(long_line, sizeof(long_line), long_line, "y");
	memset(long_line, 'n', 997);
	assert_int_equal(strlen(death.signal_stack.name[0]), SYMBOL_SIZE - 1);
}

/* Without names of its own, a frame's addresses are looked up. */
static void test_names_of_this_kernel(void **state)
{
	static struct record_builder builder;
	char path[] = "/tmp/kt-decode-XXXXXX";
	static const char text[] = "ffffffff81000000 T one\nffffffff81000100 T two\n";
	struct kallsyms *symbols = NULL;
	struct frame frame;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(kallsyms_load(path, &symbols), 0);
	assert_int_equal(unlink(path), 0);
	builder_init(&builder, 9);
	builder_add_stack(&builder, KT_SECTION_KERNEL_STACK, "x y");
	frame = builder_frame(&builder);
	frame.symbols = NULL;
	assert_int_equal(decode_frame(&frame, symbols, &death), 0);
	assert_string_equal(death.signal_stack.name[0], "one+0x0");
	assert_string_equal(death.signal_stack.name[1], "two+0x0");
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	assert_string_equal(death.signal_stack.name[0], "");
	kallsyms_free(symbols);
}

/* Names written into a recording can be read back. */
static void test_names_go_round(void **state)
{
	static struct record_builder builder;
	static struct death first;
	static char text[DECODE_SYMBOLS_SIZE];
	size_t size;

	(void)state;
	build_full(&builder);
	assert_int_equal(decode(&builder), 0);
	/* one function without a known name */
	memset(death.signal_stack.name[1], 0, sizeof(death.signal_stack.name[1]));
	first = death;
	size = decode_write_symbols(&first, text, sizeof(text));
	assert_int_equal(decode_exact(builder.bytes, builder.record.size, text, size), 0);
	assert_memory_equal(&death.signal_stack, &first.signal_stack, sizeof(first.signal_stack));
	assert_memory_equal(&death.exit_stack, &first.exit_stack, sizeof(first.exit_stack));
	assert_string_equal(death.kernel_fault_name, first.kernel_fault_name);
	assert_memory_equal(&death.oops_stack, &first.oops_stack, sizeof(first.oops_stack));
	for (size_t room = 0; room < size; room++) {
		char *tight = malloc(room + 1);

		assert_non_null(tight);
		assert_in_range(decode_write_symbols(&first, tight, room), 0, room);
		free(tight);
	}
}

static void test_failures_have_names(void **state)
{
	(void)state;
	for (int i = DECODE_TRUNCATED; i <= DECODE_MALFORMED; i++)
		for (int j = DECODE_TRUNCATED; j < i; j++)
			assert_string_not_equal(decode_failure_text(-i), decode_failure_text(-j));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_arrives),
		cmocka_unit_test(test_bare_record),
		cmocka_unit_test(test_frame_of_wrong_file),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_shorter_record),
		cmocka_unit_test(test_every_corrupt_byte),
		cmocka_unit_test(test_sizes_that_disagree),
		cmocka_unit_test(test_largest_record),
		cmocka_unit_test(test_wrong_version_and_kind),
		cmocka_unit_test(test_unknown_sections),
		cmocka_unit_test(test_build_id_without_a_module),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_longer_and_shorter_structs),
		cmocka_unit_test(test_stacks_of_odd_sizes),
		cmocka_unit_test(test_texts_at_their_bounds),
		cmocka_unit_test(test_unterminated_names),
		cmocka_unit_test(test_lengths_beyond_the_end),
		cmocka_unit_test(test_sections_twice),
		cmocka_unit_test(test_names_of_a_frame),
		cmocka_unit_test(test_names_of_this_kernel),
		cmocka_unit_test(test_names_go_round),
		cmocka_unit_test(test_failures_have_names),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
