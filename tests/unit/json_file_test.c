// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "events.h"
#include "line/repeats.h"
#include "outlet/json_file.h"
#include "takes_nothing.h"
#include "tree.h"

#include <errno.h>
#include <sys/resource.h>

static struct outlet *outlet;
static char path[PATH_MAX];

static int setup(void **state)
{
	if (tree_make(state))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/kills.json", tree_root);
	return 0;
}

static int teardown(void **state)
{
	if (outlet)
		outlet->ops->free(outlet);
	outlet = NULL;
	return tree_remove(state);
}

static int deliver(const char *line)
{
	size_t size = strlen(line);
	struct event *event = events_make(line, size, 0);
	int error;

	error = outlet->ops->deliver(outlet, event);
	event_unref(event);
	return error;
}

static void expect(const char *name, const char *wanted)
{
	char text[1024];
	FILE *file = fopen(tree_path(name), "re");
	size_t got;

	assert_non_null(file);
	got = fread(text, 1, sizeof(text) - 1, file);
	text[got] = '\0';
	(void)fclose(file);
	assert_string_equal(text, wanted);
}

/* A file can contain anything: text that is not entirely a number is not a number. */
static void test_sequence_of_a_line(void **state)
{
	static const struct {
		const char *id;
		uint64_t sequence;
	} ids[] = {
		{ "boot-7", 7 },    { "boot-18446744073709551615", UINT64_MAX },
		{ "boot-12x", 0 },  { "boot-", 0 },
		{ "boot--1", 0 },   { "boot- 1", 0 },
		{ "boot-0x1", 0 },  { "boot-18446744073709551616", 0 },
		{ "another-7", 0 }, { "boot", 0 },
		{ "boot7", 0 },     { "", 0 },
	};
	unsigned int rows_left;
	char line[64];
	uint64_t last;

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		const int size = snprintf(line, sizeof(line), "{\"id\":\"%s\"}\n", ids[i].id);

		assert_int_equal(repeats_of_line(line, (size_t)size, "boot", &last, &rows_left),
				 ids[i].sequence != 0);
		assert_true(last == ids[i].sequence);
	}
}

static void test_appended(void **state)
{
	(void)state;
	tree_write("/kills.json", "{\"old\":1}\n");
	outlet = json_file_new(path, 0, "boot");
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(deliver("{\"b\":2}\n"), 0);
	expect("/kills.json", "{\"old\":1}\n{\"a\":1}\n{\"b\":2}\n");
}

static void test_rotated_by_size(void **state)
{
	(void)state;
	outlet = json_file_new(path, 16, "boot");
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(deliver("{\"b\":2}\n"), 0);
	assert_int_equal(deliver("{\"c\":3}\n"), 0);
	expect("/kills.json.1", "{\"a\":1}\n{\"b\":2}\n");
	expect("/kills.json", "{\"c\":3}\n");
	/* one line that is longer than the limit is still written */
	assert_int_equal(deliver("{\"d\":4444444444444444}\n"), 0);
	assert_int_equal(deliver("{\"e\":5}\n"), 0);
	expect("/kills.json.1", "{\"d\":4444444444444444}\n");
	expect("/kills.json", "{\"e\":5}\n");
}

static void test_rotated_by_others(void **state)
{
	char moved[PATH_MAX];

	(void)state;
	(void)snprintf(moved, sizeof(moved), "%s.moved", path);
	outlet = json_file_new(path, 0, "boot");
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(deliver("{\"b\":2}\n"), 0);
	outlet->ops->reopen(outlet);
	assert_int_equal(deliver("{\"c\":3}\n"), 0);
	expect("/kills.json.moved", "{\"a\":1}\n{\"b\":2}\n");
	expect("/kills.json", "{\"c\":3}\n");
}

/* Lines after it was deleted or emptied go to the file of that name. */
static void test_deleted(void **state)
{
	(void)state;
	outlet = json_file_new(path, 16, "boot");
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(deliver("{\"b\":2}\n"), 0);
	expect("/kills.json", "{\"b\":2}\n");
	assert_int_equal(unlink(path), 0);
	tree_write("/kills.json", "{\"c\":3}\n");
	assert_int_equal(deliver("{\"d\":4}\n"), 0);
	expect("/kills.json", "{\"c\":3}\n{\"d\":4}\n");
	/* its old size is not assumed any more */
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(deliver("{\"e\":5}\n"), 0);
	expect("/kills.json", "{\"e\":5}\n");
}

/* If only the beginning of a line found room, it is cut off again, and written whole later. */
static void test_half_a_line(void **state)
{
	struct rlimit before;
	int error;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	outlet = json_file_new(path, 0, "boot");
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 12, before.rlim_max }), 0);
	error = deliver("{\"b\":2}\n");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(error, -EFBIG);
	expect("/kills.json", "{\"a\":1}\n");
	assert_int_equal(deliver("{\"b\":2}\n"), 0);
	expect("/kills.json", "{\"a\":1}\n{\"b\":2}\n");
}

