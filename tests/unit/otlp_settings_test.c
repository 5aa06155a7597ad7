// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "otlp/otlp_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const variables[] = {
	"ENDPOINT", "HEADERS", "CERTIFICATE", "COMPRESSION", "TIMEOUT", "PROTOCOL",
};

static int forget_environment(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < COUNT(variables); i++) {
		snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_%s", variables[i]);
		unsetenv(name);
		snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_LOGS_%s", variables[i]);
		unsetenv(name);
	}
	return 0;
}

static const struct {
	const char *given, *url, *shown;
} urls[] = {
	{ "http://a", "http://a/v1/logs", "http://a" },
	{ "http://a/", "http://a/v1/logs", "http://a" },
	{ "https://a:4318", "https://a:4318/v1/logs", "https://a:4318" },
	{ "https://a:4318/x", "https://a:4318/x", "https://a:4318" },
	{ "https://a/x/", "https://a/x/", "https://a" },
	{ "http://a?k=geheim", "http://a?k=geheim", "http://a" },
	{ "http://a/x#geheim", "http://a/x#geheim", "http://a" },
	{ "http://[::1]:4318", "http://[::1]:4318/v1/logs", "http://[::1]:4318" },
	{ "http://me:geheim@a:1", "http://me:geheim@a:1/v1/logs", "http://a:1" },
	{ "http://me:ge@heim@a:1/x", "http://me:ge@heim@a:1/x", "http://a:1" },
	{ "http://", NULL, NULL },
	{ "http:///x", NULL, NULL },
	{ "HTTP:/a", NULL, NULL },
	{ "a:4318", NULL, NULL },
	{ "file:///etc/passwd", NULL, NULL },
	{ "http://a b", NULL, NULL },
	{ "http://a/\x7f", NULL, NULL },
	{ "http://\xc3\xa4", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		const struct otlp_words words = { .url = urls[i].given };
		struct otlp_settings settings;

		assert_int_equal(otlp_settings_read(&words, &settings), urls[i].url != NULL);
		if (!urls[i].url)
			continue;
		assert_string_equal(settings.url, urls[i].url);
		assert_string_equal(settings.shown, urls[i].shown);
		otlp_settings_done(&settings);
	}
}

static void expect_url(const char *want)
{
	const struct otlp_words words = { 0 };
	struct otlp_settings settings;

	assert_true(otlp_settings_wanted(&words));
	assert_true(otlp_settings_read(&words, &settings));
	assert_string_equal(settings.url, want);
	otlp_settings_done(&settings);
}

/* The address for all signals is a base; the one for logs is used as it is. */
static void test_urls_of_the_environment(void **state)
{
	const struct otlp_words words = { 0 };
	struct otlp_settings settings;

	(void)state;
	assert_false(otlp_settings_wanted(&words));
	setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "", 1);
	assert_false(otlp_settings_wanted(&words));
	setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318", 1);
	expect_url("http://a:4318/v1/logs");
	setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a/base/", 1);
	expect_url("http://a/base/v1/logs");
	setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://b/logs", 1);
	expect_url("http://b/logs");
	setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "b", 1);
	assert_false(otlp_settings_read(&words, &settings));
}

/* Those of the command line come first, each name once, in any case. */
static void test_headers(void **state)
{
	char *given[] = { (char *)"Authorization=Bearer a=b",
			  (char *)"X-Empty=", (char *)"AUTHORIZATION=later", NULL };
	const struct otlp_words words = { .url = "http://a", .headers = given };
	struct otlp_settings settings;

	(void)state;
	setenv("OTEL_EXPORTER_OTLP_HEADERS", "never=read", 1);
	setenv("OTEL_EXPORTER_OTLP_LOGS_HEADERS",
	       " authorization = no,x-one=%41%2c%zz%4 , x two=no,=no,x-cr=%0D%0Ano,,x-\xc3\xa4=no",
	       1);
	assert_true(otlp_settings_read(&words, &settings));
	assert_int_equal(settings.header_count, 3);
	assert_string_equal(settings.headers[0], "Authorization: Bearer a=b");
	assert_string_equal(settings.headers[1], "X-Empty: ");
	assert_string_equal(settings.headers[2], "x-one: A,%zz%4");
	otlp_settings_done(&settings);
}

static void test_bad_headers(void **state)
{
	static const char *const bad[] = { "",     "a",      "=b",     "a b=c",
					   "a:=b", "a=b\nc", "a=\x01", "\xc3\xa4=b" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *given[] = { (char *)bad[i], NULL };
		const struct otlp_words words = { .url = "http://a", .headers = given };
		struct otlp_settings settings;

		assert_false(otlp_settings_read(&words, &settings));
	}
}

static void test_too_many_headers(void **state)
{
	char text[OTLP_MOST_HEADERS + 1][16], *given[OTLP_MOST_HEADERS + 2] = { 0 };
	const struct otlp_words words = { .url = "http://a", .headers = given };
	struct otlp_settings settings;

	(void)state;
	for (int i = 0; i <= OTLP_MOST_HEADERS; i++) {
		snprintf(text[i], sizeof(text[i]), "h%d=v", i);
		given[i] = text[i];
	}
	assert_false(otlp_settings_read(&words, &settings));
	given[OTLP_MOST_HEADERS] = NULL;
	assert_true(otlp_settings_read(&words, &settings));
	otlp_settings_done(&settings);
}

static void expect_others(const struct otlp_words *words, const char *ca, bool gzip,
			  unsigned int timeout_ms)
{
	struct otlp_settings settings;

	assert_true(otlp_settings_read(words, &settings));
	if (ca)
		assert_string_equal(settings.ca, ca);
	else
		assert_null(settings.ca);
	assert_int_equal(settings.gzip, gzip);
	assert_int_equal(settings.timeout_ms, timeout_ms);
	otlp_settings_done(&settings);
}

static void test_others(void **state)
{
	static const char *const odd_times[] = {
		"0", "-1", "x", "1s", "99999999999999999999", "+5", " 5", "-18446744073709551611"
	};
	const struct otlp_words plain = { .url = "http://a" },
				all = { .url = "http://a", .ca = "mine", .gzip = true };

	(void)state;
	expect_others(&plain, NULL, false, 10000);
	setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", "theirs", 1);
	setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none", 1);
	setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "250", 1);
	setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", 1);
	expect_others(&plain, "theirs", false, 250);
	expect_others(&all, "mine", true, 250);
	setenv("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip", 1);
	expect_others(&plain, "theirs", true, 250);
	for (size_t i = 0; i < COUNT(odd_times); i++) {
		setenv("OTEL_EXPORTER_OTLP_TIMEOUT", odd_times[i], 1);
		expect_others(&plain, "theirs", true, 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_urls, forget_environment),
		cmocka_unit_test_setup(test_urls_of_the_environment, forget_environment),
		cmocka_unit_test_setup(test_headers, forget_environment),
		cmocka_unit_test_setup(test_bad_headers, forget_environment),
		cmocka_unit_test_setup(test_too_many_headers, forget_environment),
		cmocka_unit_test_setup(test_others, forget_environment),
	};

	return cmocka_run_group_tests_name("otlp_settings", tests, NULL, NULL);
}
