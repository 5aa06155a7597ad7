// SPDX-License-Identifier: BSD-2-Clause
/* Files like /proc/kallsyms, made in a folder of the test's own. */
#include "unit.h"

#include "source/kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/kt-symbols-XXXXXX";
static char path[64];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/kallsyms", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(directory);
}

static void write_file(const char *text, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int load(const char *text, struct kallsyms **ret)
{
	write_file(text, strlen(text));
	return kallsyms_load(path, ret);
}

static void expect_name(const struct kallsyms *symbols, uint64_t address, const char *want)
{
	char name[128] = "untouched";

	if (want)
		assert_true(kallsyms_name(symbols, address, name, sizeof(name)));
	else
		assert_false(kallsyms_name(symbols, address, name, sizeof(name)));
	assert_string_equal(name, want ? want : "untouched");
}

/* Of all data symbols, one is needed. */
static void test_stats_places(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("ffffffff81000000 T _stext\n"
			      "ffffffff81000040 d mem_cgroup_stats_index_of_another\n"
			      "ffffffff81000080 d mem_cgroup_stats_index\t[module]\n"
			      "ffffffff810000c0 d mem_cgroup_stats_index\n"
			      "ffffffff81000100 d mem_cgroup_stats\n",
			      &symbols),
			 0);
	assert_int_equal(kallsyms_count(symbols), 1);
	assert_int_equal(kallsyms_stats_places(symbols), 0xffffffff810000c0);
	kallsyms_free(symbols);
	assert_int_equal(load("ffffffff81000000 T _stext\n"
			      "ffffffff810000c0 t mem_cgroup_stats_index\n",
			      &symbols),
			 0);
	assert_int_equal(kallsyms_stats_places(symbols), 0xffffffff810000c0);
	kallsyms_free(symbols);
	assert_int_equal(kallsyms_stats_places(NULL), 0);
}

static void test_names(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("ffffffff81000000 T _stext\n"
			      "ffffffff81000040 t do_one\n"
			      "ffffffff81000080 W do_weak\n"
			      "ffffffff810000c0 w do_other_weak\n"
			      "ffffffff81000100 D some_data\n"
			      "ffffffff81000140 b some_bss\n"
			      "ffffffff81000180 A absolute\n",
			      &symbols),
			 0);
	assert_int_equal(kallsyms_stats_places(symbols), 0);
	assert_int_equal(kallsyms_count(symbols), 4);
	expect_name(symbols, 0xffffffff81000000, "_stext+0x0");
	expect_name(symbols, 0xffffffff8100003f, "_stext+0x3f");
	expect_name(symbols, 0xffffffff81000040, "do_one+0x0");
	expect_name(symbols, 0xffffffff81000085, "do_weak+0x5");
	/* data is not a function: an address in it belongs to the last function before */
	expect_name(symbols, 0xffffffff81000145, "do_other_weak+0x85");
	expect_name(symbols, 0xffffffff80ffffff, NULL);
	expect_name(symbols, 0, NULL);
	expect_name(symbols, UINT64_MAX, NULL);
	kallsyms_free(symbols);
}

static void test_far_away_is_in_no_function(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("ffffffff81000000 T _stext\n", &symbols), 0);
	expect_name(symbols, 0xffffffff81000000 + (1 << 20), "_stext+0x100000");
	expect_name(symbols, 0xffffffff81000001 + (1 << 20), NULL);
	kallsyms_free(symbols);
}

static void test_modules_come_unsorted(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("ffffffff81000000 T _stext\n"
			      "ffffffffc0100100 t second\t[mod]\n"
			      "ffffffffc0100000 t first\t[mod]\n"
			      "ffffffffc0000000 t other [another]\n"
			      "ffffffffc0200000 t bpf_prog_0123456789abcdef_name\t[bpf]\n",
			      &symbols),
			 0);
	expect_name(symbols, 0xffffffffc0100010, "first+0x10");
	expect_name(symbols, 0xffffffffc0100110, "second+0x10");
	expect_name(symbols, 0xffffffffc0000001, "other+0x1");
	expect_name(symbols, 0xffffffffc0200002, "bpf_prog_0123456789abcdef_name+0x2");
	kallsyms_free(symbols);
}

static void test_first_of_several_names(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("ffffffff81000000 T __x64_sys_kill\n"
			      "ffffffff81000000 T __ia32_sys_kill\n"
			      "ffffffff81000000 T alias\n"
			      "ffffffff81000100 T next\n"
			      "ffffffff81000100 T next_alias\n",
			      &symbols),
			 0);
	expect_name(symbols, 0xffffffff81000010, "__x64_sys_kill+0x10");
	expect_name(symbols, 0xffffffff81000110, "next+0x10");
	kallsyms_free(symbols);
}

/* kptr_restrict: a symbol at address 0 would give every address a name. */
static void test_hidden_addresses(void **state)
{
	struct kallsyms *symbols = NULL;

	(void)state;
	assert_int_equal(load("0000000000000000 T _stext\n0000000000000000 t do_one\n", &symbols),
			 -EACCES);
	assert_null(symbols);
}

