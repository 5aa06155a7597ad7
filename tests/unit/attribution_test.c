// SPDX-License-Identifier: BSD-2-Clause
/* The owner of a death, from its paths and from names. */
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

static void attribute_death(void)
{
	struct naming_troubles before, after;

	/* on a busy machine an answer may be late, which is counted: then it is asked for again */
	do {
		naming_read_troubles(naming, &before);
		attribution_read(&death, &whose);
		attribution_find_names(&whose, &death, naming);
		naming_read_troubles(naming, &after);
		if (after.late > before.late)
			usleep(100000);
	} while (after.late > before.late);
}

static void attribute(const char *cgroup, const char *memory, const char *systemd,
		      const char *sender)
{
	memset(&death, 0, sizeof(death));
	strcpy(death.cgroup_path, cgroup);
	strcpy(death.memory_path, memory);
	strcpy(death.systemd_path, systemd);
	strcpy(death.sender_path, sender);
	attribute_death();
}

static void start(void)
{
	tree_write("/run/crun/web/status", "{\"cgroup-path\":\"/shop/web\"}");
	assert_int_equal(naming_start(tree_root, NULL, &naming), 0);
}

/* A runtime has it as its container, but the path does not show that. */
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

/* A hybrid layout: the default hierarchy has the unit that started the runtime. */
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

#define DOCKER_UNIT "/system.slice/docker.service"
#define WEB_ID "73fe6f8d73102b60567e65019b73398b22708cdd08365751dcd075e9be010bfc"
#define DB_ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"

/* A hybrid layout: everything that docker runs has its unit's path in the default hierarchy. */
static void test_hybrid_sender(void **state)
{
	static const struct {
		const char *memory, *sender, *sender_memory;
		const char *told, *unit, *container, *name;
	} cases[] = {
		/* one container kills a process in another, and in itself */
		{ "/docker/" WEB_ID, DOCKER_UNIT, "/docker/" DB_ID, DOCKER_UNIT, "docker.service",
		  DB_ID, "db" },
		{ "/docker/" WEB_ID, DOCKER_UNIT, "/docker/" WEB_ID, DOCKER_UNIT, "docker.service",
		  WEB_ID, "web" },
		/* the daemon itself, and a process of the host with the same unit path */
		{ "/docker/" WEB_ID, DOCKER_UNIT, DOCKER_UNIT, DOCKER_UNIT, "docker.service", "",
		  "" },
		{ "/docker/" WEB_ID, DOCKER_UNIT, "/", DOCKER_UNIT, "docker.service", "", "" },
		/* recorded before there was a second path */
		{ "/docker/" WEB_ID, DOCKER_UNIT, "", DOCKER_UNIT, "docker.service", "", "" },
		/*
		 * known only from its files: an equal unit path does not make it the same container
		 */
		{ "/shop/web", DOCKER_UNIT, "/", DOCKER_UNIT, "docker.service", "", "" },
		{ "/shop/web", DOCKER_UNIT, "/shop/web", DOCKER_UNIT, "docker.service", "web", "" },
		/* version 1 only: the default hierarchy is empty */
		{ "/docker/" WEB_ID, "/", "/docker/" DB_ID, "/docker/" DB_ID, "", DB_ID, "db" },
		{ "/docker/" WEB_ID, "", "/system.slice/cron.service", "/system.slice/cron.service",
		  "cron.service", "", "" },
		/* in a user's own part of the tree any name can be forged */
		{ "/docker/" WEB_ID, DOCKER_UNIT,
		  "/user.slice/user-1000.slice/user@1000.service/docker/" DB_ID, DOCKER_UNIT,
		  "docker.service", "", "" },
	};

	(void)state;
	tree_write("/var/lib/docker/containers/" WEB_ID "/config.v2.json", "{\"Name\":\"/web\"}");
	tree_write("/var/lib/docker/containers/" DB_ID "/config.v2.json", "{\"Name\":\"/db\"}");
	start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&death, 0, sizeof(death));
		strcpy(death.cgroup_path, DOCKER_UNIT);
		strcpy(death.memory_path, cases[i].memory);
		strcpy(death.sender_path, cases[i].sender);
		strcpy(death.sender_memory_path, cases[i].sender_memory);
		attribute_death();
		assert_string_equal(attribution_sender_cgroup(&death), cases[i].told);
		assert_string_equal(whose.sender.unit, cases[i].unit);
		assert_string_equal(whose.sender.container_id, cases[i].container);
		assert_string_equal(whose.sender_names.name, cases[i].name);
	}
}

/* A process that kills itself has the victim's place in every hierarchy. */
static void test_sent_to_itself(void **state)
{
	(void)state;
	start();
	memset(&death, 0, sizeof(death));
	death.has_signal = true;
	death.signal.flags = KT_SIGNAL_SELF;
	strcpy(death.cgroup_path, DOCKER_UNIT);
	strcpy(death.memory_path, "/shop/web");
	attribute_death();
	assert_memory_equal(&whose.sender, &whose.owner, sizeof(whose.owner));
	assert_memory_equal(&whose.sender_names, &whose.names, sizeof(whose.names));
	assert_string_equal(whose.sender.container_id, "web");
}

/* If a path is cut, its upper levels count; a name that may be cut itself is not used. */
static void test_cut_path(void **state)
{
	static const char pod[] = "/kubepods/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" WEB_ID;
	static const size_t rooms[] = { KT_PATH_LEN, KT_SIDE_PATH_LEN };
	char path[KT_PATH_LEN];

	(void)state;
	start();
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		memset(path, 0, sizeof(path));
		memset(path, 'x', rooms[i] - 1);
		memcpy(path, pod, strlen(pod));
		path[strlen(pod)] = path[rooms[i] - 9] = '/';
		/* could be the start of another name: "lxc/web" may have been "lxc/web-2" */
		memcpy(path + rooms[i] - 9, "/lxc/web", 8);
		attribute(path, "", "", path);
		assert_string_equal(whose.owner.container_id, WEB_ID);
		assert_string_equal(whose.owner.enclosing_id, "");
		assert_string_equal(whose.owner.pod_uid, "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e");
		/* one byte less, and the path is complete */
		path[rooms[i] - 2] = '\0';
		attribute(path, "", "", "");
		assert_string_equal(whose.owner.container_id, "we");
		assert_string_equal(whose.owner.enclosing_id, WEB_ID);
	}
	/* only a cut name */
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	attribute(path, path, path, "");
	assert_string_equal(whose.owner.container_id, "");
	/* its files are not read either */
	memcpy(path + sizeof(path) - 1 - strlen("/shop/web"), "/shop/web", strlen("/shop/web"));
	memset(path, '/', sizeof(path) - 1 - strlen("/shop/web"));
	attribute(path, "", "", "");
	assert_string_equal(whose.owner.container_id, "");
}

/*
 * Version 1 only: the memory controller may have only a slice, or nothing, while systemd has a
 * unit.
 */
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
		/* another name with the same beginning */
		{ "/", "/shop", "/shopping/x.service", "/shop", "", "" },
		/* a container with its own memory cgroup, started by a unit */
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

/* In a recording, when no runtime can be asked. */
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

/* Of two nested containers, the record keeps which one the names belong to. */
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
		TEST(test_innermost),         TEST(test_hybrid_sender),
		TEST(test_sent_to_itself),    TEST(test_cut_path),
	};

	return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
