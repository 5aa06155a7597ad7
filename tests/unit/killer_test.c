// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "explain/killer.h"

#include <string.h>

#define ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define VICTIM_CONTAINER "/system.slice/docker-" ID ".scope"
#define OTHER_ID "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961"
#define NODE "/docker/" ID
#define POD "/kubepods/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
#define USER "/user.slice/user-1000.slice/user@1000.service"

static const struct killer_case {
	const char *comm, *path;
	uint32_t pid, uid;
	const char *victim;
	enum killer want;
} cases[] = {
	{ "systemd-oomd", "/system.slice/systemd-oomd.service", 300, 998,
	  "/system.slice/shop.service", KILLER_OOM_DAEMON },
	{ "earlyoom", "/system.slice/earlyoom.service", 300, 0, "/", KILLER_OOM_DAEMON },
	{ "oomd", "/system.slice/oomd.service", 300, 0, "/", KILLER_OOM_DAEMON },
	/* Debian's nohang.service and nohang-desktop.service: Slice=hostcritical.slice */
	{ "nohang", "/hostcritical.slice/nohang.service", 300, 0, "/", KILLER_OOM_DAEMON },
	{ "nohang", "/hostcritical.slice/nohang-desktop.service", 300, 0, "/", KILLER_OOM_DAEMON },
	/* nohang's own sources: "#!/usr/bin/env python3" */
	{ "python3", "/system.slice/nohang.service", 300, 0, "/", KILLER_OOM_DAEMON },
	{ "python3", "/system.slice/earlyoom.service", 300, 0, "/", KILLER_ANYBODY },
	/* with a Slice= by an administrator, at any depth, or without one */
	{ "earlyoom", "/a.slice/a-b.slice/earlyoom.service", 300, 0, "/", KILLER_OOM_DAEMON },
	{ "earlyoom", "/earlyoom.service", 300, 0, "/", KILLER_OOM_DAEMON },
	{ "earlyoom", "earlyoom.service", 300, 0, "/", KILLER_ANYBODY },
	{ "earlyoom", "", 300, 0, "/", KILLER_ANYBODY },
	{ "earlyoom", "/slice/earlyoom.service", 300, 0, "/", KILLER_ANYBODY },
	{ "earlyoom", "/docker/" ID "/system.slice/earlyoom.service", 300, 0, "/", KILLER_ANYBODY },
	{ "earlyoom", "/system.slice/docker-" ID ".scope/system.slice/earlyoom.service", 300, 0,
	  "/", KILLER_ANYBODY },
	{ "earlyoom", "/user.slice/user-1000.slice/earlyoom.service", 300, 1000, "/",
	  KILLER_ANYBODY },
	/* any process can have this name, and so can a unit below a user's unit */
	{ "earlyoom", "/system.slice/shop.service", 300, 0, "/", KILLER_ANYBODY },
	{ "earlyoom", USER "/system.slice/earlyoom.service", 300, 1000, "/", KILLER_ANYBODY },
	{ "earlyoom", "/system.slice/earlyoom.service/x", 300, 0, "/", KILLER_ANYBODY },
	{ "bash", "/system.slice/earlyoom.service", 300, 0, "/", KILLER_ANYBODY },
	{ "systemd", "/init.scope", 1, 0, "/system.slice/shop.service", KILLER_SERVICE_MANAGER },
	{ "bash", "/init.scope", 1, 0, "/system.slice/shop.service", KILLER_ANYBODY },
	{ "systemd", "/system.slice/x.service", 300, 0, "/system.slice/shop.service",
	  KILLER_ANYBODY },
	{ "systemd", USER "/init.scope", 900, 1000, USER "/app.slice/editor.service",
	  KILLER_SERVICE_MANAGER },
	{ "systemd", USER "/init.scope", 900, 1000, "/system.slice/shop.service", KILLER_ANYBODY },
	{ "bash", USER "/init.scope", 900, 1000, USER "/app.slice/editor.service", KILLER_ANYBODY },
	{ "runc", "/system.slice/containerd.service", 400, 0, VICTIM_CONTAINER,
	  KILLER_CONTAINER_RUNTIME },
	{ "containerd-shim", "/", 400, 0, "/kubepods/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" ID,
	  KILLER_CONTAINER_RUNTIME },
	{ "runc", "/system.slice/containerd.service", 400, 0, "/system.slice/shop.service",
	  KILLER_ANYBODY },
	{ "runc", "/system.slice/containerd.service", 400, 7, VICTIM_CONTAINER, KILLER_ANYBODY },
	{ "runc", VICTIM_CONTAINER, 400, 0, VICTIM_CONTAINER, KILLER_ANYBODY },
	{ "runc", USER "/x.service", 400, 0, VICTIM_CONTAINER, KILLER_ANYBODY },
	/* in a node that is a container itself (kind, k3d, minikube) */
	{ "runc", NODE "/system.slice/containerd.service", 400, 0, NODE "/kubelet" POD "/" OTHER_ID,
	  KILLER_CONTAINER_RUNTIME },
	{ "kubelet", NODE, 400, 0, NODE "/kubelet" POD, KILLER_CONTAINER_RUNTIME },
	{ "runc", NODE "/system.slice/containerd.service", 400, 7, NODE "/kubelet" POD "/" OTHER_ID,
	  KILLER_ANYBODY },
	{ "runc", NODE, 400, 0, POD "/" OTHER_ID, KILLER_ANYBODY },
	{ "runc", NODE, 400, 0, NODE, KILLER_ANYBODY },
	{ "runc", NODE, 400, 0, NODE "/docker/" OTHER_ID, KILLER_ANYBODY },
	{ "runc", NODE POD, 400, 0, NODE POD "/" OTHER_ID, KILLER_ANYBODY },
	{ "runc", POD "/" ID, 400, 0, POD "/" ID "/docker/" OTHER_ID, KILLER_ANYBODY },
	{ "runc", "/docker/" OTHER_ID, 400, 0, NODE "/kubelet" POD "/" OTHER_ID, KILLER_ANYBODY },
};

