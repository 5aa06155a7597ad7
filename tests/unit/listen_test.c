// SPDX-License-Identifier: BSD-2-Clause
/* Where to listen, and OpenMetrics made of the other format. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "listen/listen_address.h"
#include "listen/open_metrics.h"

static void is_v4(const char *word, const char *address, uint16_t port)
{
	struct listen_address made;
	struct sockaddr_in v4;
	char text[64];

	assert_true(listen_address_parse(word, &made));
	assert_int_equal(made.size, sizeof(v4));
	memcpy(&v4, &made.address, sizeof(v4));
	assert_int_equal(v4.sin_family, AF_INET);
	assert_int_equal(ntohs(v4.sin_port), port);
	assert_string_equal(inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text)), address);
}

static void test_addresses(void **state)
{
	struct listen_address made;

	(void)state;
	is_v4("9435", "127.0.0.1", 9435);
	is_v4(":9435", "127.0.0.1", 9435);
	is_v4("localhost:1", "127.0.0.1", 1);
	is_v4("0.0.0.0:65535", "0.0.0.0", 65535);
	assert_true(listen_address_parse("[::1]:80", &made));
	assert_int_equal(made.address.ss_family, AF_INET6);
	assert_string_equal(made.text, "[::1]:80");
}

static void test_bad_addresses(void **state)
{
	static const char *const bad[] = {
		"",        ":",        "0",          "65536",      "x",     "host:1",
		"1.2.3.4", "1.2.3.4:", "1.2.3:1x",   "::1:80",     "[::1]", "[::1:80",
		"[]:80",   "[::1]80",  "1.2.3.4:-1", "1.2.3.4: 1", ":1 ",   "::1]:80"
	};
	char longest[200];
	struct listen_address made;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(listen_address_parse(bad[i], &made));
	memset(longest, '1', sizeof(longest));
	strcpy(longest + sizeof(longest) - 4, ":80");
	assert_false(listen_address_parse(longest, &made));
}

static void becomes(const char *text, const char *expected)
{
	struct buffer made = { 0 };

	open_metrics_make(text, &made);
	assert_false(made.failed);
	buffer_add(&made, "", 1);
	assert_string_equal(made.text, expected);
	free(made.text);
}

static void test_open_metrics(void **state)
{
	(void)state;
	becomes("", "# EOF\n");
	becomes("# HELP a_total Words.\n# TYPE a_total counter\na_total{b=\"# TYPE x\"} 1\n",
		"# HELP a Words.\n# TYPE a counter\na_total{b=\"# TYPE x\"} 1\n# EOF\n");
	becomes("# HELP a_info Which.\n# TYPE a_info gauge\na_info{} 1\n",
		"# HELP a Which.\n# TYPE a info\na_info{} 1\n# EOF\n");
	becomes("# TYPE a_total\n# TYPE \n# HELP\n# TYPE total gauge\nx",
		"# TYPE a\n# TYPE \n# HELP\n# TYPE total gauge\nx\n# EOF\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_open_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
