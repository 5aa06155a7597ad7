// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/naming.h"
#include "attribute/parser.h"
#include "base/clock.h"
#include "tree.h"

#include <errno.h>
#include <sys/mount.h>

#define ID "73fe6f8d73102b60567e65019b73398b22708cdd08365751dcd075e9be010bfc"
#define OTHER "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define THIRD "0e1b7c9a4e0ddf0fae8a2b9f3a1c6f54e7d2aa63b3cf34b9e6d1c1f7e0a95b21"
#define FOURTH "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1"
#define UID "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
#define OTHER_UID "2c48913c-b29f-11e7-9350-020968147796"
#define TASKS "/run/containerd/io.containerd.runtime.v2.task"
#define CRI_CONFIG                                                    \
	"{\"annotations\":{"                                          \
	"\"io.kubernetes.cri.container-name\":\"app\","               \
	"\"io.kubernetes.cri.image-name\":\"registry.example/bb:1\"," \
	"\"io.kubernetes.cri.sandbox-name\":\"web-0\","               \
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\","           \
	"\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}"
#define DOCKER_CONFIG "{\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\"}}"

static struct naming *naming;
static struct owner owner;
static struct names names;

static int teardown(void **state)
{
	naming_stop(naming);
	naming = NULL;
	return tree_remove(state);
}

/* As in the agent: a separate process reads the files. */
static void start(void)
{
	struct parser *parser;

	assert_int_equal(parser_start(&parser), 0);
	parser_set_patience(parser, 10000);
	assert_int_equal(naming_start(tree_root, parser, &naming), 0);
	naming_set_patience(naming, 10 * (uint64_t)NS_PER_S);
}

static struct naming_troubles troubles(void)
{
	struct naming_troubles found;

	naming_read_troubles(naming, &found);
	return found;
}

/* On a busy machine an answer may be late, which is counted: then it is asked for again. */
static void find(const char *path)
{
	uint64_t late;

	owner_from_path(path, &owner);
	do {
		late = troubles().late;
		naming_begin(naming);
		naming_find(naming, &owner, path, &names);
		if (troubles().late > late)
			usleep(100000);
	} while (troubles().late > late);
}

static uint64_t unreadable(void)
{
	return troubles().unreadable;
}

static void test_containerd(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	start();
	/* the cgroupfs driver: the path does not show the runtime */
	find("/kubepods/burstable/pod" UID "/" ID);
	assert_string_equal(names.name, "app");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.image, "registry.example/bb:1");
	assert_string_equal(names.runtime, "containerd");
	/* known now, and as long as it is used */
	assert_int_equal(unlink(tree_path(TASKS "/k8s.io/" ID "/config.json")), 0);
	find("/kubepods/burstable/pod" UID "/" ID);
	assert_string_equal(names.pod, "web-0");
	assert_int_equal(unreadable(), 0);
}

static void test_other_namespaces(void **state)
{
	(void)state;
	tree_write(TASKS "/customers/redis/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"cache\"}}");
	tree_write(TASKS "/moby/" ID "/config.json", "{\"hostname\":\"x\"}");
	tree_write("/var/lib/docker/containers/" ID "/config.v2.json", DOCKER_CONFIG);
	start();
	find("/default/redis");
	assert_string_equal(names.name, "cache");
	find("/system.slice/docker-" ID ".scope");
	assert_string_equal(names.name, "web");
	assert_string_equal(names.runtime, "docker");
	assert_string_equal(names.image, "bb:1");
}

/* Users can choose ids, and two namespaces can have the same one. */
static void test_same_id_twice(void **state)
{
	(void)state;
	tree_write(TASKS "/a-shop/web/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"billing\"}}");
	tree_write(TASKS "/default/web/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"mine\"}}");
	tree_write(TASKS "/a-shop/db/config.json", "{\"annotations\":{\"nerdctl/name\":\"one\"}}");
	tree_write(TASKS "/b-shop/db/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"other\"}}");
	start();
	find("/default/web");
	assert_string_equal(names.name, "mine");
	find("/default/db");
	assert_false(names_any(&names));
}