static void test_cases(void **state)
{
	static struct death death;
	struct owner sender, victim;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(&death, 0, sizeof(death));
		death.has_signal = true;
		death.signal.sender_pid = cases[i].pid;
		death.signal.sender_uid = cases[i].uid;
		strcpy(death.signal.sender_comm, cases[i].comm);
		strcpy(death.sender_path, cases[i].path);
		owner_from_path(cases[i].path, &sender);
		owner_from_path(cases[i].victim, &victim);
		if (killer_of(&death, &sender, &victim) != cases[i].want)
			fail_msg("case %zu: %s in %s", i, cases[i].comm, cases[i].path);
		/* a process that kills itself acts for no other */
		death.signal.flags = KT_SIGNAL_SELF;
		assert_int_equal(killer_of(&death, &sender, &victim), KILLER_ANYBODY);
		death.has_signal = false;
		assert_int_equal(killer_of(&death, &sender, &victim), KILLER_ANYBODY);
	}
}

/* Version 1 only: the default hierarchy has nothing about any process. */
static void test_oom_daemon_of_version_1(void **state)
{
	static struct death death;

	(void)state;
	memset(&death, 0, sizeof(death));
	death.has_signal = true;
	strcpy(death.signal.sender_comm, "earlyoom");
	strcpy(death.sender_path, "/");
	assert_false(killer_is_oom_daemon(&death));
	strcpy(death.sender_memory_path, "/system.slice/earlyoom.service");
	assert_true(killer_is_oom_daemon(&death));
	strcpy(death.sender_path, "/system.slice/docker.service");
	assert_false(killer_is_oom_daemon(&death));
	/* it ends itself, as any process may */
	strcpy(death.cgroup_path, "/system.slice/earlyoom.service");
	death.signal.flags = KT_SIGNAL_SELF;
	assert_false(killer_is_oom_daemon(&death));
}

static void test_words(void **state)
{
	(void)state;
	assert_null(killer_name(KILLER_ANYBODY));
	assert_null(killer_meaning(KILLER_ANYBODY));
	assert_null(killer_meaning(KILLER_OOM_DAEMON));
	assert_non_null(killer_meaning(KILLER_SERVICE_MANAGER));
	assert_non_null(killer_meaning(KILLER_CONTAINER_RUNTIME));
	for (int i = KILLER_OOM_DAEMON; i <= KILLER_CONTAINER_RUNTIME; i++) {
		assert_non_null(killer_name((enum killer)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_oom_daemon_of_version_1),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("killer", tests, NULL, NULL);
}
