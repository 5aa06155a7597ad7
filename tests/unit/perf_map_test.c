// SPDX-License-Identifier: BSD-2-Clause
/* Maps of generated code: what is read of them, and which file is one. */
#include "symbols/perf_map.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "symbols/symbols.h"
#include "unit.h"
#include "tree.h"

static struct perf_map_place look(const char *text, uint64_t address)
{
	struct perf_map_place place = { .address = address };
	char bytes[512];

	(void)snprintf(bytes, sizeof(bytes), "%s", text);
	(void)perf_map_read(bytes, strlen(bytes), &place, 1);
	return place;
}

static void expect(const char *text, uint64_t address, const char *name)
{
	const struct perf_map_place place = look(text, address);

	assert_int_equal(place.is_found, name != NULL);
	if (name)
		assert_string_equal(place.name, name);
}

static void test_lines(void **state)
{
	(void)state;
	expect("1000 10 a function(int)\n", 0x1000, "a function(int)");
	expect("1000 10 a\n", 0x100f, "a");
	expect("1000 10 a\n", 0x1010, NULL);
	expect("1000 10 a\n", 0xfff, NULL);
	/* as the JVM writes it */
	expect("0x0000000000001000 0x0000000000000010 a\n", 0x1008, "a");
	/* code moves: the newest line */
	expect("1000 10 old\n1008 10 new\n", 0x1008, "new");
	expect("1000 10 old\n1008 10 new\n", 0x1007, "old");
	assert_int_equal(look("1000 10 old\n1008 10 new\n", 0x1008).start, 0x1008);
}

static void test_no_lines(void **state)
{
	(void)state;
	expect("", 0x1000, NULL);
	expect("\n\n", 0x1000, NULL);
	/* half a line can have half a name */
	expect("1000 10 a", 0x1000, NULL);
	expect("1000 10 \n", 0x1000, NULL);
	expect("1000 10\n", 0x1000, NULL);
	expect("1000  10 a\n", 0x1000, NULL);
	expect("-1000 10 a\n", 0x1000, NULL);
	expect("0x 0x a\n", 0x0, NULL);
	expect("1000 0 a\n", 0x1000, NULL);
	expect("10000000000000000 10 a\n", 0x0, NULL);
	/* to the end of the addresses, and beyond */
	expect("fffffffffffff000 ffffffffffffffff a\n", UINT64_MAX, "a");
	expect("fffffffffffff000 ffffffffffffffff a\n", 0x10, NULL);
	expect("nonsense\n1000 10 a\n", 0x1000, "a");
}

static void test_long_name(void **state)
{
	char text[2 * PERF_MAP_LINE];
	struct perf_map_place place = { .address = 0x1000 };

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "1000 10 ", 8);
	text[sizeof(text) - 1] = '\n';
	assert_int_equal(perf_map_read(text, sizeof(text), &place, 1), sizeof(text));
	assert_true(place.is_found);
	assert_int_equal(strlen(place.name), sizeof(place.name) - 1);
}

/* In the place of the host's root. */
static void write_map(const char *text)
{
	tree_write("/tmp/perf-77.map", text);
}

static bool read_file(uint64_t address, struct perf_map_place *ret)
{
	char path[512];
	AUTO_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/tmp/perf-77.map", tree_root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	*ret = (struct perf_map_place){ .address = address };
	return perf_map_read_file(fd, ret, 1);
}

/* Of a file that is larger than what is read, the end, from the first whole line. */
static void test_huge_file(void **state)
{
	struct perf_map_place place;
	char path[512];
	FILE *file;

	(void)state;
	write_map("1000 10 begin\n");
	(void)snprintf(path, sizeof(path), "%s/tmp/perf-77.map", tree_root);
	file = fopen(path, "r+e");
	assert_non_null(file);
	/* one line of zeros */
	assert_int_equal(fseek(file, (long)PERF_MAP_MOST_BYTES + 100, SEEK_SET), 0);
	assert_true(fprintf(file, "3000 10 cut\n2000 10 end\n") > 0);
	assert_int_equal(fclose(file), 0);
	assert_true(read_file(0x2000, &place));
	assert_string_equal(place.name, "end");
	assert_true(read_file(0x1000, &place));
	assert_false(place.is_found);
	assert_true(read_file(0x3000, &place));
	assert_false(place.is_found);
}

