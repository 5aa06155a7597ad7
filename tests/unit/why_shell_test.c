// SPDX-License-Identifier: BSD-2-Clause
/* Arguments of commands that people paste: what a shell makes of them, by a real shell. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "why/explanation.h"
#include "why/shell.h"

/* What /bin/sh makes of a word: its only argument. */
static void expect_by_shell(const char *argument, const char *quoted)
{
	char command[4096], answer[2048] = "";
	FILE *shell;

	(void)snprintf(command, sizeof(command), "cd / && set -- %s && printf '%%s|%%s' $# \"$1\"",
		       quoted);
	shell = popen(command, "r"); // NOLINT(cert-env33-c): the shell is what is tested
	assert_non_null(shell);
	(void)fread(answer, 1, sizeof(answer) - 1, shell);
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(strncmp(answer, "1|", 2), 0);
	assert_string_equal(answer + 2, argument);
}

static void test_taken_as_it_is(void **state)
{
	static const char *const arguments[] = {
		"nginx.service",
		"postgresql@15-main.service",
		"it's",
		"$(id)",
		"`id`",
		"a b",
		"*",
		"~root",
		"a;b&c|d",
		"\"",
		"back\\slash",
		"'",
		"''",
		"a'b'c",
		"#no",
		"shop/web*",
		"${HOME}",
		"!!",
		"a\xc3\xa9",
		"{a,b}",
		"run-u1.service",
		"user@1000.service",
		"x=$(id)",
		"<in",
		">out",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct prose command = { 0 };

		shell_put_argument(&command, arguments[i]);
		assert_false(command.refused);
		expect_by_shell(arguments[i], prose_text(&command));
		prose_done(&command);
	}
}

static void test_plain_words_have_no_quotes(void **state)
{
	struct prose command = { 0 };

	(void)state;
	shell_put_argument(&command, "nginx.service");
	assert_string_equal(prose_text(&command), "nginx.service");
	prose_done(&command);
	shell_put_argument_with(&command, "--pod=", "shop/web", "*");
	assert_string_equal(prose_text(&command), "'--pod=shop/web*'");
	prose_done(&command);
}

static void test_refused(void **state)
{
	static const char *const arguments[] = {
		"",     "-rf",      "--help", "a\nb",    "a\rb", "a\x1b[31m", "\xe2\x80\xaetxt",
		"\x7f", "\xc2\x85", "a\tb",   "bad\xff",
	};
	struct explanation explanation = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct prose command = { 0 };

		prose_put(&command, "systemctl show -- ");
		shell_put_argument(&command, arguments[i]);
		assert_true(command.refused);
		explanation_add_command(&explanation, "x", &command);
		assert_null(command.text);
	}
	assert_int_equal(explanation.sections[SECTION_NEXT].count, 0);
	explanation_done(&explanation);
}

static void test_a_name_of_any_length(void **state)
{
	char name[3000];
	struct prose command = { 0 };

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	shell_put_argument(&command, name);
	assert_true(command.refused);
	prose_done(&command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_as_it_is),
		cmocka_unit_test(test_plain_words_have_no_quotes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_a_name_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
