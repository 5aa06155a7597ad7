// SPDX-License-Identifier: BSD-2-Clause
#include "why/stack.h"

#include <inttypes.h>
#include <string.h>

#include "why/fact.h"
#include "why/shell.h"

/* A build id is recognised by its first digits. */
#define SHORT_BUILD_ID 8

void stack_put_place(struct prose *prose, const char *before, const struct why *why)
{
	if (fact_has_text(why->record, "fault.module"))
		prose_put(prose, "%s%s+%s", before, NAME(fact_text(why->record, "fault.module")),
			  fact_text(why->record, "fault.module_offset"));
}

/* Its file, if the fault was in the same one. */
static const char *file_of(const json_t *record, const json_t *frame)
{
	return fact_has_text(record, "fault.module") &&
			       fact_is(frame, "build_id", fact_text(record, "fault.build_id"))
		       ? fact_text(record, "fault.module")
		       : NULL;
}

static void add_frame(const json_t *record, const json_t *frame, size_t number,
		      struct explanation *ret)
{
	const char *file = file_of(record, frame);
	struct prose text = { 0 };
	int64_t gap;

	if (fact_find_number(frame, "gap", &gap))
		prose_put(&text, "#%zu ? (%" PRId64 " in code without a build id)", number, gap);
	else if (file)
		prose_put(&text, "#%zu %s+%s", number, NAME(file), fact_text(frame, "offset"));
	else
		prose_put(&text, "#%zu build id %.*s+%s", number, SHORT_BUILD_ID,
			  fact_text(frame, "build_id"), fact_text(frame, "offset"));
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

void stack_add(const struct why *why, struct explanation *ret)
{
	const json_t *frame;
	struct prose command = { 0 };
	size_t i;

	json_array_foreach(fact(why->record, "user_stack"), i, frame)
		add_frame(why->record, frame, i, ret);
	prose_put(&command, "debuginfod-find debuginfo ");
	shell_put_argument(&command, innermost(why->record));
	explanation_add_command(ret, "symbols", &command);
}