/* Lines around every border of a read. */
static void test_many_lines(void **state)
{
	static struct perf_map_place places[100];
	char name[32];
	FILE *file = fopen(tree_path("/tmp/perf-77.map"), "w+e");

	(void)state;
	assert_non_null(file);
	for (unsigned int i = 0; i < 30000; i++)
		(void)fprintf(file, "%x 10 function %u\n", 0x100000 + i * 0x10, i);
	assert_int_equal(fflush(file), 0);
	for (unsigned int first = 0; first < 300; first += 13) {
		for (unsigned int i = 0; i < COUNT(places); i++)
			places[i] = (struct perf_map_place){ .address = 0x100005 +
									(first + i * 297) * 0x10 };
		assert_true(perf_map_read_file(fileno(file), places, COUNT(places)));
		for (unsigned int i = 0; i < COUNT(places); i++) {
			(void)snprintf(name, sizeof(name), "function %u", first + i * 297);
			assert_string_equal(places[i].name, name);
		}
	}
	assert_int_equal(fclose(file), 0);
}

static struct symbols *look_up(const char *victim, const char *frames)
{
	const struct symbols_options options = { .proc = "/nowhere",
						 .root = tree_root,
						 .patience_ms = 60000 };
	struct symbols_finder *finder = NULL;
	struct symbols *symbols = NULL;
	AUTO_FREE char *text = NULL;
	json_t *record;

	assert_true(asprintf(&text, "{%s,\"user_stack\":[%s]}", victim, frames) > 0);
	record = json_loads(text, 0, NULL);
	assert_non_null(record);
	assert_int_equal(symbols_finder_start(&options, &finder), 0);
	assert_int_equal(symbols_of_record(finder, record, &symbols), 0);
	symbols_finder_stop(finder);
	json_decref(record);
	return symbols;
}

#define FRAMES "{\"gap\":1,\"address\":\"0x1004\"},{\"gap\":1,\"address\":\"0x2010\"},{\"gap\":2}"

/* A process that lived from a minute ago until `end_s` after now. */
static void put_victim(int pid, int ns_pid, unsigned int uid, int end_s, char ret[256])
{
	const time_t start = time(NULL) - 60, end = time(NULL) + end_s;
	char from[40], to[40];
	struct tm tm;

	(void)strftime(from, sizeof(from), "%Y-%m-%dT%H:%M:%S.000000000Z", gmtime_r(&start, &tm));
	(void)strftime(to, sizeof(to), "%Y-%m-%dT%H:%M:%S.000000000Z", gmtime_r(&end, &tm));
	(void)snprintf(ret, 256,
		       "\"time\":\"%s\",\"victim\":{\"pid\":%d,\"ns_pid\":%d,\"uid\":%u,"
		       "\"start_time\":\"%s\"}",
		       to, pid, ns_pid, uid, from);
}

static void expect_named(const char *victim, const char *first)
{
	struct symbols *symbols = look_up(victim, FRAMES);

	assert_int_equal(symbols->count, 3);
	assert_int_equal(symbols->frames[2].state, SYMBOLS_GAP);
	assert_true(symbols->frames[0].is_generated);
	assert_int_equal(symbols->frames[0].address, 0x1004);
	assert_int_equal(symbols->frames[0].state, first ? SYMBOLS_NAMED : SYMBOLS_GENERATED);
	if (first) {
		assert_int_equal(symbols->frames[0].count, 1);
		assert_string_equal(symbols->frames[0].places[0].function, first);
		assert_int_equal(symbols->frames[0].places[0].offset, 4);
		/* a return address behind the last call of its function */
		assert_string_equal(symbols->frames[1].places[0].function, "caller");
		assert_int_equal(symbols->frames[1].places[0].offset, 0x10);
	}
	free(symbols);
}

static void test_which_file(void **state)
{
	char victim[256];

	(void)state;
	write_map("1000 10 inner\xff\n2000 10 caller\n");
	put_victim(77, 77, getuid(), 60, victim);
	expect_named(victim, "inner\xef\xbf\xbd");
	/* another user's */
	put_victim(77, 77, getuid() + 1, 60, victim);
	expect_named(victim, NULL);
	/* another process's: here its pid is another one */
	put_victim(78, 77, getuid(), 60, victim);
	expect_named(victim, NULL);
	/* of a process that came later */
	put_victim(77, 77, getuid(), -30, victim);
	expect_named(victim, NULL);
	/* nothing is known about the process */
	expect_named("\"victim\":{}", NULL);
}

static void test_no_plain_file(void **state)
{
	char victim[256], path[512], other[512];

	(void)state;
	put_victim(77, 77, getuid(), 60, victim);
	tree_write("/tmp/other", "1000 10 inner\n2000 10 caller\n");
	(void)snprintf(path, sizeof(path), "%s/tmp/perf-77.map", tree_root);
	(void)snprintf(other, sizeof(other), "%s/tmp/other", tree_root);
	assert_int_equal(symlink("other", path), 0);
	expect_named(victim, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_named(victim, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_named(victim, NULL);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rename(other, path), 0);
	expect_named(victim, "inner");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_lines),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test_setup_teardown(test_huge_file, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_many_lines, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_which_file, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_no_plain_file, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
