/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wire records, built section by section like the kernel side's, and the frame around them. Depends
 * only on the wire contract: records built here must not go through the code that they test.
 */
#ifndef KT_RECORD_BUILDER_H
#define KT_RECORD_BUILDER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "source/frame.h"

#define BUILDER_TGID 4711
#define BUILDER_TIME_NS 100001000000ULL
#define BUILDER_START_NS 98500000000ULL
#define BUILDER_OFFSET_NS 1700000000000000000LL
#define BUILDER_KERNEL_TEXT 0xffffffff81000000ULL

struct record_builder {
	union {
		struct kt_record record; /* its size grows with each section */
		unsigned char bytes[2 * KT_RECORD_MAX];
	};
	char names[(3 * KT_KERNEL_FRAMES + 1) * 128]; /* of kernel addresses, as in a recording */
	size_t names_size;
	bool nameless; /* kernel addresses are added without their names */
};

/* A death with everything that the record itself holds, and nothing else. */
static inline void builder_init(struct record_builder *builder, __u32 status)
{
	memset(builder, 0, sizeof(*builder));
	builder->record = (struct kt_record){
		.version = KT_WIRE_VERSION,
		.kind = KT_RECORD_DEATH,
		.size = sizeof(builder->record),
		.valid = KT_VALID_PARENT | KT_VALID_NS_PID | KT_VALID_UID | KT_VALID_CGROUP_ID |
			 KT_VALID_START | KT_VALID_SECCOMP_MODE,
		.time_ns = BUILDER_TIME_NS,
		.start_ns = BUILDER_START_NS,
		.cgroup_id = 5150,
		.status = status,
		.reserved = status, /* as in older records: not read */
		.tgid = BUILDER_TGID,
		.tid = BUILDER_TGID,
		.ppid = 1,
		.ns_pid = 17,
		.uid = 1000,
		.comm = "victim",
	};
}

/* The place for the next `bytes` bytes of the record. */
static inline unsigned char *builder_room(struct record_builder *builder, size_t bytes)
{
	unsigned char *at = builder->bytes + builder->record.size;

	if (bytes > sizeof(builder->bytes) - builder->record.size)
		abort(); /* a record that does not fit is a mistake in the test */
	builder->record.size += (__u32)bytes;
	return at;
}

/* A section with `length` in its header, whatever follows. */
static inline void builder_add_header(struct record_builder *builder, __u16 type, __u16 length)
{
	struct kt_section header = { .type = type, .length = length };

	memcpy(builder_room(builder, sizeof(header)), &header, sizeof(header));
}

static inline void builder_add(struct record_builder *builder, __u16 type, const void *data,
			       size_t length)
{
	builder_add_header(builder, type, (__u16)length);
	memcpy(builder_room(builder, (length + 7) & ~(size_t)7), data, length);
}

static inline void builder_add_text(struct record_builder *builder, __u16 type, const char *text)
{
	builder_add(builder, type, text, strlen(text));
}

/* The name of the next kernel address: `length` bytes of a function's name. */
static inline void builder_add_name(struct record_builder *builder, const char *function,
				    size_t length)
{
	size_t left = sizeof(builder->names) - builder->names_size;
	int named = builder->nameless ? 0 : (int)length;

	builder->names_size += (size_t)snprintf(builder->names + builder->names_size, left,
						"%.*s%s\n", named, function, named ? "+0x1f" : "");
	if (builder->names_size >= sizeof(builder->names))
		abort();
}

/* A kernel stack from the names of its functions, innermost first, separated by blanks. */
static inline void builder_add_stack(struct record_builder *builder, __u16 type,
				     const char *functions)
{
	__u64 addresses[KT_KERNEL_FRAMES];
	size_t count = 0;

	for (const char *at = functions; *at;) {
		size_t length = strcspn(at, " ");

		if (count == KT_KERNEL_FRAMES)
			abort();
		addresses[count] = BUILDER_KERNEL_TEXT + 0x100 * count;
		count++;
		builder_add_name(builder, at, length);
		at += length;
		at += strspn(at, " ");
	}
	builder_add(builder, type, addresses, count * sizeof(addresses[0]));
}

/* Valid as long as the builder. */
static inline struct frame builder_frame(const struct record_builder *builder)
{
	return (struct frame){
		.sequence = 7,
		.realtime_offset_ns = BUILDER_OFFSET_NS,
		.record = builder->bytes,
		.record_size = builder->record.size,
		.symbols = builder->names,
		.kallsyms_size = builder->names_size,
	};
}

#endif
