// SPDX-License-Identifier: BSD-2-Clause
/* The frames of a stack in an explanation: what each says about the file that it is in. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "why/stack.h"

#define FRAMES 5

static struct symbols symbols;

static void set_frame(size_t number, enum symbols_state state, uint8_t id, uint64_t offset)
{
	struct symbols_frame *frame = &symbols.frames[number];

	*frame = (struct symbols_frame){ .state = state, .offset = offset };
	memset(frame->build_id, id, sizeof(frame->build_id));
}

static const char *frame_of(const struct explanation *explanation, size_t number)
{
	assert_true(number < explanation->sections[SECTION_STACK].count);
	return explanation->sections[SECTION_STACK].items[number].text;
}

/* That there is no file with a build id is said once for each of them. */
static void test_no_file_is_said_once(void **state)
{
	json_t *record = json_pack("{s:s, s:[{s:s}, {s:s}, {s:s}, {s:s}, {s:s}]}", "id", "b-1",
				   "user_stack", "build_id", "aa", "build_id", "bb", "build_id",
				   "aa", "build_id", "cc", "build_id", "cc");
	const struct why why = { .record = record, .symbols = &symbols };
	struct explanation explanation = { 0 };

	(void)state;
	assert_non_null(record);
	symbols.count = FRAMES;
	set_frame(0, SYMBOLS_NO_FILE, 0xaa, 1);
	set_frame(1, SYMBOLS_NO_FILE, 0xbb, 2);
	set_frame(2, SYMBOLS_NO_FILE, 0xaa, 3);
	/* what was said about another frame of the same file is not what this one needs */
	set_frame(3, SYMBOLS_LATE, 0xcc, 4);
	set_frame(4, SYMBOLS_NO_FILE, 0xcc, 5);
	stack_add(&why, &explanation);
	assert_false(explanation.failed);
	assert_int_equal(explanation.sections[SECTION_STACK].count, FRAMES);
	assert_string_equal(frame_of(&explanation, 0),
			    "#0 build id aaaaaaaa+0x1 (no file with its build id was found)");
	assert_string_equal(frame_of(&explanation, 1),
			    "#1 build id bbbbbbbb+0x2 (no file with its build id was found)");
	assert_string_equal(frame_of(&explanation, 2), "#2 build id aaaaaaaa+0x3");
	assert_string_equal(frame_of(&explanation, 3),
			    "#3 build id cccccccc+0x4 (not looked up in time)");
	assert_string_equal(frame_of(&explanation, 4),
			    "#4 build id cccccccc+0x5 (no file with its build id was found)");
	explanation_done(&explanation);
	json_decref(record);
}

/* A frame beyond those that were looked up is shown as the record has it. */
static void test_raw_frames(void **state)
{
	json_t *record = json_pack("{s:s, s:{s:s, s:s}, s:[{s:s, s:s}, {s:s, s:s}, {s:s}, {s:i}]}",
				   "id", "b-1", "fault", "module", "libc.so.6", "build_id",
				   "0123456789", "user_stack", "build_id", "0123456789", "offset",
				   "0x10", "build_id", "9876543210", "offset", "0x20", "address",
				   "0x30", "gap", 4);
	const struct why why = { .record = record, .symbols = &symbols };
	struct explanation explanation = { 0 };

	(void)state;
	assert_non_null(record);
	symbols.count = 0;
	stack_add(&why, &explanation);
	assert_string_equal(frame_of(&explanation, 0), "#0 \x02libc.so.6\x03+0x10");
	assert_string_equal(frame_of(&explanation, 1), "#1 build id 98765432+0x20");
	assert_string_equal(frame_of(&explanation, 2), "#2 ? (generated code at 0x30)");
	assert_string_equal(frame_of(&explanation, 3), "#3 ? (4 in code without a build id)");
	explanation_done(&explanation);
	json_decref(record);
}

/* The next step is about the first frame that misses its line. */
static void test_next_step(void **state)
{
	json_t *record = json_pack("{s:s, s:[{s:s}, {s:s}]}", "id", "b-1", "user_stack", "build_id",
				   "aa", "build_id", "bb");
	const struct why why = { .record = record, .symbols = &symbols };
	struct explanation explanation = { 0 };
	struct symbols_frame *frame = &symbols.frames[1];

	(void)state;
	assert_non_null(record);
	symbols.count = 2;
	set_frame(0, SYMBOLS_NAMED, 0xaa, 1);
	symbols.frames[0].places[0].line = 7;
	set_frame(1, SYMBOLS_NAMED, 0xbb, 2);
	frame->has_address = true;
	frame->address = 0x402;
	(void)snprintf(frame->path, sizeof(frame->path), "/bin/it");
	stack_add(&why, &explanation);
	assert_int_equal(explanation.sections[SECTION_NEXT].count, 2);
	assert_string_equal(explanation.sections[SECTION_NEXT].items[0].text,
			    "eu-addr2line -f -i -C -e /bin/it 0x402");
	assert_string_equal(explanation.sections[SECTION_NEXT].items[1].text,
			    "debuginfod-find debuginfo bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
	explanation_done(&explanation);
	json_decref(record);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_file_is_said_once),
		cmocka_unit_test(test_raw_frames),
		cmocka_unit_test(test_next_step),
	};

	return cmocka_run_group_tests_name("why_stack", tests, NULL, NULL);
}