/* If the runtime left nothing, the kubelet's folders show the owner. */
static void test_kubelet_logs(void **state)
{
	(void)state;
	tree_write("/var/log/containers/web-0_shop_app-" ID ".log", "");
	tree_write("/var/log/containers/web-9_shop_app-" ID "0.log", "");
	tree_write("/var/log/pods/shop_db-0_" OTHER_UID "/x", "");
	start();
	find("/kubepods/pod" UID "/" ID);
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.container, "app");
	find("/kubepods/pod" OTHER_UID "/" OTHER);
	assert_string_equal(names.pod, "db-0");
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.container, "");
}

/* No name is better than a wrong one. */
static void test_another_owner(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	start();
	/* another pod */
	find("/kubepods/pod" OTHER_UID "/" ID);
	assert_false(names_any(&names));
	/* in a user's own subtree any name of another container can be forged */
	find("/user.slice/user-1000.slice/user@1000.service/cri-containerd-" ID ".scope");
	assert_string_equal(owner.container_id, ID);
	assert_false(names_any(&names));
	/* the same inside a container: only the outer one has files here */
	tree_write("/var/lib/docker/containers/" OTHER "/config.v2.json", DOCKER_CONFIG);
	find("/docker/" OTHER "/docker/" ID);
	assert_string_equal(owner.container_id, ID);
	assert_string_equal(names.name, "web");
	assert_string_equal(names.pod, "");
}

#define AT(path) "\"linux\":{\"cgroupsPath\":\"" path "\"}"
#define POD_PATH "/kubepods/burstable/pod" UID "/"

/*
 * A user with cgroups of its own names one after another container: it gets the id, but none of the
 * names.
 */
static void test_not_in_its_place(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/" ID "/config.json",
		   "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
		   "\"io.kubernetes.cri.sandbox-name\":\"web-0\"}," AT(POD_PATH ID) "}");
	tree_write("/var/lib/docker/containers/" OTHER "/config.v2.json", DOCKER_CONFIG);
	tree_write(TASKS "/moby/" OTHER "/config.json", "{" AT("system.slice:docker:" OTHER) "}");
	start();
	find("/system.slice/evil.service" POD_PATH ID);
	assert_string_equal(owner.container_id, ID);
	assert_false(names_any(&names));
	/* this does not affect the container itself */
	find(POD_PATH ID);
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.name, "app");
	assert_string_equal(names.cgroup, "");
	find("/system.slice/evil.service/docker-" OTHER ".scope");
	assert_string_equal(owner.container_id, OTHER);
	assert_false(names_any(&names));
	find("/docker/" OTHER);
	assert_false(names_any(&names));
	find("/system.slice/docker-" OTHER ".scope/below");
	assert_string_equal(names.name, "web");
	/* also as the node around it */
	find("/docker/" OTHER "/kubelet" POD_PATH ID);
	assert_false(names_any(&names));
	find("/system.slice/docker-" OTHER ".scope/kubelet" POD_PATH ID);
	assert_string_equal(names.name, "web");
	/* Kata's virtual machine is elsewhere by design */
	find("/kubepods/pod" UID "/kata_" ID);
	assert_string_equal(names.pod, "web-0");
}

#define SNAP "/var/snap/docker"

