// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cgroup paths in configurations, compared with the container's real cgroup. The pairs were seen
 * with the named runtimes.
 */
#include "unit.h"

#include "attribute/container_place.h"

#include <string.h>

#define ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define NODE "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961"
#define POD "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
#define POD_NAME "kubepods-burstable-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice"
#define POD_SLICE "/kubepods.slice/kubepods-burstable.slice/" POD_NAME
#define CRI POD_NAME ":cri-containerd:" ID
#define CRI_SCOPE "/cri-containerd-" ID ".scope"

static const struct place_case {
	const char *configured, *path, *node;
	bool fits;
} cases[] = {
	/* cgroupfs: runc and crun by containerd, dockerd, Podman */
	{ POD "/" ID, POD "/" ID, "", true },
	{ "/docker/" ID, "/docker/" ID "/below", "", true },
	{ "/libpod_parent/libpod-" ID, "/libpod_parent/libpod-" ID, "", true },
	{ "/system.slice/nginx.service/libpod-payload-" ID,
	  "/system.slice/nginx.service/libpod-payload-" ID, "", true },
	{ "/docker/" ID, "/docker/" ID "0", "", false },
	{ "/docker/" ID, "/docker", "", false },
	{ "/docker/" ID, "/system.slice/evil.service/docker/" ID, "", false },
	{ "/docker/" ID, "/system.slice/docker-" ID ".scope", "", false },
	{ POD "/" ID, "/system.slice/evil.service" POD "/" ID, "", false },
	{ "/", "/system.slice/evil.service", "", false },
	{ "/", "/", "", false },
	{ "", "/docker/" ID, "", false },
	/* systemd: SLICE:PREFIX:NAME */
	{ CRI, POD_SLICE CRI_SCOPE, "", true },
	{ "system.slice:docker:" ID, "/system.slice/docker-" ID ".scope/init.scope", "", true },
	{ "machine.slice:libpod:" ID, "/machine.slice/libpod-" ID ".scope/container", "", true },
	{ "system.slice:nerdctl:" ID, "/system.slice/nerdctl-" ID ".scope", "", true },
	{ ":runc:web", "/system.slice/runc-web.scope", "", true },
	{ "-.slice:docker:" ID, "/docker-" ID ".scope", "", true },
	{ "system.slice::web", "/system.slice/web.scope", "", true },
	{ "a-b.slice:x:a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice", "", true },
	{ "system.slice:docker:" ID, "/docker-" ID ".scope", "", false },
	{ "system.slice:docker:" ID, "/system.slice/evil.service/docker-" ID ".scope", "", false },
	{ "system.slice:docker:" ID, "/system.slice/evil.service/system.slice/docker-" ID ".scope",
	  "", false },
	{ CRI, "/batch.slice" CRI_SCOPE, "", false },
	{ CRI, "/system.slice/evil.service" POD_SLICE CRI_SCOPE, "", false },
	{ "system:docker:" ID, "/system/docker-" ID ".scope", "", false },
	{ "system.slice:docker:", "/system.slice/docker-.scope", "", false },
	/*
	 * with the other driver: one directory of this name, at the root or in the runtime's cgroup
	 */
	{ CRI, "/" CRI, "", true },
	{ CRI, "/system.slice/containerd.service/" CRI, "", true },
	{ CRI, "/system.slice/evil.service/" CRI, "", false },
	{ CRI, "/system.slice/containerd-evil/" CRI, "", false },
	{ CRI, "/system.slice/containerdx.service/" CRI, "", false },
	{ "batch/" ID, "/batch/" ID, "", true },
	{ "batch/" ID, "/system.slice/docker.service/batch/" ID, "", true },
	{ "batch/" ID, "/system.slice/evil.service/batch/" ID, "", false },
	/* k3s with the kubelet's tree below its unit */
	{ CRI, "/system.slice/k3s.service" POD_SLICE CRI_SCOPE, "", true },
	{ CRI, "/system.slice/k3s-agent.service" POD_SLICE CRI_SCOPE, "", true },
	/* a node that is a container: paths are relative to its own root */
	{ "/kubelet" POD "/" ID, "/docker/" NODE "/kubelet" POD "/" ID, NODE, true },
	{ CRI, "/docker/" NODE POD_SLICE CRI_SCOPE, NODE, true },
	{ CRI, "/system.slice/docker-" NODE ".scope" POD_SLICE CRI_SCOPE, NODE, true },
	{ CRI, "/machine.slice/libpod-" NODE ".scope/container" POD_SLICE CRI_SCOPE, NODE, true },
	{ CRI, "/docker/" NODE "/system.slice/evil.service" POD_SLICE CRI_SCOPE, NODE, false },
	{ CRI, "/docker/" NODE "/x" POD_SLICE CRI_SCOPE, NODE, false },
	{ CRI, "/docker/" NODE, NODE, false },
	{ CRI, POD_SLICE CRI_SCOPE, NODE, false },
	{ CRI, "/docker/" NODE POD_SLICE CRI_SCOPE, "", false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (container_place_fits(cases[i].configured, cases[i].path, cases[i].node) !=
		    cases[i].fits)
			fail_msg("case %zu: %s at %s", i, cases[i].configured, cases[i].path);
}

/* Deep slices: their length grows with the square of the depth. */
static void test_lengths(void **state)
{
	static char configured[1024], path[1024];

	(void)state;
	for (size_t n = 1; n < 500; n++) {
		memset(configured, 'x', sizeof(configured));
		for (size_t i = 1; i < n; i += 2)
			configured[i] = '-';
		strcpy(configured + n, ".slice:docker:" ID);
		memcpy(path, "/docker/", 8);
		assert_false(container_place_fits(configured, path, ""));
	}
	memset(configured, '-', sizeof(configured));
	configured[sizeof(configured) - 1] = '\0';
	assert_false(container_place_fits(configured, "/docker/" ID, ""));
	memset(configured, ':', sizeof(configured) - 1);
	assert_false(container_place_fits(configured, "/docker/" ID, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests_name("container_place", tests, NULL, NULL);
}
