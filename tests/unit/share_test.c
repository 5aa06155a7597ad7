// SPDX-License-Identifier: BSD-2-Clause
/* The share to which a death belongs. */
#include "unit.h"

#include "attribute/share.h"

#include <stdio.h>
#include <string.h>

static struct attribution whose;
static struct death death;

static struct share of_cgroup(const char *path, uint32_t uid)
{
	memset(&whose, 0, sizeof(whose));
	memset(&death, 0, sizeof(death));
	(void)snprintf(death.cgroup_path, sizeof(death.cgroup_path), "%s", path);
	death.record.uid = uid;
	attribution_read(&death, &whose);
	return share_of(&whose, &death, "node");
}

static struct share of_pod(const char *namespace, const char *pod)
{
	memset(&whose, 0, sizeof(whose));
	memset(&death, 0, sizeof(death));
	(void)snprintf(whose.names.namespace, sizeof(whose.names.namespace), "%s", namespace);
	(void)snprintf(whose.names.pod, sizeof(whose.names.pod), "%s", pod);
	return share_of(&whose, &death, "node");
}

static void assert_same(struct share one, struct share other)
{
	assert_true(one.holder == other.holder);
	assert_true(one.workload == other.workload);
}

/* The same holder, but another workload of it. */
static void assert_beside(struct share one, struct share other)
{
	assert_true(one.holder == other.holder);
	assert_true(one.workload != other.workload);
}

static void assert_apart(struct share one, struct share other)
{
	assert_true(one.holder != other.holder);
	assert_true(one.workload != other.workload);
}

static void test_shares(void **state)
{
#define USER "/user.slice/user-1000.slice/"
	const struct share shop = of_cgroup("/system.slice/shop.service", 0);
	const struct share own = of_cgroup(USER "user@1000.service/app.slice/a.service", 1000);

	(void)state;
	assert_same(shop, of_cgroup("/system.slice/shop.service", 0));
	assert_beside(shop, of_cgroup("/system.slice/shop.service", 65534));
	assert_beside(shop, of_cgroup("/system.slice/bank.service", 0));
	assert_same(of_cgroup("/system.slice/systemd-coredump@1-23-0.service", 0),
		    of_cgroup("/system.slice/systemd-coredump@2-34-0.service", 0));
	assert_apart(shop, own);
	assert_beside(own, of_cgroup(USER "user@1000.service/app.slice/b.service", 1000));
	assert_beside(own, of_cgroup(USER "session-1.scope", 1000));
	assert_same(of_cgroup(USER "session-1.scope", 1000),
		    of_cgroup(USER "session-2.scope", 1000));
	assert_apart(own, of_cgroup("/user.slice/user-1001.slice/session-3.scope", 1001));
	assert_apart(shop, of_cgroup("/anything", 0));
	assert_same(of_cgroup("/batch/12", 7), of_cgroup("/batch/13", 7));
	assert_true(shop.holder && shop.workload);
}

static void test_pods(void **state)
{
	const struct share web = of_pod("shop", "web-7d4b9c6f5d-x2x8z");

	(void)state;
	assert_same(web, of_pod("shop", "web-7d4b9c6f5d-k4k7z"));
	assert_beside(web, of_pod("shop", "backup-29384723-x2x8z"));
	assert_same(of_pod("shop", "backup-29384723-x2x8z"),
		    of_pod("shop", "backup-29384783-k4k7z"));
	assert_apart(web, of_pod("bank", "web-7d4b9c6f5d-x2x8z"));
}

/* Nine thousand uids in a container are one workload, as in a pod. */
static void test_uids(void **state)
{
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DOCKER "/system.slice/docker-" ID ".scope"
	const struct share container = of_cgroup(DOCKER, 0);
	const struct share pod = of_pod("shop", "web-7d4b9c6f5d-x2x8z");
	const struct share machine = of_cgroup("/machine.slice/machine-guest.scope", 0);

	(void)state;
	for (uint32_t uid = 1; uid < 9000; uid++)
		assert_same(container, of_cgroup(DOCKER, uid));
	assert_same(machine, of_cgroup("/machine.slice/machine-guest.scope", 65534));
	assert_apart(container, of_cgroup("/system.slice/shop.service", 0));
	assert_apart(container, machine);
	(void)of_pod("shop", "web-7d4b9c6f5d-x2x8z");
	death.record.uid = 65534;
	assert_same(pod, share_of(&whose, &death, "node"));
	/* without units, only the user distinguishes them */
	assert_beside(of_cgroup("/", 1000), of_cgroup("/", 1001));
}

/* The number of workloads of one holder with that many uids. */
static unsigned int workloads_of(const char *path, uint32_t uids)
{
	const struct share first = of_cgroup(path, 0);
	uint64_t seen[64];
	unsigned int count = 0;

	for (uint32_t uid = 0; uid < uids; uid++) {
		const struct share share = of_cgroup(path, uid * 17);
		unsigned int i = 0;

		assert_true(share.holder == first.holder);
		while (i < count && seen[i] != share.workload)
			i++;
		if (i < count)
			continue;
		assert_true(count < COUNT(seen));
		seen[count++] = share.workload;
	}
	return count;
}

/* Users of one unit are separate, and a user with many uids gets few shares. */
static void test_many_uids_of_a_unit(void **state)
{
	static const char *const paths[] = { "/system.slice/cron.service", "/batch/guest", "/" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_in_range(workloads_of(paths[i], 9000), 2, 16);
		for (uint32_t uid = 1000; uid < 1015; uid++)
			assert_beside(of_cgroup(paths[i], uid), of_cgroup(paths[i], uid + 1));
	}
	assert_int_equal(workloads_of(DOCKER, 9000), 1);
	assert_int_equal(workloads_of("/machine.slice/machine-guest.scope", 9000), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_pods),
		cmocka_unit_test(test_uids),
		cmocka_unit_test(test_many_uids_of_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