/* Docker from a snap, and one that its administrator has moved. */
static void test_docker_elsewhere(void **state)
{
	char path[80];
	static const char *const bad[] = { "{\"data-root\":7}", "{\"data-root\":\"srv\"}",
					   "[\"/srv\"]", "{" };

	(void)state;
	tree_write(SNAP "/common/var-lib-docker/containers/" ID "/config.v2.json", DOCKER_CONFIG);
	tree_write("/srv/docker/containers/" OTHER "/config.v2.json", DOCKER_CONFIG);
	tree_write("/srv/old/containers/" THIRD "/config.v2.json", DOCKER_CONFIG);
	tree_write(SNAP "/7/config/daemon.json", "{\"graph\":\"/srv/old\"}");
	assert_int_equal(symlink("7", tree_path(SNAP "/current")), 0);
	start();
	find("/docker/" ID);
	assert_string_equal(names.name, "web");
	find("/docker/" THIRD);
	assert_string_equal(names.name, "web");
	for (size_t i = 0; i < COUNT(bad); i++) {
		tree_write("/etc/docker/daemon.json", bad[i]);
		(void)snprintf(path, sizeof(path), "/docker/%064zx", i);
		find(path);
		assert_string_equal(names.name, "");
		assert_int_equal(unreadable(), i + 1);
	}
	tree_write("/etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
	find("/system.slice/docker-" OTHER ".scope");
	assert_string_equal(names.name, "web");
	assert_string_equal(names.image, "bb:1");
}

/* Noticed long before other cached names would expire. */
static void test_docker_rename(void **state)
{
	const uint64_t until = clock_boottime_ns() + 5 * (uint64_t)NS_PER_S;

	(void)state;
	tree_write("/var/lib/docker/containers/" ID "/config.v2.json", DOCKER_CONFIG);
	start();
	find("/docker/" ID);
	assert_string_equal(names.name, "web");
	tree_write("/var/lib/docker/containers/" ID "/config.v2.json", "{\"Name\":\"/renamed\"}");
	while (strcmp(names.name, "renamed") != 0 && clock_boottime_ns() < until)
		find("/docker/" ID);
	assert_string_equal(names.name, "renamed");
}

/* Bottlerocket has a separate containerd for the host's administration. */
static void test_host_containerd(void **state)
{
	(void)state;
	tree_write("/run/host-containerd/io.containerd.runtime.v2.task/default/admin/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"admin\"}}");
	start();
	find("/default/admin");
	assert_string_equal(names.name, "admin");
	assert_string_equal(names.runtime, "containerd");
	/* if two daemons have a container with the same id, their names are not mixed */
	tree_write(TASKS "/default/web/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"one\"}}");
	tree_write("/run/host-containerd/io.containerd.runtime.v2.task/default/web/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"two\"}}");
	find("/default/web");
	assert_string_equal(names.name, "one");
	assert_int_equal(unreadable(), 0);
}

/* The id appears in another runtime's bundle, or in none. */
static void test_place_of_podman(void **state)
{
	(void)state;
	tree_write("/var/lib/containers/storage/overlay-containers/containers.json",
		   "[{\"id\":\"" ID "\",\"names\":[\"web\"]},"
		   "{\"id\":\"" OTHER "\",\"names\":[\"db\"]}]");
	tree_write("/run/containers/storage/overlay-containers/" ID "/userdata/config.json",
		   "{" AT("machine.slice:libpod:" ID) "}");
	start();
	find("/system.slice/evil.service/libpod-" ID ".scope");
	assert_false(names_any(&names));
	find("/machine.slice/libpod-" ID ".scope/container");
	assert_string_equal(names.name, "web");
	find("/machine.slice/libpod-" OTHER ".scope/container");
	assert_string_equal(names.name, "db");
	assert_int_equal(unreadable(), 0);
}

#define STORAGE "/run/containers/storage/overlay-containers"
#define CRIO_CONFIG(more)                                                       \
	"{\"annotations\":{" more "\"io.kubernetes.container.name\":\"miner\"," \
	"\"io.kubernetes.pod.name\":\"miner-0\","                               \
	"\"io.kubernetes.pod.namespace\":\"evil\","                             \
	"\"io.kubernetes.pod.uid\":\"" UID "\"}}"

/* A pod of CRI-O with annotations like those of containerd. */
static void test_forged_annotations(void **state)
{
	(void)state;
	tree_write(STORAGE "/" ID "/userdata/config.json",
		   CRIO_CONFIG("\"io.kubernetes.cri.container-type\":\"sandbox\","
			       "\"io.kubernetes.cri.container-name\":\"etcd\","
			       "\"io.kubernetes.cri.sandbox-name\":\"etcd-master\","
			       "\"io.kubernetes.cri.sandbox-namespace\":\"kube-system\","));
	start();
	find("/kubepods/pod" UID "/crio-" ID);
	assert_string_equal(names.pod, "miner-0");
	assert_string_equal(names.namespace, "evil");
	assert_string_equal(names.container, "miner");
	assert_string_equal(names.name, "miner");
	assert_string_equal(names.sandbox, "");
}

/* The sandbox of a pod is not a container of the pod, whatever its name in the list of storage. */
static void test_crio_sandbox(void **state)
{
	(void)state;
	tree_write(STORAGE "/" ID "/userdata/config.json",
		   CRIO_CONFIG("\"io.kubernetes.cri-o.ContainerType\":\"sandbox\","));
	tree_write("/var/lib/containers/storage/overlay-containers/containers.json",
		   "[{\"id\":\"" ID "\",\"names\":[\"k8s_POD_miner-0_evil\"]}]");
	start();
	find("/kubepods/pod" UID "/crio-" ID);
	assert_string_equal(names.pod, "miner-0");
	assert_string_equal(names.sandbox, "yes");
	assert_string_equal(names.container, "");
	assert_string_equal(names.name, "");
}

#define LABELLED                                             \
	"{\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\"," \
	"\"Labels\":{\"io.kubernetes.pod.name\":\"etcd\","   \
	"\"io.kubernetes.pod.namespace\":\"kube-system\","   \
	"\"io.kubernetes.container.name\":\"etcd\","         \
	"\"io.kubernetes.pod.uid\":\"" UID "\"}}}"

static void assert_no_pod(void)
{
	assert_string_equal(names.pod, "");
	assert_string_equal(names.namespace, "");
	assert_string_equal(names.pod_uid, "");
	assert_string_equal(names.container, "");
	assert_string_equal(names.sandbox, "");
}

/* The maker of an image can use any labels: it is a pod's container only if the path shows that. */
static void test_forged_labels(void **state)
{
	(void)state;
	tree_write("/var/lib/docker/containers/" ID "/config.v2.json", LABELLED);
	tree_write(STORAGE "/" OTHER "/userdata/config.json", CRIO_CONFIG(""));
	tree_write(TASKS "/shop/web/config.json", "{\"annotations\":{\"nerdctl/name\":\"web\","
						  "\"io.kubernetes.cri.sandbox-name\":\"etcd\"}}");
	start();
	find("/docker/" ID);
	assert_string_equal(names.name, "web");
	assert_string_equal(names.image, "bb:1");
	assert_no_pod();
	/* its own bundle does not make it one of the kubelet's either */
	tree_write("/var/lib/docker/containers/" THIRD "/config.v2.json", LABELLED);
	tree_write(TASKS "/moby/" THIRD "/config.json",
		   "{\"annotations\":{\"nerdctl/name\":\"web\"}}");
	find("/some/parent/" THIRD);
	assert_string_equal(names.name, "web");
	assert_string_equal(names.runtime, "containerd");
	assert_string_equal(names.image, "bb:1");
	assert_no_pod();
	find("/kubepods/pod" UID "/" ID);
	assert_string_equal(names.pod, "etcd");
	/* Podman copies an image's annotations */
	find("/some/parent/" OTHER);
	assert_no_pod();
	find("/system.slice/crio-" OTHER ".scope");
	assert_string_equal(names.pod, "miner-0");
	find("/default/web");
	assert_string_equal(names.name, "web");
	assert_no_pod();
}

#define NODE "/docker/" THIRD "/kubelet/kubepods/burstable/pod"

/*
 * A node that is a container itself (kind, k3d, minikube), seen from inside: its own files are not
 * there, but those of its pods are.
 */
static void test_within_node(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	tree_write("/var/log/pods/shop_db-0_" OTHER_UID "/x", "");
	start();
	find(NODE UID "/" ID);
	assert_string_equal(owner.enclosing_id, THIRD);
	assert_string_equal(names.id, ID);
	assert_string_equal(names.name, "app");
	assert_string_equal(names.image, "registry.example/bb:1");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.runtime, "containerd");
	/* another pod of the same node, right after */
	find(NODE OTHER_UID "/" OTHER);
	assert_string_equal(names.pod, "db-0");
	assert_string_equal(names.id, OTHER);
	/* the files belong to another pod */
	find(NODE OTHER_UID "/" ID);
	assert_string_equal(names.name, "");
	assert_string_equal(names.container, "");
	/* inside a pod's container, only that one has files */
	find("/docker/" THIRD "/kubepods/pod" UID "/" ID "/docker/" OTHER);
	assert_string_equal(owner.enclosing_id, ID);
	assert_string_equal(names.name, "app");
	assert_string_equal(names.id, "");
}