static void test_what_is_no_file(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	outlet = json_file_new(path, 0, "boot");
	/* without a reader; with one it would be refused, too */
	assert_int_equal(deliver("{}\n"), -ENXIO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(deliver("{}\n"), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(deliver("{}\n"), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(deliver("{}\n"), 0);
	expect("/kills.json", "{}\n");
}

#define ID "{\"schema\":1,\"id\":\"boot-"

/*
 * The point where an earlier agent of this boot ended, whatever it was writing when it was killed.
 */
static void test_taken_up(void **state)
{
	static const char losses[] = "{\"schema\":1,\"lost\":{\"ring_full\":1}}\n";
	char text[256];

	(void)state;
	(void)snprintf(text, sizeof(text), ID "41\"}\n" ID "42\"}\n%s" ID "43\"", losses);
	tree_write("/kills.json", text);
	outlet = json_file_new(path, 0, "boot");
	assert_int_equal(outlet->has, 42);
	assert_int_equal(deliver(ID "43\"}\n"), 0);
	(void)snprintf(text, sizeof(text), ID "41\"}\n" ID "42\"}\n%s" ID "43\"}\n", losses);
	expect("/kills.json", text);
}

#define ROW(id, left) ID id "\",\"repeats\":{\"count\":2,\"last_id\":\"boot-4" id "\"" left "}}\n"

/* Rows of one step count when the last of them is there; otherwise they are cut off. */
static void test_rows_taken_up(void **state)
{
	static const char first[] = ROW("50", ",\"rows_left\":2"),
			  second[] = ROW("51", ",\"rows_left\":1"), third[] = ROW("52", "");
	static const struct {
		const char *lines[5];
		uint64_t has;
		size_t kept; /* lines */
	} files[] = {
		{ { first, second, third }, 452, 3 },
		{ { ROW("42", ""), first, second }, 442, 1 },
		{ { ROW("42", ""), first }, 442, 1 },
		{ { ID "42\"}\n", first, second, ID "52\"" }, 42, 1 },
		{ { first, second }, 0, 0 },
		{ { first, second, third, first }, 452, 3 },
		/* a line that a later agent leaves as it is */
		{ { ROW("52", ",\"rows_left\":-1") }, 452, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char text[1024] = "", kept[1024] = "";

		for (size_t n = 0; files[i].lines[n]; n++) {
			strcat(text, files[i].lines[n]);
			if (n < files[i].kept)
				strcat(kept, files[i].lines[n]);
		}
		tree_write("/kills.json", text);
		outlet = json_file_new(path, 0, "boot");
		assert_int_equal(outlet->has, files[i].has);
		outlet->ops->free(outlet);
		expect("/kills.json", kept);
	}
	outlet = NULL;
}

static int deliver_rows(const char *first, const char *second)
{
	struct event *event = events_make(first, strlen(first), 0);
	int error;

	event->next = events_make(second, strlen(second), 0);
	error = outlet->ops->deliver(outlet, event);
	event_unref(event);
	return error;
}

/* All of them go to one file, or none is written. */
static void test_rows_at_once(void **state)
{
	struct rlimit before;
	int error;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	outlet = json_file_new(path, 20, "boot");
	assert_true(outlet->takes_rows);
	assert_int_equal(deliver("{\"a\":1}\n"), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 12, before.rlim_max }), 0);
	error = deliver_rows("{\"b\":2}\n", "{\"c\":3}\n");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(error, -EFBIG);
	expect("/kills.json", "");
	expect("/kills.json.1", "{\"a\":1}\n");
	assert_int_equal(deliver_rows("{\"b\":2}\n", "{\"c\":3}\n"), 0);
	expect("/kills.json", "{\"b\":2}\n{\"c\":3}\n");
}

/* The numbers of another boot mean nothing, and foreign text stays as it is. */
static void test_nothing_to_take_up(void **state)
{
	static const struct {
		const char *text, *becomes; /* NULL: unchanged */
	} files[] = {
		{ "", NULL },
		{ "\n", NULL },
		{ "{\"id\":\"other-7\"}\n", NULL },
		{ "{\"id\":\"boot\"}\n", NULL },
		{ "{\"id\":7}\n", NULL },
		/* our lines start at the beginning of a line */
		{ "no JSON\n{\"id\"", "no JSON\n{\"id\"\n" },
		{ "no line", "no line\n" },
		/* the machine lost power */
		{ "{\"schema\":1,\"id\":\"other-7\"}\n{\"schema\":1,\"id\"",
		  "{\"schema\":1,\"id\":\"other-7\"}\n" },
		{ "{\"schema\":1,\"id", "" },
		{ "{\"sch", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		tree_write("/kills.json", files[i].text);
		outlet = json_file_new(path, 0, "boot");
		assert_int_equal(outlet->has, 0);
		outlet->ops->free(outlet);
		expect("/kills.json", files[i].becomes ? files[i].becomes : files[i].text);
	}
	outlet = NULL;
}

/* The outlet waits, and counts losses. */
static void test_takes_nothing(void **state)
{
	pid_t pid = takes_nothing_begin(path, sizeof(path));

	(void)state;
	outlet = json_file_new(path, 0, "boot");
	assert_non_null(outlet);
	assert_int_equal(deliver("first\n"),
			 -EIO); /* nothing is mapped there, but the file is open */
	takes_nothing_from_now_on(pid);
	assert_int_equal(deliver("second\n"), -EIO);
	(void)alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence_of_a_line),
		cmocka_unit_test_setup_teardown(test_appended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotated_by_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotated_by_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_taken_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_take_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_takes_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("json_file", tests, NULL, NULL);
}
