// SPDX-License-Identifier: BSD-2-Clause
/* A line that is stored in a database, a file of JSON lines or a collector's queue, read back. */
#include <sys/mman.h>

#include "demand.h"
#include "stdout/table.h"
#include "otlp/otlp_request.h"
#include "line/json_walk.h"
#include "line/record_read.h"
#include "line/repeats.h"
#include "line/select.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand_lines_for_people(const json_t *record)
{
	static char text[64 * SUMMARY_SIZE];
	static struct screen screen = { .fd = -1, .size_fd = -1 };
	struct table table;
	ssize_t size;

	if (screen.fd < 0)
		screen.fd = memfd_create("lines", MFD_CLOEXEC);
	demand(!ftruncate(screen.fd, 0) && !lseek(screen.fd, 0, SEEK_SET), "an empty file");
	table_begin(&screen, &table);
	demand(!table_record(&table, record, 1700000000000000000), "lines for people");
	table_done(&table);
	size = pread(screen.fd, text, sizeof(text), 0);
	demand(size >= 0 && size < (ssize_t)sizeof(text), "not too much");
	demand_clean_lines(text, (size_t)size);
}

/* The request for a collector. */
static void demand_request(const char *line, size_t size)
{
	struct otlp_request request = { 0 };
	const char *text;
	json_t *parsed;

	demand(!otlp_request_add(&request, line, size), "a record");
	text = otlp_request_end(&request);
	demand(text != NULL, "a request");
	for (size_t i = 0; i + 1 < request.body.size; i++)
		demand(text[i] >= 0x20 && text[i] < 0x7f, "printable ASCII");
	parsed = json_loadb(text, request.body.size, 0, NULL);
	demand(parsed != NULL, "a request in JSON");
	json_decref(parsed);
	otlp_request_done(&request);
}

/* A line that can be read in place is valid JSON for others, too; and our own lines can be read. */
static void demand_walk(const char *line, size_t size)
{
	struct json_walk_value value;
	json_t *tree;

	if (!json_walk_line(line, size, &value))
		return;
	tree = json_loadb(line, size, 0, NULL);
	demand(json_is_object(tree), "JSON");
	json_decref(tree);
	demand_request(line, size);
}

static void demand_typed_form(const json_t *record)
{
	const struct selection all = { .all = true };
	struct reported *reported = reported_of_json(record, 0);

	demand(reported != NULL, "a typed form");
	for (int i = 0; i < REPORTED_TEXTS; i++) {
		const char *text = reported_text(reported, (enum reported_text)i);

		demand(text + strlen(text) < (const char *)reported + reported->size, "its texts");
	}
	demand(selection_takes(&all, reported), "what narrows nothing takes all");
	free(reported);
}

/* Any JSON: if it is not a record, most is absent. */
static void demand_row(const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	AUTO_FREE char *again = NULL;

	if (json_is_object(record)) {
		demand_typed_form(record);
		demand_lines_for_people(record);
		again = json_tree_line(record);
		demand(again != NULL, "a line");
		demand_request(again, strlen(again));
	}
	json_decref(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	unsigned int rows_left;
	uint64_t last;
	json_t *record;

	memcpy(line, data, size);
	line[size] = '\0';
	demand_row(line);
	demand_walk(line, size);
	(void)repeats_of_line(line, strlen(line), "boot", &last, &rows_left);
	record = record_read(line);
	if (record) {
		AUTO_FREE char *again = json_tree_line(record);

		demand(again != NULL, "a line");
		demand_good_line(strdup(again), strlen(again));
		json_decref(record);
		record = record_read(again);
		demand(record != NULL, "what was taken once is taken again");
		json_decref(record);
	}
	free(line);
	return 0;
}