/* From outside: a cgroup inside may have the name of another pod of this host. */
static void test_around_node(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	tree_write("/var/log/pods/shop_db-0_" OTHER_UID "/x", "");
	tree_write("/var/lib/docker/containers/" THIRD "/config.v2.json", DOCKER_CONFIG);
	start();
	find(NODE UID "/" ID);
	assert_string_equal(names.name, "web");
	assert_string_equal(names.id, "");
	assert_no_pod();
	find(NODE OTHER_UID "/" OTHER);
	assert_string_equal(names.name, "web");
	assert_no_pod();
	/* a forged node */
	find("/docker/" THIRD "/docker/" OTHER "/kubepods/pod" UID "/" ID);
	assert_false(names_any(&names));
	/* a pod inside a pod: everything belongs to the outer one */
	tree_write("/var/log/pods/shop_db-0_" OTHER_UID "/x", "");
	find("/kubepods/pod" OTHER_UID "/" FOURTH "/lxc/ci/kubepods/pod" UID "/" ID);
	assert_string_equal(owner.pod_uid, OTHER_UID);
	assert_string_equal(names.pod, "db-0");
	assert_string_equal(names.name, "");
	find("/kubepods/pod" OTHER_UID "/" FOURTH "/kubepods/pod" UID "/" ID);
	assert_string_equal(owner.container_id, FOURTH);
	assert_string_equal(names.pod, "db-0");
	assert_string_equal(names.name, "");
}