static void test_no_file_and_empty_file(void **state)
{
	struct kallsyms *symbols = NULL;

	(void)state;
	assert_int_equal(kallsyms_load("/nonexistent/kallsyms", &symbols), -ENOENT);
	assert_true(load("", &symbols) < 0);
	assert_true(load("\n\n\n", &symbols) < 0);
	assert_null(symbols);
	/* a directory can be opened, but not read */
	assert_true(kallsyms_load(directory, &symbols) < 0);
	assert_null(symbols);
}

static void test_garbage_lines(void **state)
{
	struct kallsyms *symbols;

	(void)state;
	assert_int_equal(load("what is this\n"
			      "zzzzzzzzzzzzzzzz T not_hex\n"
			      "-1 T negative\n"
			      " ffffffff81000000 T behind_a_blank\n"
			      "0xffffffff81000000 T with_a_prefix\n"
			      "1ffffffff81000000 T too_large\n"
			      "ffffffff81000000\n"
			      "ffffffff81000000 \n"
			      "ffffffff81000000 T\n"
			      "ffffffff81000000 T \n"
			      "ffffffff81000000 TT name\n"
			      "ffffffff81000000T name\n"
			      "ffffffff81000000 ? name\n"
			      "\t\t\t\n"
			      "ffffffff81000040 T good\n"
			      "ffffffff81000080 T last_without_newline",
			      &symbols),
			 0);
	assert_int_equal(kallsyms_count(symbols), 2);
	expect_name(symbols, 0xffffffff81000041, "good+0x1");
	expect_name(symbols, 0xffffffff81000081, "last_without_newline+0x1");
	kallsyms_free(symbols);
}

static void test_binary(void **state)
{
	static const char text[] = "\0\0\0\n\xff\xfe\0 T x\nffffffff81000000 T a\0b\n"
				   "ffffffff81000040 T good\n";
	struct kallsyms *symbols;

	(void)state;
	write_file(text, sizeof(text) - 1);
	assert_int_equal(kallsyms_load(path, &symbols), 0);
	expect_name(symbols, 0xffffffff81000040, "good+0x0");
	kallsyms_free(symbols);
}

/* The rest of a line that is too long is not a line of its own. */
static void test_line_of_ten_megabytes(void **state)
{
	static const char fake[] = "ffffffff81000080 T fake ",
			  good[] = "\nffffffff81000040 T good\n";
	size_t size = 10 << 20;
	char *text = malloc(size + sizeof(good));
	struct kallsyms *symbols;

	(void)state;
	assert_non_null(text);
	for (size_t at = 0; at < size; at++)
		text[at] = fake[at % (sizeof(fake) - 1)];
	memcpy(text, "ffffffff81000000 T ", 19);
	memcpy(text + size, good, sizeof(good));
	write_file(text, size + sizeof(good) - 1);
	free(text);
	assert_int_equal(kallsyms_load(path, &symbols), 0);
	assert_in_range(kallsyms_count(symbols), 1, 2);
	expect_name(symbols, 0xffffffff81000041, "good+0x1");
	expect_name(symbols, 0xffffffff81000081, "good+0x41");
	kallsyms_free(symbols);
}

static void test_name_is_cut_to_its_buffer(void **state)
{
	struct kallsyms *symbols;
	char *name = malloc(8);

	(void)state;
	assert_non_null(name);
	assert_int_equal(load("ffffffff81000000 T a_long_function_name\n", &symbols), 0);
	assert_true(kallsyms_name(symbols, 0xffffffff81000000, name, 8));
	assert_string_equal(name, "a_long_");
	free(name);
	kallsyms_free(symbols);
}

static void test_many(void **state)
{
	struct kallsyms *symbols;
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	for (unsigned int i = 0; i < 100000; i++)
		(void)fprintf(file, "%016llx t function_%u\n", 0xffffffff81000000ULL + i * 16, i);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(kallsyms_load(path, &symbols), 0);
	assert_int_equal(kallsyms_count(symbols), 100000);
	for (unsigned int i = 0; i < 100000; i += 997) {
		char want[64];

		snprintf(want, sizeof(want), "function_%u+0x%x", i, i % 16);
		expect_name(symbols, 0xffffffff81000000 + i * 16 + i % 16, want);
	}
	kallsyms_free(symbols);
}

static void test_none(void **state)
{
	(void)state;
	expect_name(NULL, 0xffffffff81000000, NULL);
	assert_int_equal(kallsyms_count(NULL), 0);
	kallsyms_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_stats_places),
		cmocka_unit_test(test_far_away_is_in_no_function),
		cmocka_unit_test(test_modules_come_unsorted),
		cmocka_unit_test(test_first_of_several_names),
		cmocka_unit_test(test_hidden_addresses),
		cmocka_unit_test(test_no_file_and_empty_file),
		cmocka_unit_test(test_garbage_lines),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_line_of_ten_megabytes),
		cmocka_unit_test(test_name_is_cut_to_its_buffer),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("symbols", tests, make_directory, remove_directory);
}
