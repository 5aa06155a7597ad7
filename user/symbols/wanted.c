// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/wanted.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "0x1a2b"; false: it is absent. */
static bool read_hex(const json_t *object, const char *key, uint64_t *ret)
{
	const char *text = text_of(object, key), *end;

	if (strncmp(text, "0x", 2) != 0)
		return false;
	end = number_read(text + 2, 16, ret);
	return end && !*end;
}

static bool read_build_id(const json_t *object, uint8_t ret[SYMBOLS_BUILD_ID])
{
	const char *text = text_of(object, "build_id");
	const size_t length = strlen(text);
	uint8_t id[SYMBOLS_BUILD_ID] = { 0 };

	if (!length || length % 2 || length > 2 * sizeof(id))
		return false;
	for (size_t i = 0; i < length / 2; i++) {
		const char digits[] = { text[2 * i], text[2 * i + 1], '\0' };
		uint64_t byte;
		const char *end = number_read(digits, 16, &byte);

		if (!end || *end)
			return false;
		id[i] = (uint8_t)byte;
	}
	memcpy(ret, id, sizeof(id));
	return true;
}

/* A name with a slash would be a path, which is opened nowhere. */
static void read_name(const json_t *object, const char *key, char ret[WANTED_NAME])
{
	const char *name = text_of(object, key);

	if (!strchr(name, '/') && strlen(name) < WANTED_NAME)
		(void)snprintf(ret, WANTED_NAME, "%s", name);
}

static void read_frame(const json_t *object, const char *offset_key, struct symbols_frame *ret)
{
	const json_int_t gap = json_integer_value(json_object_get(object, "gap"));

	if (gap > 0) {
		ret->is_generated = gap == 1 && read_hex(object, "address", &ret->address);
		ret->has_address = ret->is_generated;
		ret->state = ret->is_generated ? SYMBOLS_GENERATED : SYMBOLS_GAP;
		ret->gap = (unsigned int)gap;
		return;
	}
	if (!read_hex(object, offset_key, &ret->offset))
		return;
	read_name(object, "module", ret->module);
	ret->state = read_build_id(object, ret->build_id) ? SYMBOLS_LATE : SYMBOLS_NO_FILE;
}

static bool is_located(const struct symbols_frame *frame)
{
	return frame->state == SYMBOLS_LATE;
}

/* Records name the file of the fault only. */
static void name_same_file(const struct symbols_frame *fault, struct symbols_frame *frame)
{
	if (is_located(fault) && is_located(frame) && !frame->module[0] &&
	    !memcmp(fault->build_id, frame->build_id, sizeof(fault->build_id)))
		memcpy(frame->module, fault->module, sizeof(frame->module));
}

static void read_stack(const json_t *stack, struct symbols *ret)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(stack, i, entry) {
		struct symbols_frame *frame = &ret->frames[ret->count];

		if (ret->count == SYMBOLS_FRAMES)
			return;
		read_frame(entry, "offset", frame);
		name_same_file(&ret->fault, frame);
		ret->count += frame->state != SYMBOLS_ABSENT;
	}
}

struct symbols_frame *wanted_frame(struct symbols *symbols, size_t index)
{
	return index ? &symbols->frames[index - 1] : &symbols->fault;
}

int wanted_index(const struct wanted *wanted, const uint8_t *build_id, size_t size)
{
	uint8_t whole[SYMBOLS_BUILD_ID] = { 0 };

	if (!size || size > sizeof(whole))
		return -1;
	memcpy(whole, build_id, size);
	for (size_t i = 0; i < wanted->file_count; i++)
		if (!wanted->files[i].by_name &&
		    !memcmp(wanted->files[i].build_id, whole, sizeof(whole)))
			return (int)i;
	return -1;
}

int wanted_by_name(const struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->file_count; i++)
		if (wanted->files[i].by_name)
			return (int)i;
	return -1;
}

int wanted_file_of(const struct wanted *wanted, size_t frame)
{
	const struct wanted_frame *of = &wanted->frames[frame];

	if (!of->is_located)
		return -1;
	return of->by_name ? wanted_by_name(wanted)
			   : wanted_index(wanted, of->build_id, sizeof(of->build_id));
}

static void add_file(const struct wanted_frame *frame, struct wanted *wanted)
{
	int index = frame->by_name ? wanted_by_name(wanted)
				   : wanted_index(wanted, frame->build_id, sizeof(frame->build_id));

	if (index < 0) {
		index = (int)wanted->file_count++;
		wanted->files[index] = (struct wanted_file){ .by_name = frame->by_name };
		memcpy(wanted->files[index].build_id, frame->build_id, sizeof(frame->build_id));
	}
	if (!wanted->files[index].name[0])
		memcpy(wanted->files[index].name, frame->module, sizeof(frame->module));
}

static void add_files(struct wanted *wanted)
{
	wanted->file_count = 0;
	for (size_t i = 0; i < WANTED_FRAMES; i++)
		if (wanted->frames[i].is_located)
			add_file(&wanted->frames[i], wanted);
}

/* Nothing is allowed for: a clock that was set makes the answer poorer. */
#define WRITTEN_LATE_NS NS_PER_S

