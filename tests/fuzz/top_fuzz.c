// SPDX-License-Identifier: BSD-2-Clause
/*
 * `top --since` of a database that anybody can have written: the first three bytes are the size of
 * the terminal and how many keys follow, then the keys, then lines. Whatever is in them, everything
 * is drawn inside of the screen, and nothing that a terminal obeys.
 */
#include "cmd_top_past.h"
#include "past.h"
#include "telling.h"
#include "top/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_NS UINT64_C(3600000000000)

static void put(void *context, unsigned int row, unsigned int column, enum paint paint,
		bool is_reverse, const char *text)
{
	const struct top_pen *pen = context;

	(void)paint;
	(void)is_reverse;
	demand(row < pen->rows && column <= pen->columns, "on the screen");
	demand_clean(text);
}

static void look_around(const struct top_snapshot *snapshot, const uint8_t *keys, size_t count,
			unsigned int rows, unsigned int columns)
{
	static struct screen screen = { .fd = -1, .size_fd = -1 };
	const struct top_title title = { .source = "a history",
					 .screen = &screen,
					 .is_past = true };
	struct top_pen pen = { .put = put, .rows = rows, .columns = columns };
	struct top_look look = { 0 };

	pen.context = &pen;
	top_look_at(&look, snapshot);
	for (size_t i = 0; i <= count; i++) {
		top_page_draw(&pen, &title, snapshot, &look);
		if (i == count)
			break;
		/* keys that are no characters come behind all of those */
		(void)top_look_key(&look, snapshot,
				   keys[i] < 0x80 ? keys[i]
						  : TOP_KEY_UP + (uint32_t)(keys[i] - 0x80) % 12);
		top_look_at(&look, snapshot);
	}
	top_look_done(&look);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct top_snapshot snapshot;
	const struct selection all = { .all = true }, some = { 0 };
	const struct history_query query = {
		.selection = size && data[0] % 2 ? &all : &some,
		.since_ns = INT64_MIN,
		.until_ns = INT64_MAX,
	};
	struct top_model *model = top_model_new();
	struct history_reader *reader;
	size_t keys;

	demand(model != NULL, "a model");
	if (size >= 3) {
		keys = data[2] < size - 3 ? data[2] : size - 3;
		reader = past_of(data + 3 + keys, size - 3 - keys);
		demand(!top_past_read(reader, &query, model), "a history");
		top_model_look(model, NOW_NS, &snapshot);
		look_around(&snapshot, data + 3, keys, data[0], data[1]);
		history_free(reader);
	}
	top_model_free(model);
	return 0;
}