/*
 * Each driver of containers/storage has a folder with two lists: one of containers that survive a
 * boot, and one of the others.
 */
static void test_storage_drivers(void **state)
{
	static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" }, *const lists[] = {
		"", "volatile-"
	};
	char id[65], text[256], path[128];

	(void)state;
	start();
	for (unsigned int i = 0; i < COUNT(drivers) * COUNT(lists); i++) {
		(void)snprintf(id, sizeof(id), "%064x", i + 1);
		(void)snprintf(path, sizeof(path),
			       "/var/lib/containers/storage/%s-containers/%scontainers.json",
			       drivers[i / 2], lists[i % 2]);
		(void)snprintf(text, sizeof(text), "[{\"id\":\"%s\",\"names\":[\"%s\"]}]", id,
			       path);
		tree_write(path, text);
		(void)snprintf(text, sizeof(text), "/machine.slice/libpod-%s.scope", id);
		find(text);
		assert_string_equal(names.name, path);
	}
}

static void test_not_to_be_found(void **state)
{
	(void)state;
	start();
	find("/system.slice/shop.service");
	assert_false(names_any(&names));
	find("/docker/" ID);
	assert_false(names_any(&names));
	naming_find(NULL, &owner, "/docker/" ID, &names);
	assert_false(names_any(&names));
	assert_int_equal(unreadable(), 0);
}

static void test_hostile_files(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(tree_path(TASKS "/k8s.io/" ID "/config.json"), 0600), 0);
	tree_write("/var/lib/docker/containers/" OTHER "/config.v2.json", "{\"Name\":\"/we");
	assert_int_equal(symlink("loop", tree_path("/var/log/containers")), 0);
	tree_write("/var/log/pods/shop_web-0_" UID "/x", "");
	start();
	find("/kubepods/pod" UID "/" ID);
	assert_string_equal(names.pod, "web-0");
	assert_true(unreadable() >= 1);
	find("/docker/" OTHER);
	assert_false(names_any(&names));
	assert_true(unreadable() >= 2);
	/* an id is part of a path */
	strcpy(owner.container_id, "../" OTHER);
	naming_begin(naming);
	naming_find(naming, &owner, "/", &names);
	assert_false(names_any(&names));
}

#define RUNC_STATE(cgroup) "{\"cgroup_paths\":{\"\":\"/sys/fs/cgroup" cgroup "\"}}"