/* A foreign record can have any number, which must not become the id of another user. */
static bool read_id(const json_t *value, uint32_t *ret)
{
	const json_int_t id = json_integer_value(value);

	if (!json_is_integer(value) || id < 0 || id >= UINT32_MAX) /* (uid_t)-1 is no user */
		return false;
	*ret = (uint32_t)id;
	return true;
}

static void want_map(const json_t *record, struct wanted *ret)
{
	const json_t *victim = json_object_get(record, "victim");
	const json_t *pid = json_object_get(victim, "pid");
	const json_t *ns_pid = json_object_get(victim, "ns_pid");
	const json_t *uid = json_object_get(victim, "uid");
	struct wanted_map map = { .begin_ns = ret->start_ns };

	if (!ns_pid)
		ns_pid = pid;
	if (!read_id(ns_pid, &map.ns_pid) || !read_id(uid, &map.uid) || !ret->start_ns ||
	    !clock_parse_rfc3339(text_of(record, "time"), &map.end_ns))
		return;
	map.is_host_pid = ret->is_on_host && json_equal(pid, ns_pid);
	map.end_ns += WRITTEN_LATE_NS;
	for (size_t i = 0; i < WANTED_FRAMES; i++)
		if (ret->frames[i].is_generated)
			ret->map = map;
}

static void end_name(char name[WANTED_NAME])
{
	name[WANTED_NAME - 1] = '\0';
	if (strchr(name, '/') || !strcmp(name, "..") || !strcmp(name, "."))
		name[0] = '\0';
}

void wanted_check(struct wanted *wanted)
{
	end_name(wanted->exe);
	wanted->cgroup[WANTED_PATH - 1] = '\0';
	wanted->memory_cgroup[WANTED_PATH - 1] = '\0';
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		struct wanted_frame *frame = &wanted->frames[i];

		end_name(frame->module);
		if (frame->is_generated)
			frame->is_located = frame->by_name = false;
		/* of the fault only, so that there is one name */
		if (frame->by_name && (i || !frame->module[0] || !wanted->start_ns))
			frame->is_located = false;
	}
	add_files(wanted);
}

/* The fault is in a file without a build ID. */
static void want_by_name(struct symbols_frame *fault, struct wanted *ret)
{
	if (fault->state != SYMBOLS_NO_FILE || !fault->module[0] || !ret->start_ns)
		return;
	fault->by_name = true;
	ret->frames[0].by_name = true;
	ret->frames[0].is_located = true;
}

static void want(const struct symbols_frame *frame, struct wanted_frame *ret)
{
	ret->is_located = is_located(frame);
	ret->is_generated = frame->is_generated;
	ret->offset = frame->is_generated ? frame->address : frame->offset;
	memcpy(ret->build_id, frame->build_id, sizeof(ret->build_id));
	memcpy(ret->module, frame->module, sizeof(ret->module));
}

/* A fault that is in no file can be in generated code, unless it was a jump to nowhere. */
static void take_generated_fault(const json_t *fault, struct symbols_frame *ret)
{
	if (ret->state != SYMBOLS_ABSENT || json_object_get(fault, "module") ||
	    !strcmp(text_of(fault, "access"), "exec") || !read_hex(fault, "ip", &ret->address))
		return;
	ret->is_generated = ret->has_address = true;
	ret->state = SYMBOLS_GENERATED;
}

void wanted_read(const json_t *record, struct symbols *ret_symbols, struct wanted *ret)
{
	const json_t *cgroup = json_object_get(record, "cgroup");

	*ret = (struct wanted){ 0 };
	read_name(json_object_get(record, "victim"), "exe", ret->exe);
	if (!clock_parse_rfc3339(text_of(json_object_get(record, "victim"), "start_time"),
				 &ret->start_ns))
		ret->start_ns = 0;
	ret->is_on_host = !json_object_get(record, "container") &&
			  !json_object_get(record, "kubernetes");
	(void)snprintf(ret->cgroup, sizeof(ret->cgroup), "%s", text_of(cgroup, "path"));
	(void)snprintf(ret->memory_cgroup, sizeof(ret->memory_cgroup), "%s",
		       text_of(cgroup, "memory_path"));
	read_frame(json_object_get(record, "fault"), "module_offset", &ret_symbols->fault);
	read_stack(json_object_get(record, "user_stack"), ret_symbols);
	take_generated_fault(json_object_get(record, "fault"), &ret_symbols->fault);
	for (size_t i = 0; i <= ret_symbols->count; i++)
		want(wanted_frame(ret_symbols, i), &ret->frames[i]);
	want_by_name(&ret_symbols->fault, ret);
	want_map(record, ret);
	add_files(ret);
}

const char *symbols_id_text(const uint8_t build_id[SYMBOLS_BUILD_ID], char ret[SYMBOLS_ID_TEXT])
{
	/* of LLD's fast hash, of MD5 and UUIDs, of SHA-1 */
	static const size_t usual[] = { 8, 16, SYMBOLS_BUILD_ID };
	size_t size = SYMBOLS_BUILD_ID, i = 0;

	while (size && !build_id[size - 1])
		size--;
	while (usual[i] < size)
		i++;
	text_hex(build_id, usual[i], ret);
	return ret;
}
