// SPDX-License-Identifier: BSD-2-Clause
/* Names without the parts that differ between replicas, by the rules of docs/fingerprint.md. */
#include "unit.h"

#include "attribute/stable_name.h"

#include <string.h>

struct name_case {
	const char *name, *want;
};

static int check(const char *what, const struct name_case *given, const char *got)
{
	if (!strcmp(given->want, got))
		return 0;
	print_error("%s '%s' is '%s', must be '%s'\n", what, given->name, got, given->want);
	return 1;
}

static int check_all(const char *what, void (*make)(const char *name, char *ret, size_t size),
		     const struct name_case *cases, size_t count)
{
	char got[STABLE_NAME_SIZE];
	int wrong = 0;

	for (size_t i = 0; i < count; i++) {
		make(cases[i].name, got, sizeof(got));
		wrong += check(what, &cases[i], got);
	}
	return wrong;
}

static void of_pod(const char *name, char *ret, size_t size)
{
	stable_name_of_pod(name, "node-7.example", ret, size);
}

static void test_pods(void **state)
{
	static const struct name_case cases[] = {
		{ "web-7d4b9c6f5d-x2x8z", "web" }, /* a Deployment's */
		{ "web-api-649b4d4c6f-2xkqp", "web-api" },
		{ "api-2-5f8d9b7c6-zzzzz", "api-2" }, /* the part before the hash is its own */
		{ "fluentd-4bqlt", "fluentd" },       /* a DaemonSet's */
		{ "db-0", "db" },                     /* a StatefulSet's */
		{ "db-main-12", "db-main" },
		{ "backup-28912340-q8xkz", "backup" }, /* a CronJob's */
		{ "render-3-vw2wh", "render" },        /* of an indexed Job */
		{ "etcd-node-7.example", "etcd" },     /* a static pod */
		{ "etcd-node-8.example", "etcd-node-8.example" },
		{ "shop-front", "shop-front" },
		{ "web-aeiou", "web-aeiou" },           /* vowels: a word */
		{ "web-7d4b9c6f5d", "web-7d4b9c6f5d" }, /* no suffix after the hash */
		{ "x2x8z", "x2x8z" },
		{ "-0", "-0" },
		{ "0", "0" },
		{ "", "" },
		{ "node-7.example", "node-7.example" },
	};

	(void)state;
	assert_int_equal(check_all("pod", of_pod, cases, COUNT(cases)), 0);
}

static void test_units(void **state)
{
	static const struct name_case cases[] = {
		{ "nginx.service", "nginx.service" },
		{ "getty@tty1.service", "getty@.service" },
		{ "systemd-coredump@3-1234-0.service", "systemd-coredump@.service" },
		{ "user@1000.service", "user@.service" },
		{ "foo@a.b@c.service", "foo@.service" },
		{ "session-3.scope", "session.scope" },
		{ "session-c12.scope", "session-c12.scope" },
		{ "run-r0123456789abcdef0123456789abcdef.scope", "run.scope" },
		{ "run-u42.service", "run.service" },
		{ "run-p1234-i5678.service", "run.service" },
		{ "run-4321.scope", "run.scope" },
		{ "run-jobs.service", "run-jobs.service" },
		{ "app-gnome-firefox-4711.scope", "app-gnome-firefox.scope" },
		{ "vte-spawn-01234567-89ab-cdef-0123-456789abcdef.scope", "vte-spawn.scope" },
		{ "worker-2.service", "worker-2.service" }, /* the name that its makers gave it */
		{ "init.scope", "init.scope" },
		{ "nothing", "nothing" },
		{ "@", "@" },
		{ ".scope", ".scope" },
		{ "", "" },
	};

	(void)state;
	assert_int_equal(check_all("unit", stable_name_of_unit, cases, COUNT(cases)), 0);
}

