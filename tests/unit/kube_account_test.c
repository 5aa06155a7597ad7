// SPDX-License-Identifier: BSD-2-Clause
/* The API server's address, the token's file, and what the API server's answers mean. */
#include "unit.h"

#include "kube/kube_account.h"
#include "kube/kube_answer.h"
#include "kube/kube_review.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *host, *port, *server; /* NULL: refused */
} addresses[] = {
	{ "10.96.0.1", "443", "https://10.96.0.1:443" },
	{ "fd00::1", "6443", "https://[fd00::1]:6443" },
	{ "kubernetes.default.svc", "443", "https://kubernetes.default.svc:443" },
	{ NULL, "443", NULL },
	{ "10.96.0.1", NULL, NULL },
	{ "", "443", NULL },
	{ "10.96.0.1", "0", NULL },
	{ "10.96.0.1", "65536", NULL },
	{ "10.96.0.1", "443/x", NULL },
	{ "user@evil", "443", NULL },
	{ "evil/x", "443", NULL },
	{ "[::1]", "443", NULL },
};

static void set(const char *name, const char *value)
{
	if (value)
		(void)setenv(name, value, 1);
	else
		(void)unsetenv(name);
}

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct kube_account account = { 0 };

		set("KUBERNETES_SERVICE_HOST", addresses[i].host);
		set("KUBERNETES_SERVICE_PORT", addresses[i].port);
		assert_int_equal(kube_account_read(NULL, &account), addresses[i].server != NULL);
		if (addresses[i].server)
			assert_string_equal(account.server, addresses[i].server);
		kube_account_done(&account);
	}
}

static const struct {
	const char *text;
	const char *header; /* NULL: there is no token in it */
} tokens[] = {
	{ "abc.def-_", "Authorization: Bearer abc.def-_" },
	{ "abc\n", "Authorization: Bearer abc" },
	{ "abc \r\n\n", "Authorization: Bearer abc" },
	{ "", NULL },
	{ "\n", NULL },
	{ "abc\r\nX-Other: 1", NULL },
	{ "a b", NULL },
	{ "a\x80", NULL },
};

static void write_file(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void test_tokens(void **state)
{
	static char large[20000];
	char folder[] = "/tmp/kt-unit-XXXXXX", path[64], target[64], *header = NULL;
	struct kube_account account = { .token = path };

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/token", folder);
	(void)snprintf(target, sizeof(target), "%s/data", folder);
	assert_int_equal(kube_account_header(&account, &header), -ENOENT);
	assert_int_equal(symlink(target, path), 0); /* as in a pod */
	for (size_t i = 0; i < COUNT(tokens); i++) {
		const int error = tokens[i].header ? 0 : -EINVAL;

		write_file(target, tokens[i].text, strlen(tokens[i].text));
		assert_int_equal(kube_account_header(&account, &header), error);
		if (!error) {
			assert_string_equal(header, tokens[i].header);
			kube_account_forget(header);
		}
	}
	memset(large, 'a', sizeof(large));
	write_file(target, large, sizeof(large));
	assert_int_equal(kube_account_header(&account, &header), -EINVAL);
	write_file(target, "a\0b", 3);
	assert_int_equal(kube_account_header(&account, &header), -EINVAL);
	/* nothing that blocks */
	assert_int_equal(unlink(target), 0);
	assert_int_equal(mkfifo(target, 0600), 0);
	assert_int_equal(kube_account_header(&account, &header), -EINVAL);
	assert_int_equal(unlink(target), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static const struct {
	long status;
	const char *body;
	enum kube_outcome outcome;
} answers[] = {
	{ 0, "", KUBE_AGAIN },
	{ 200, "{}", KUBE_TAKEN },
	{ 201, "", KUBE_TAKEN },
	{ 301, "", KUBE_REFUSED },
	{ 400, "", KUBE_REFUSED },
	{ 401, "{\"reason\":\"Unauthorized\"}", KUBE_DENIED },
	{ 403, "{\"reason\":\"Forbidden\",\"message\":\"events is forbidden: User cannot create\"}",
	  KUBE_FORBIDDEN },
	{ 403, "{\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\"}]}}", KUBE_GONE },
	{ 403, "{\"message\":\"... in namespace x because it is being terminated\"}", KUBE_GONE },
	{ 403, "garbage", KUBE_FORBIDDEN },
	{ 403, "{\"details\":7,\"message\":7}", KUBE_FORBIDDEN },
	{ 404, "", KUBE_GONE },
	{ 409, "{\"reason\":\"AlreadyExists\"}", KUBE_THERE },
	{ 409, "{\"reason\":\"Conflict\"}", KUBE_AGAIN },
	{ 409, "[]", KUBE_AGAIN },
	{ 410, "", KUBE_GONE },
	{ 413, "", KUBE_REFUSED },
	{ 422, "{\"reason\":\"Invalid\"}", KUBE_REFUSED },
	{ 429, "", KUBE_AGAIN },
	{ 500, "", KUBE_AGAIN },
	{ 503, "", KUBE_AGAIN },
	{ 504, "", KUBE_AGAIN },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct http_answer answer = { .status = answers[i].status,
						    .body = answers[i].body,
						    .size = strlen(answers[i].body) };

		assert_int_equal(kube_answer_outcome(&answer), answers[i].outcome);
	}
}

static const struct {
	const char *body;
	int allowed; /* -1: it is no review */
} reviews[] = {
	{ "{\"status\":{\"allowed\":true}}", 1 },
	{ "{\"status\":{\"allowed\":false,\"reason\":\"no role\"}}", 0 },
	{ "{\"status\":{\"allowed\":1}}", -1 },
	{ "{\"status\":{}}", -1 },
	{ "{\"status\":\"Failure\"}", -1 },
	{ "[]", -1 },
	{ "true", -1 },
	{ "garbage", -1 },
	{ "", -1 },
};

static void test_reviews(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reviews); i++)
		assert_int_equal(kube_review_read(reviews[i].body, strlen(reviews[i].body)),
				 reviews[i].allowed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_reviews),
	};

	return cmocka_run_group_tests_name("kube_account", tests, NULL, NULL);
}
