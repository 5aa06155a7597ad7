// SPDX-License-Identifier: BSD-2-Clause
/* Whose a death was, from its paths and from what is known by names. */
#include "unit.h"

#include "attribute/attribution.h"
#include "tree.h"

#include <string.h>

static struct naming *naming;
static struct death death;
static struct attribution whose;

static int teardown(void **state)
{
	naming_stop(naming);
	naming = NULL;
	return tree_remove(state);
}

static void attribute(const char *cgroup, const char *memory, const char *systemd,
		      const char *sender)
{
	struct naming_troubles before, after;

	memset(&death, 0, sizeof(death));
	strcpy(death.cgroup_path, cgroup);
	strcpy(death.memory_path, memory);
	strcpy(death.systemd_path, systemd);
	strcpy(death.sender_path, sender);
	/* on a busy machine an answer may be late, which is counted: then it is asked for once more */
	do {
		naming_read_troubles(naming, &before);
		attribution_read(&death, &whose);
		attribution_find_names(&whose, &death, naming);
		naming_read_troubles(naming, &after);
		if (after.late > before.late)
			usleep(100000);
	} while (after.late > before.late);
}

static void start(void)
{
	tree_write("/run/crun/web/status", "{\"cgroup-path\":\"/shop/web\"}");
	assert_int_equal(naming_start(tree_root, &naming), 0);
}

/* A runtime says that it is its container, the path does not. */
static void test_claimed(void **state)
{
	(void)state;
	start();
	attribute("/shop/web", "", "", "/shop/killer");
	assert_string_equal(whose.owner.container_id, "web");
	assert_string_equal(whose.owner.runtime, "crun");
	assert_string_equal(whose.sender.container_id, "");
	attribute("/shop/killer", "", "", "/shop/web");
	assert_string_equal(whose.owner.container_id, "");
	assert_string_equal(whose.sender.container_id, "web");
	attribute("/shop/web", "", "", "/shop/web");
	assert_string_equal(whose.owner.container_id, "web");
	assert_string_equal(whose.sender.container_id, "web");
}

/* A hybrid layout: the default hierarchy has the unit that called the runtime. */
static void test_claimed_by_memory(void **state)
{
	(void)state;
	start();
	attribute("/system.slice/shop.service", "/shop/web", "", "/");
	assert_string_equal(whose.owner.unit, "shop.service");
	assert_string_equal(whose.owner.container_id, "web");
	attribute("/", "/shop/web", "", "/");
	assert_string_equal(whose.owner.container_id, "web");
	assert_string_equal(whose.sender.container_id, "");
}

/* Version 1 alone: memory may be accounted for a slice, or not at all, where systemd has a unit. */
static void test_systemd_hierarchy(void **state)
{
	static const struct {
		const char *cgroup, *memory, *systemd, *told, *unit, *container;
	} cases[] = {
		{ "/", "/", "/system.slice/cron.service", "/system.slice/cron.service",
		  "cron.service", "" },
		{ "/", "", "/system.slice/cron.service", "/system.slice/cron.service",
		  "cron.service", "" },
		{ "", "/system.slice", "/system.slice/cron.service", "/system.slice/cron.service",
		  "cron.service", "" },
		{ "/", "/system.slice/a.service", "/system.slice/a.service",
		  "/system.slice/a.service", "a.service", "" },
		/* another's name begins alike */
		{ "/", "/shop", "/shopping/x.service", "/shop", "", "" },
		/* a container in its own place for memory, its caller in a unit */
		{ "/", "/shop/web", "/system.slice/shop.service", "/shop/web", "shop.service",
		  "web" },
		{ "/system.slice/b.service", "/", "/system.slice/a.service",
		  "/system.slice/b.service", "b.service", "" },
		{ "/", "/", "/", "/", "", "" },
	};

	(void)state;
	start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		attribute(cases[i].cgroup, cases[i].memory, cases[i].systemd, "/");
		assert_string_equal(attribution_cgroup(&death), cases[i].told);
		assert_string_equal(whose.owner.unit, cases[i].unit);
		assert_string_equal(whose.owner.container_id, cases[i].container);
	}
}

/* In a recording, where there is no runtime to ask. */
static void test_claim_is_recorded(void **state)
{
	char text[2 * NAMES_TEXT_MAX];
	struct attribution again;
	size_t size;

	(void)state;
	start();
	attribute("/shop/web", "", "", "");
	size = attribution_write_names(&whose, text);
	attribution_read(&death, &again);
	assert_string_equal(again.owner.container_id, "");
	attribution_read_names(&again, text, size);
	assert_memory_equal(&again, &whose, sizeof(again));
}

/* Of two containers, one within the other, which the names are of is kept, too. */
static void test_innermost(void **state)
{
	static const char id[] = "73fe6f8d73102b60567e65019b73398b22708cdd08365751dcd075e9be010bfc";
	struct owner owner = { 0 };
	struct names names = { .name = "app" };

	(void)state;
	assert_true(attribution_names_innermost(&owner, &names));
	strcpy(owner.container_id, id);
	assert_true(attribution_names_innermost(&owner, &names));
	strcpy(owner.enclosing_id, "node");
	assert_false(attribution_names_innermost(&owner, &names));
	strcpy(names.id, id);
	assert_true(attribution_names_innermost(&owner, &names));
	/* the pod's own cgroup */
	owner.container_id[0] = '\0';
	names.id[0] = '\0';
	assert_false(attribution_names_innermost(&owner, &names));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_make, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_claimed),           TEST(test_claimed_by_memory),
		TEST(test_systemd_hierarchy), TEST(test_claim_is_recorded),
		TEST(test_innermost),
	};

	return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