/* The path has no container, but a runtime has it as a container's. */
static void test_claims(void **state)
{
	(void)state;
	tree_write("/run/runc/web/state.json", RUNC_STATE("/shop/web"));
	tree_write("/run/runc/init/state.json", RUNC_STATE("/elsewhere"));
	tree_write("/run/crun/cache/status",
		   "{\"cgroup-path\":\"/system.slice/shop.service/cache\"}");
	tree_write(TASKS "/shop/db/config.json", "{\"linux\":{\"cgroupsPath\":\"/shop/db\"},"
						 "\"annotations\":{\"nerdctl/name\":\"base\"}}");
	start();
	find("/shop/web");
	assert_string_equal(names.id, "web");
	assert_string_equal(names.runtime, "runc");
	assert_string_equal(names.name, "");
	/* processes inside may have made groups of their own */
	find("/shop/web/init");
	assert_string_equal(names.id, "web");
	find("/system.slice/shop.service/cache");
	assert_string_equal(names.id, "cache");
	assert_string_equal(names.runtime, "crun");
	find("/shop/db");
	assert_string_equal(names.id, "db");
	assert_string_equal(names.runtime, "containerd");
	assert_string_equal(names.name, "base");
	assert_int_equal(unreadable(), 0);
}

/* The folder has the right name, but belongs to another container. */
static void test_no_claims(void **state)
{
	static const char *const others[] = {
		"/web",
		"/shop/other/web",
		"/shop",
		"/",
		"",
		"/user.slice/user-1000.slice/user@1000.service/shop/web",
		"/user.slice/user-1000.slice/session-4.scope/shop/web",
		"/system.slice/any.service/shop/web",
		"/run/../shop/web",
		"/shop/..",
		"/shop//web",
	};

	(void)state;
	tree_write("/run/runc/web/state.json", RUNC_STATE("/shop/web"));
	tree_write("/run/runc/shop.service/state.json", RUNC_STATE("/system.slice/shop.service"));
	tree_write("/run/runc/x/state.json", "{\"cgroup_paths\":");
	start();
	for (size_t i = 0; i < COUNT(others); i++) {
		find(others[i]);
		assert_false(names_any(&names));
	}
	/* systemd's own units are not looked up */
	find("/system.slice/shop.service");
	assert_false(names_any(&names));
	assert_int_equal(unreadable(), 0);
	find("/x");
	assert_false(names_any(&names));
	assert_int_equal(unreadable(), 1);
}

/* 10,000 folders of logs, and the right one among them. */
static void test_many_logs(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(path, sizeof(path),
			       "/var/log/pods/shop_web-%d_6a4ce4a0-ba47-11ea-b2a7-%012d", i, i);
		assert_int_equal(mkdir(tree_path(path), 0700), 0);
	}
	start();
	find("/kubepods/pod6a4ce4a0-ba47-11ea-b2a7-000000007777/" ID);
	assert_string_equal(names.pod, "web-7777");
}

/* A container that ended before its names were requested. */
static void test_short_life(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/first/config.json", "{}");
	start();
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	/* its files are read after they had time to be written */
	usleep(500000);
	assert_int_equal(unlink(tree_path(TASKS "/k8s.io/" ID "/config.json")), 0);
	assert_int_equal(rmdir(tree_path(TASKS "/k8s.io/" ID)), 0);
	find("/kubepods/burstable/pod" UID "/" ID);
	assert_string_equal(names.pod, "web-0");
}

/* "runc run" forgets its container when it dies. */
static void test_short_claim(void **state)
{
	(void)state;
	tree_write("/run/crun/early/status", "{\"cgroup-path\":\"/early\"}");
	start();
	tree_write("/run/runc/web/state.json", RUNC_STATE("/shop/web"));
	usleep(500000);
	assert_int_equal(unlink(tree_path("/run/runc/web/state.json")), 0);
	assert_int_equal(rmdir(tree_path("/run/runc/web")), 0);
	assert_int_equal(unlink(tree_path("/run/crun/early/status")), 0);
	/* one that ran before us */
	find("/early");
	assert_string_equal(names.id, "early");
	/* one with a runtime that had no folder before */
	find("/shop/web");
	assert_string_equal(names.id, "web");
	assert_string_equal(names.runtime, "runc");
	assert_int_equal(unreadable(), 0);
}

#define MANY 300