static void test_images(void **state)
{
	static const struct name_case cases[] = {
		{ "nginx", "nginx" },
		{ "nginx:1.25", "nginx" },
		{ "hub.example/library/nginx:1.25", "nginx" },
		{ "hub.example/shop/web", "shop/web" },
		{ "registry.example:5000/shop/web:2", "shop/web" },
		{ "registry.example:5000/shop/web", "shop/web" },
		{ "localhost/shop/web", "shop/web" },
		{ "library/nginx", "nginx" },
		{ "a.b/c.d/e", "c.d/e" },
		{ "host.example/", "" },
		{ "shop/web@sha256:0123", "shop/web" },
		{ "shop/web:2@sha256:0123", "shop/web" },
		{ "sha256:0123456789abcdef", "" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "" },
		{ "", "" },
	};

	(void)state;
	assert_int_equal(check_all("image", stable_name_of_image, cases, COUNT(cases)), 0);
}

static void test_cgroups(void **state)
{
	static const struct name_case cases[] = {
		{ "/", "" },
		{ "", "" },
		{ "/demo", "/demo" },
		{ "/demo/replica-1", "/demo/replica" },
		{ "/demo/replica-2/", "/demo/replica" },
		{ "/batch/0123456789abcdef/step_7", "/batch/*/step" },
		{ "/slurm/uid_1000/job_4711/step_0", "/slurm/uid/job/step" },
		{ "/a/01234567-89ab-cdef-0123-456789abcdef", "/a/*" },
		{ "/face", "/face" },
	};

	(void)state;
	assert_int_equal(check_all("cgroup", stable_name_of_cgroup, cases, COUNT(cases)), 0);
}

/* The longest names: none may be cut so that it equals another. */
static void test_too_long(void **state)
{
	char name[2 * STABLE_NAME_SIZE], got[STABLE_NAME_SIZE];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	stable_name_of_pod(name, "", got, sizeof(got));
	assert_string_equal(got, "");
	stable_name_of_unit(name, got, sizeof(got));
	assert_string_equal(got, "");
	stable_name_of_image(name, got, sizeof(got));
	assert_string_equal(got, "");
	stable_name_of_cgroup(name, got, sizeof(got));
	assert_string_equal(got, "");
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_owners(void **state)
{
	static const struct {
		struct owner owner;
		struct names names;
		const char *kind, *name[STABLE_NAME_PARTS];
	} cases[] = {
		{ { .pod_uid = "u", .container_id = ID },
		  { .namespace = "shop", .pod = "web-0", .container = "app", .image = "web:1" },
		  "kubernetes",
		  { "shop", "web", "app" } },
		{ { .pod_uid = "u", .container_id = ID },
		  { .id = "" },
		  "kubernetes",
		  { "", "", "" } },
		{ { .container_id = ID },
		  { .name = "eager_turing", .image = "hub.example/library/redis:7" },
		  "container",
		  { "redis", "", "" } },
		{ { .container_id = ID },
		  { .name = "shop-web-2" },
		  "container",
		  { "shop-web", "", "" } },
		{ { .container_id = ID }, { .id = "" }, "container", { "", "", "" } },
		{ { .container_id = "build-3", .runtime = "lxc" },
		  { .id = "" },
		  "container",
		  { "build", "", "" } },
		/* the names belong to the node around it */
		{ { .container_id = ID, .enclosing_id = "other" },
		  { .id = "other", .name = "kind-worker2", .image = "kindest/node" },
		  "container",
		  { "", "", "" } },
		{ { .unit = "user@1000.service", .user_unit = "app@7.service" },
		  { .id = "" },
		  "unit",
		  { "user@.service", "app@.service", "" } },
		{ { .machine = "debian-0011223344556677" },
		  { .id = "" },
		  "machine",
		  { "debian", "", "" } },
		{ { .slice = "system.slice" }, { .id = "" }, "cgroup", { "/a/b", "", "" } },
	};
	struct stable_name got;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		stable_name_of(&cases[i].owner, &cases[i].names, "/a/b-2", "node", &got);
		assert_string_equal(got.kind, cases[i].kind);
		for (int part = 0; part < STABLE_NAME_PARTS; part++)
			assert_string_equal(got.name[part], cases[i].name[part]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pods),     cmocka_unit_test(test_units),
		cmocka_unit_test(test_images),   cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_too_long), cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
