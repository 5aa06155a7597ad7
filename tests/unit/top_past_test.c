// SPDX-License-Identifier: BSD-2-Clause
/* What the full screen reads from a history, and how it ends. */
#include "history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/output.h"
#include "cmd_top_past.h"

static struct top_snapshot snapshot;
static char said[1024]; /* on stderr, by the last run */

static struct history_reader *open_history(void)
{
	struct history_reader *reader;

	assert_int_equal(history_open(HISTORY_DB, &reader), 0);
	return reader;
}

/* Runs until the request to stop, which is there from the start. Returns the exit code. */
static int run(struct history_reader *reader, const struct options *options)
{
	struct top_model *model = top_model_new();
	int before, code, fd = memfd_create("said", MFD_CLOEXEC);
	ssize_t size;

	assert_non_null(model);
	assert_true(fd >= 0);
	top_model_set_reading(model, true);
	before = dup(STDERR_FILENO);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	code = top_past_run(reader, options, model);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	(void)close(before);
	size = pread(fd, said, sizeof(said) - 1, 0);
	assert_true(size >= 0);
	said[size] = '\0';
	(void)close(fd);
	top_model_look(model, clock_boottime_ns(), &snapshot);
	top_model_free(model);
	return code;
}

static void make_deaths(void)
{
	struct outlet *outlet = history_make();

	for (int i = 1; i <= 4; i++) {
		char line[1024];

		(void)snprintf(line, sizeof(line),
			       "{\"schema\":1,\"id\":\"boot-%d\",\"time\":"
			       "\"2023-11-14T22:13:20.00000000%dZ\",\"node\":\"n\",\"cause\":"
			       "\"sigkill\",\"class\":\"userspace\",\"routine\":false,\"summary\":"
			       "\"death %d\",\"exit\":{\"signal\":9,\"status\":0,"
			       "\"core_dumped\":false},\"victim\":{\"pid\":7,\"tid\":7,\"comm\":"
			       "\"c\"},\"systemd\":{\"unit\":\"a.service\"}}\n",
			       i, i, i);
		history_give(outlet, history_event(line, T0_NS + i));
	}
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
}

/* Of the time that was asked for, with both ends. */
static void test_span(void **state)
{
	const struct selection selection = { 0 };
	struct history_query query = {
		.selection = &selection,
		.since_ns = T0_NS + 2,
		.until_ns = T0_NS + 3,
	};
	struct top_model *model = top_model_new();
	struct history_reader *reader;

	(void)state;
	assert_non_null(model);
	make_deaths();
	reader = open_history();
	query.upto = history_newest(reader);
	assert_int_equal(top_past_read(reader, &query, model), 0);
	top_model_look(model, clock_boottime_ns(), &snapshot);
	top_model_free(model);
	assert_int_equal(snapshot.deaths, 2);
	assert_int_equal(snapshot.death_count, 2);
	assert_int_equal(snapshot.owner_count, 1);
	assert_string_equal(snapshot.owners[0].name, "a.service");
	assert_int_equal(snapshot.list[0].time_ns, T0_NS + 3);
	assert_int_equal(snapshot.list[1].time_ns, T0_NS + 2);
	history_free(reader);
}

/* A request to stop is no failure, and a database that cannot be read is one, with its reason. */
static void test_ends(void **state)
{
	struct options options = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	struct history_reader *reader;

	(void)state;
	options.history = HISTORY_DB;
	make_deaths();
	reader = open_history();
	output_stop = 1;
	assert_int_equal(run(reader, &options), EXIT_DONE);
	output_stop = 0;
	assert_false(snapshot.is_reading);
	assert_string_equal(said, "");
	history_free(reader);

	reader = open_history();
	history_run(HISTORY_DB, "DROP TABLE event");
	assert_int_equal(run(reader, &options), EXIT_FAILED);
	assert_false(snapshot.is_reading);
	assert_non_null(strstr(said, "killtrace: cannot read the history '"));
	assert_non_null(strstr(said, HISTORY_DB));
	history_free(reader);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_span, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_ends, tree_make, tree_remove),
	};

	return cmocka_run_group_tests_name("top_past", tests, NULL, NULL);
}
