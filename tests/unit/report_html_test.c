// SPDX-License-Identifier: BSD-2-Clause
/* The writer of HTML: nothing but its literals is markup. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/html.h"
#include "why/prose.h"

/* To be freed. */
static char *text_of(struct html *html)
{
	buffer_add(&html->out, "", 1);
	assert_false(html->out.failed);
	return html->out.text;
}

static void expect_text(const char *text, const char *expected)
{
	struct html html = { 0 };
	char *written;

	html_text(&html, text);
	written = text_of(&html);
	assert_string_equal(written, expected);
	free(written);
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "plain text", "plain text" },
		{ "</script><b a=\"1\" c='2'>&amp;",
		  "&lt;/script&gt;&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;" },
		{ "<!--", "&lt;!--" },
		/* controls, bidi, invisible, invalid: as on a terminal */
		{ "a\nb\x1b[2J\x7f", "a\\x0ab\\x1b[2J\\x7f" },
		{ "\xe2\x80\xaetxt", "\\u{202e}txt" },
		{ "\xe2\x80\x8b\xc2\x85", "\\u{200b}\\x85" },
		{ "\xff<\xc3", "\xef\xbf\xbd&lt;\xef\xbf\xbd" },
		{ "\xf4\x8f\xbf\xbf", "\\u{10ffff}" },
		/* it may be escaped already */
		{ "\\x1b \\\\", "\\x1b \\\\" },
		{ "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_text(cases[i].text, cases[i].expected);
}

/* However many of them, and however large they grow, the end is there. */
static void test_growth(void **state)
{
	char text[3 * 1000 + 1], expected[8 * 1000 + 1];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		memcpy(text + (ptrdiff_t)3 * i, "\xe2\x80\xae", 4);
		memcpy(expected + (ptrdiff_t)8 * i, "\\u{202e}", 9);
	}
	expect_text(text, expected);
	for (int i = 0; i < 1000; i++) {
		memcpy(text + i, "\xff", 2);
		memcpy(expected + (ptrdiff_t)3 * i, "\xef\xbf\xbd", 4);
	}
	expect_text(text, expected);
}

static void test_values(void **state)
{
	struct html html = { 0 };
	char *written;

	(void)state;
	html_put(&html, "<p a=\"");
	html_say(&html, "%s %d %s", "\">", 7, "%s");
	html_put(&html, "\">");
	html_count(&html, 1234567);
	html_number(&html, 1234567);
	html_real(&html, 2.25);
	html_put(&html, "</p>");
	written = text_of(&html);
	assert_string_equal(written, "<p a=\"&quot;&gt; 7 %s\">1,234,56712345672.2</p>");
	free(written);
}

static void test_times(void **state)
{
	struct html html = { 0 };
	char *written;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC-2", 1), 0);
	html_time(&html, 1700000000 * NS_PER_S);
	written = text_of(&html);
	assert_string_equal(written, "<time datetime=\"2023-11-14T22:13:20Z\">2023-11-15 "
				     "00:13:20</time>");
	free(written);
}

static void test_prose(void **state)
{
	static const struct {
		const char *prose, *expected;
	} cases[] = {
		{ "words", "words" },
		{ "a \x02n<\x03 b", "a <code>n&lt;</code> b" },
		/* marks that do not match leave no element open */
		{ "a \x02n", "a <code>n</code>" },
		{ "a \x03 b\x02\x02\x03", "a \\x03 b<code>\\x02</code>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct html html = { 0 };
		char *written;

		html_prose(&html, cases[i].prose);
		written = text_of(&html);
		assert_string_equal(written, cases[i].expected);
		free(written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),   cmocka_unit_test(test_growth),
		cmocka_unit_test(test_values), cmocka_unit_test(test_times),
		cmocka_unit_test(test_prose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
