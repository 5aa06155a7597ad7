// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/evidence_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "line/json_peek.h"

enum { INDENT = 11, LABEL_CELLS = 12, TEXT_SIZE = 1536 };

static void put_line(struct sheet *sheet, const char *label, const char *text, size_t width)
{
	char safe[TEXT_SIZE];

	text_for_terminal_again(text, safe, sizeof(safe));
	sheet_blanks(sheet, INDENT);
	sheet_put(sheet, PAINT_DIM, label, LABEL_CELLS);
	sheet_wrap(sheet, safe, width, INDENT + LABEL_CELLS);
}

/* Members of the record that are worth a line, beside the row. */
static const struct {
	const char *label, *object, *key;
} members[] = {
	{ "summary", NULL, "summary" },
	{ "signal", "signal", "code_name" },
	{ "program", "victim", "exe" },
	{ "image", "container", "image" },
	{ "cgroup", "cgroup", "path" },
	{ "limit of", "oom", "cgroup" },
	{ "build id", "fault", "build_id" },
	{ "fingerprint", NULL, "fingerprint" },
	{ "id", NULL, "id" },
};

static void put_members(struct sheet *sheet, const struct json_walk_value *record, size_t width)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct json_walk_value object =
			members[i].object ? json_walk_member(record, members[i].object) : *record;
		AUTO_FREE char *text = json_peek_text(&object, members[i].key);

		if (text)
			put_line(sheet, members[i].label, text, width);
	}
}

static void put_prior(struct sheet *sheet, const struct json_walk_value *prior, size_t width)
{
	const struct json_walk_value sender = json_walk_member(prior, "sender");
	AUTO_FREE char *name = json_peek_text(prior, "name");
	AUTO_FREE char *comm = json_peek_text(&sender, "comm");
	char from[64] = "", text[160];

	if (comm)
		(void)snprintf(from, sizeof(from), " from %s[%" PRIu64 "]", comm,
			       json_peek_number(&sender, "pid"));
	(void)snprintf(text, sizeof(text), "%s %.1f s before%s%s%s", name ? name : "?",
		       json_peek_real(prior, "seconds_before"), from,
		       json_peek_bool(prior, "handled") ? ", handled" : "",
		       json_peek_bool(prior, "blocked") ? ", blocked" : "");
	put_line(sheet, "before", text, width);
}

static void put_priors(struct sheet *sheet, const struct json_walk_value *record, size_t width)
{
	const struct json_walk_value list = json_walk_member(record, "prior_signals");
	struct json_walk walk = json_walk_into(&list);
	struct json_walk_value key, prior;

	while (json_walk_next(&walk, &key, &prior))
		put_prior(sheet, &prior, width);
}

/* "98cdc7de59cb+0x1139", "(3 frames without a build id)" */
static void put_user_frame(struct sheet *sheet, const struct json_walk_value *frame, size_t width)
{
	AUTO_FREE char *build_id = json_peek_text(frame, "build_id");
	AUTO_FREE char *offset = json_peek_text(frame, "offset");
	AUTO_FREE char *module = json_peek_text(frame, "module");
	AUTO_FREE char *address = json_peek_text(frame, "address");
	const uint64_t gap = json_peek_number(frame, "gap");
	char text[320];

	if (address)
		(void)snprintf(text, sizeof(text), "generated code at %s", address);
	else if (gap)
		(void)snprintf(text, sizeof(text), "(%" PRIu64 " %s without a build id)", gap,
			       text_plural(gap, "frame", "frames"));
	else
		(void)snprintf(text, sizeof(text), "%s+%s%s%s",
			       module ? module : (build_id ? build_id : "?"), offset ? offset : "?",
			       module && build_id ? " " : "", module && build_id ? build_id : "");
	put_line(sheet, "user", text, width);
}

static void put_stacks(struct sheet *sheet, const struct json_walk_value *record, size_t width)
{
	const struct json_walk_value user = json_walk_member(record, "user_stack");
	const struct json_walk_value kernel = json_walk_member(record, "kernel_stack");
	struct json_walk walk = json_walk_into(&user);
	struct json_walk_value key, frame;

	while (json_walk_next(&walk, &key, &frame))
		put_user_frame(sheet, &frame, width);
	walk = json_walk_into(&kernel);
	while (json_walk_next(&walk, &key, &frame)) {
		char text[320];

		if (frame.kind != JSON_WALK_TEXT || frame.size >= sizeof(text))
			continue;
		(void)json_walk_decode(&frame, text);
		put_line(sheet, "kernel", text, width);
	}
}

void evidence_lines_put(struct sheet *sheet, const struct screen *screen,
			const struct json_walk_value *record, size_t width)
{
	if (screen->wishes.evidence) {
		put_members(sheet, record, width);
		put_priors(sheet, record, width);
	}
	if (screen->wishes.stack)
		put_stacks(sheet, record, width);
}
