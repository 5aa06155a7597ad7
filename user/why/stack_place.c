// SPDX-License-Identifier: BSD-2-Clause
#include "why/stack_place.h"

#include <inttypes.h>

#define SHORT_BUILD_ID 8

static void put_place(struct prose *prose, const struct symbols_place *place, bool with_offset)
{
	const bool has_line = place->line && place->file[0];

	/* Go's own table does not name what was inlined */
	if (place->function[0] || !has_line)
		prose_put(prose, "%s", NAME(place->function));
	if (with_offset && place->has_offset)
		prose_put(prose, "+0x%" PRIx64, place->offset);
	if (has_line)
		prose_put(prose, "%s%s:%" PRIu32, place->function[0] ? ", " : "", NAME(place->file),
			  place->line);
}

void stack_put_function(struct prose *prose, const struct symbols_frame *frame)
{
	put_place(prose, &frame->places[0], false);
	if (!frame->places[0].function[0] && frame->count > 1) {
		prose_put(prose, ", inlined in ");
		put_place(prose, &frame->places[1], false);
	}
	if (frame->is_generated)
		prose_put(prose, " (generated code, by its perf map: inferred)");
	else if (frame->by_name)
		prose_put(prose, " (inferred)");
}

static void put_named(struct prose *prose, const struct symbols_frame *frame)
{
	for (size_t i = 0; i < frame->count; i++) {
		prose_put(prose, "%s", i ? ", inlined in " : "");
		put_place(prose, &frame->places[i], true);
	}
	if (frame->is_generated)
		prose_put(prose, " (generated code, by its perf map: inferred)");
	else
		prose_put(prose, " (%s)", NAME(frame->module));
}

/* The file as well as it is known. */
static void put_offset(struct prose *prose, const struct symbols_frame *frame)
{
	char id[SYMBOLS_ID_TEXT];

	if (frame->module[0])
		prose_put(prose, "%s", NAME(frame->module));
	else
		prose_put(prose, "build id %.*s", SHORT_BUILD_ID,
			  symbols_id_text(frame->build_id, id));
	prose_put(prose, "+0x%" PRIx64, frame->offset);
}

static const char *reason(const struct symbols_frame *frame)
{
	switch (frame->state) {
	case SYMBOLS_LATE:
		return "not looked up in time";
	case SYMBOLS_NO_FILE:
		return frame->by_name ? "it has no build id, and no unchanged file of its name was "
					"found"
				      : "no file with its build id was found";
	case SYMBOLS_NO_NAME:
		return "no symbol covers this address";
	case SYMBOLS_ABSENT:
	case SYMBOLS_GAP:
	case SYMBOLS_GENERATED:
	case SYMBOLS_CHANGED:
	case SYMBOLS_NAMED:
		break;
	}
	return NULL;
}

void stack_put_frame(struct prose *prose, const struct symbols_frame *frame, bool known)
{
	const char *words = reason(frame);

	if (frame->state == SYMBOLS_NAMED) {
		put_named(prose, frame);
		return;
	}
	put_offset(prose, frame);
	if (known)
		return;
	if (words)
		prose_put(prose, " (%s)", words);
	else if (frame->state == SYMBOLS_CHANGED)
		prose_put(prose, " (%s has another build id: it was changed, or is another file)",
			  NAME(frame->path));
}
