// SPDX-License-Identifier: BSD-2-Clause
#include "why/stack.h"

#include <inttypes.h>
#include <string.h>

#include "why/fact.h"
#include "why/interpreter.h"
#include "why/own_command.h"
#include "why/shell.h"
#include "why/stack_place.h"

/* A build id is recognised by its first digits. */
#define SHORT_BUILD_ID 8

static bool is_of_file(const struct symbols_frame *frame)
{
	return frame->state > SYMBOLS_GENERATED && !frame->is_generated;
}

static const struct symbols_frame *fault_frame(const struct why *why)
{
	const struct symbols *symbols = why->symbols;

	return symbols && symbols->fault.state == SYMBOLS_NAMED ? &symbols->fault : NULL;
}

void stack_put_place(struct prose *prose, const char *before, const struct why *why)
{
	const struct symbols_frame *frame = fault_frame(why);

	if (frame) {
		prose_put(prose, "%s", before);
		stack_put_function(prose, frame);
	} else if (fact_has_text(why->record, "fault.module")) {
		prose_put(prose, "%s%s+%s", before, NAME(fact_text(why->record, "fault.module")),
			  fact_text(why->record, "fault.module_offset"));
	}
}

/* Its file, if the fault was in the same one. */
static const char *file_of(const json_t *record, const json_t *frame)
{
	return fact_has_text(record, "fault.module") &&
			       fact_is(frame, "build_id", fact_text(record, "fault.build_id"))
		       ? fact_text(record, "fault.module")
		       : NULL;
}

/* As the record has it. */
static void put_raw(struct prose *text, const json_t *record, const json_t *frame)
{
	const char *file = file_of(record, frame);
	int64_t gap;

	if (fact_has_text(frame, "address"))
		prose_put(text, "? (generated code at %s)", fact_text(frame, "address"));
	else if (fact_find_number(frame, "gap", &gap))
		prose_put(text, "? (%" PRId64 " in code without a build id)", gap);
	else if (file)
		prose_put(text, "%s+%s", NAME(file), fact_text(frame, "offset"));
	else
		prose_put(text, "build id %.*s+%s", SHORT_BUILD_ID, fact_text(frame, "build_id"),
			  fact_text(frame, "offset"));
}

/* Whether a frame before it has said that there is no file with its build id. */
static bool is_known(const struct symbols *symbols, size_t number)
{
	const struct symbols_frame *frame = &symbols->frames[number];

	for (size_t i = 0; i < number && frame->state == SYMBOLS_NO_FILE; i++)
		if (symbols->frames[i].state == SYMBOLS_NO_FILE &&
		    !memcmp(symbols->frames[i].build_id, frame->build_id, sizeof(frame->build_id)))
			return true;
	return false;
}

static void add_frame(const struct why *why, const json_t *frame, size_t number,
		      struct explanation *ret)
{
	const struct symbols *symbols = why->symbols;
	struct prose text = { 0 };

	prose_put(&text, "#%zu ", number);
	if (symbols && number < symbols->count && symbols->frames[number].state > SYMBOLS_GENERATED)
		stack_put_frame(&text, &symbols->frames[number], is_known(symbols, number));
	else
		put_raw(&text, why->record, frame);
	explanation_add(ret, SECTION_STACK, NULL, &text);
}

/* The build id of the innermost file. */
static const char *innermost(const json_t *record)
{
	const char *build_id = fact_text(record, "fault.build_id");
	const json_t *frame;
	size_t i;

	if (*build_id)
		return build_id;
	json_array_foreach(fact(record, "user_stack"), i, frame)
		if (fact_has_text(frame, "build_id"))
			return fact_text(frame, "build_id");
	return "";
}

static void add_download(const char *kind, const char *build_id, struct explanation *ret)
{
	struct prose command = { 0 };

	prose_put(&command, "debuginfod-find %s ", kind);
	shell_put_argument(&command, build_id);
	explanation_add_command(ret, "symbols", &command);
}

static bool is_fully_named(const struct symbols_frame *frame)
{
	return frame->state == SYMBOLS_NAMED && frame->places[0].line;
}

static bool has_build_id(const struct symbols_frame *frame)
{
	static const uint8_t none[SYMBOLS_BUILD_ID];

	return memcmp(frame->build_id, none, sizeof(none)) != 0;
}

/* A file without a build ID is recognised by a person, or not at all. */
static void add_name_file(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	own_command_put(why, &command, "why");
	prose_put(&command, " ");
	shell_put_argument(&command, fact_text(why->record, "id"));
	prose_put(&command, " --symbols ");
	shell_put_argument_with(&command, "PATH/", fact_text(why->record, "fault.module"), "");
	explanation_add_command(ret, "symbols", &command);
}

/* A build ID proves which file it was; here, a name and an age have to do. */
static void add_inferred(const struct why *why, struct explanation *ret)
{
	const struct symbols_frame *fault = &why->symbols->fault;

	if (fault->by_name && fault->is_given)
		explanation_say(ret, SECTION_EVIDENCE, "file",
				"%s, because you named it: it has no build id that would prove it "
				"(inferred)",
				NAME(fault->path));
	else if (fault->by_name && fault->path[0])
		explanation_say(ret, SECTION_EVIDENCE, "file",
				"%s, by its name and since it is older than the process: it has no "
				"build id that would prove it (inferred)",
				NAME(fault->path));
	else if (fault->by_name)
		explanation_say(ret, SECTION_EVIDENCE, "file",
				"%s has no build id, and no file of this name that is older than "
				"the process was found where it ran",
				NAME(fault->module));
}

/* The first frame that misses something. Its file, once it has debug information, is asked for the
 * virtual address: an offset in the file is another number. */
static void add_next(const struct why *why, const struct symbols_frame *frame,
		     struct explanation *ret)
{
	char id[SYMBOLS_ID_TEXT];
	struct prose command = { 0 };

	if (!has_build_id(frame)) {
		add_name_file(why, ret);
		return;
	}
	if (frame->has_address) {
		prose_put(&command, "eu-addr2line -f -i -C -e ");
		shell_put_argument(&command, frame->path);
		prose_put(&command, " 0x%" PRIx64, frame->address);
		explanation_add_command(ret, "line", &command);
	}
	add_download(frame->has_address ? "debuginfo" : "executable",
		     symbols_id_text(frame->build_id, id), ret);
}

static void add_symbols_next(const struct why *why, struct explanation *ret)
{
	const struct symbols *symbols = why->symbols;
	const struct symbols_frame *fault = &symbols->fault;

	if (is_of_file(fault) && !is_fully_named(fault)) {
		add_next(why, fault, ret);
		return;
	}
	for (size_t i = 0; i < symbols->count; i++)
		if (is_of_file(&symbols->frames[i]) && !is_fully_named(&symbols->frames[i])) {
			add_next(why, &symbols->frames[i], ret);
			return;
		}
}

void stack_add(const struct why *why, struct explanation *ret)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(fact(why->record, "user_stack"), i, frame)
		add_frame(why, frame, i, ret);
	interpreter_add(why, ret);
	if (why->symbols) {
		add_inferred(why, ret);
		add_symbols_next(why, ret);
	} else {
		add_download("debuginfo", innermost(why->record), ret);
	}
}