static const char *nth(const char *before, int i, const char *behind)
{
	static char text[128];

	(void)snprintf(text, sizeof(text), "%s%d%s", before, i, behind);
	return text;
}

/* More containers that ran before us than are noted at once. */
static void test_many_claims(void **state)
{
	char file[128];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		strcpy(file, nth("/run/crun/c", i, "/status"));
		tree_write(file, nth("{\"cgroup-path\":\"/many/c", i, "\"}"));
	}
	start();
	sleep(5); /* 300 files, each read by the parser, on a busy machine */
	for (int i = 0; i < MANY; i++)
		assert_int_equal(unlink(tree_path(nth("/run/crun/c", i, "/status"))), 0);
	for (int i = 0; i < MANY; i++) {
		find(nth("/many/c", i, ""));
		assert_string_equal(names.id, nth("c", i, ""));
	}
}

/* Its files are written later than it is noticed, and it dies right after. */
static void test_slow_runtime(void **state)
{
	(void)state;
	tree_write(TASKS "/k8s.io/first/config.json", "{}");
	start();
	tree_write(TASKS "/k8s.io/" ID "/config.json", "{\"annotations\":{\"io.kub");
	assert_int_equal(mkdir(tree_path(TASKS "/k8s.io/" OTHER), 0700), 0);
	usleep(500000);
	tree_write(TASKS "/k8s.io/" ID "/config.json", CRI_CONFIG);
	tree_write(TASKS "/k8s.io/" OTHER "/config.json", CRI_CONFIG);
	find("/kubepods/burstable/pod" UID "/" ID);
	assert_string_equal(names.pod, "web-0");
	find("/kubepods/burstable/pod" UID "/" OTHER);
	assert_string_equal(names.pod, "web-0");
	assert_int_equal(unreadable(), 0);
}

static void test_no_root(void **state)
{
	(void)state;
	assert_int_equal(naming_start(tree_path("/none"), NULL, &naming), -ENOENT);
	naming_stop(NULL);
}

/* A mount without an answer, like that of a dead server. */
static int mount_hanging(const char *path)
{
	char options[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (!mount("fuse", path, "fuse", MS_NOSUID | MS_NODEV, options))
		return fd;
	(void)close(fd);
	return -1;
}

/* The agent starts, asks without success, and ends. */
static void test_hanging_at_start(void **state)
{
	uint64_t before = clock_boottime_ns(), took, late;
	int fuse, error;

	(void)state;
	tree_write("/run/runc/x", "");
	fuse = mount_hanging(tree_path("/run/runc"));
	if (fuse < 0)
		skip(); /* not possible: not root, or no FUSE */
	error = naming_start(tree_root, NULL, &naming);
	owner_from_path("/shop/web", &owner);
	naming_begin(naming);
	naming_find(naming, &owner, "/shop/web", &names);
	took = clock_boottime_ns() - before;
	late = error ? 0 : troubles().late;
	/* the mount stops hanging */
	(void)close(fuse);
	(void)umount2(tree_path("/run/runc"), MNT_DETACH);
	assert_int_equal(error, 0);
	assert_false(names_any(&names));
	assert_int_equal(late, 1);
	assert_true(took < 30 * (uint64_t)NS_PER_S);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_make, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_containerd),         TEST(test_claims),
		TEST(test_no_claims),          TEST(test_short_claim),
		TEST(test_other_namespaces),   TEST(test_same_id_twice),
		TEST(test_kubelet_logs),       TEST(test_another_owner),
		TEST(test_not_to_be_found),    TEST(test_hostile_files),
		TEST(test_many_logs),          TEST(test_short_life),
		TEST(test_forged_annotations), TEST(test_forged_labels),
		TEST(test_crio_sandbox),       TEST(test_not_in_its_place),
		TEST(test_place_of_podman),    TEST(test_docker_elsewhere),
		TEST(test_docker_rename),      TEST(test_host_containerd),
		TEST(test_within_node),        TEST(test_around_node),
		TEST(test_slow_runtime),       TEST(test_storage_drivers),
		TEST(test_many_claims),        TEST(test_no_root),
		TEST(test_hanging_at_start),
	};

	return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
