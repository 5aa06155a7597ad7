/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/owner.h"

#include "owner_cases.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASES (sizeof(owner_cases) / sizeof(owner_cases[0]))
#define PATH_LONGEST 4095
#define MUTATIONS 200000

#define ID_A "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define ID_B "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961"
#define ID_C "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a"
#define POD_A "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
#define POD_B "2c48913c-b29f-11e7-9350-020968147796"

static int check_field(const char *path, const char *field, const char *want, const char *got)
{
	if (!want)
		want = "";
	if (strcmp(want, got) == 0)
		return 0;
	print_error("%s: %s is \"%s\", not \"%s\"\n", path, field, got, want);
	return 1;
}

/* Prints every difference, so that one run shows all of a wrong case. */
static int check_owner(const struct owner_case *want, const struct owner *got)
{
	char uid[16] = "";
	int wrong = 0;

	if (got->have_owner_uid)
		snprintf(uid, sizeof(uid), "%" PRIu32, got->owner_uid);

	wrong += check_field(want->path, "unit", want->unit, got->unit);
	wrong += check_field(want->path, "user_unit", want->user_unit, got->user_unit);
	wrong += check_field(want->path, "slice", want->slice, got->slice);
	wrong += check_field(want->path, "session", want->session, got->session);
	wrong += check_field(want->path, "uid", want->uid, uid);
	wrong += check_field(want->path, "machine", want->machine, got->machine);
	wrong += check_field(want->path, "container_id", want->container_id, got->container_id);
	wrong += check_field(want->path, "runtime", want->runtime, got->runtime);
	wrong += check_field(want->path, "enclosing_id", want->enclosing_id, got->enclosing_id);
	wrong += check_field(want->path, "enclosing_runtime", want->enclosing_runtime,
			     got->enclosing_runtime);
	wrong += check_field(want->path, "pod_uid", want->pod_uid, got->pod_uid);
	wrong += check_field(want->path, "qos", want->qos, got->qos);
	wrong += check_field(want->path, "podman_pod", want->podman_pod, got->podman_pod);
	wrong += check_field(want->path, "slurm_job", want->slurm_job, got->slurm_job);
	wrong += check_field(want->path, "slurm_step", want->slurm_step, got->slurm_step);
	wrong += check_field(want->path, "slurm_task", want->slurm_task, got->slurm_task);
	return wrong;
}

static void expect(const struct owner_case *want)
{
	struct owner got;

	owner_from_path(want->path, &got);
	assert_int_equal(check_owner(want, &got), 0);
}

static void test_real_paths(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct owner got;

		/* The answer must not depend on what was in the struct. */
		memset(&got, 0x5a, sizeof(got));
		owner_from_path(owner_cases[i].path, &got);
		wrong += check_owner(&owner_cases[i], &got);
	}
	assert_int_equal(wrong, 0);
	assert_true(CASES >= 120);
}

/* Every path ends where unreadable memory begins, according to the address sanitizer. */
static void test_reads_nothing_behind_the_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		size_t size = strlen(owner_cases[i].path) + 1;

		for (size_t length = 0; length < size; length++) {
			char *path = malloc(length + 1);
			struct owner got;

			assert_non_null(path);
			memcpy(path, owner_cases[i].path, length);
			path[length] = '\0';
			owner_from_path(path, &got);
			free(path);
		}
	}
}

static void test_ids_are_whole_tokens(void **state)
{
	(void)state;
	/* One digit less, one more, other letters, upper case. */
	expect(&(struct owner_case){ .path = "/docker/63425c4a8b42" });
	expect(&(struct owner_case){ .path = "/docker/" ID_A "0" });
	expect(&(struct owner_case){ .path = "/docker/g3425c4a8b4291744a79dd9011fddc7a1f8ffda61f65"
					     "d72196aa01d00cae2e2d" });
	expect(&(struct owner_case){ .path = "/docker/63425C4A8B4291744A79DD9011FDDC7A1F8FFDA61F65"
					     "D72196AA01D00CAE2E2D" });
	expect(&(struct owner_case){ .path = "/docker/x" ID_A });
	expect(&(struct owner_case){ .path = "/docker/" ID_A ID_A });
	expect(&(struct owner_case){ .path = "/docker/" ID_A " (deleted)" });
	expect(&(struct owner_case){ .path = "/system.slice/docker-" ID_A "0.scope",
				     .unit = "docker-" ID_A "0.scope",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/system.slice/docker-.scope",
				     .unit = "docker-.scope",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/system.slice/docker-" ID_A ".service",
				     .unit = "docker-" ID_A ".service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/kubepods/burstable/pod6a4ce4a0-ba47/" ID_A,
				     .container_id = ID_A });
	expect(&(struct owner_case){ .path = "/kubepods/burstable/pod" POD_A "0" });
	expect(&(struct owner_case){ .path = "/kubepods/burstable/pod6A4CE4A0-BA47-11EA-B2A7-"
					     "0CC47AC5979E" });
	/* A mix of both drivers' separators is not from the kubelet. */
	expect(&(struct owner_case){ .path = "/kubepods/pod6a4ce4a0-ba47_11ea-b2a7_0cc47ac5979e" });
	expect(&(struct owner_case){
		.path = "/mykubepods-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e" });
}

static void test_hostile_names(void **state)
{
	(void)state;
	expect(&(struct owner_case){ .path = "" });
	expect(&(struct owner_case){ .path = "/" });
	expect(&(struct owner_case){ .path = "////////" });
	expect(&(struct owner_case){ .path = "/../.." });
	expect(&(struct owner_case){ .path = "/./../system.slice/a.service" });
	expect(&(struct owner_case){ .path = "/system.slice/../a.service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){
		.path = "system.slice/a.service", .unit = "a.service", .slice = "system.slice" });
	/* Newlines, terminal escapes and bytes that are not UTF-8 make no unit and no container. */
	expect(&(struct owner_case){ .path = "/system.slice/a\nb.service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/system.slice/\033[2J.service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/system.slice/\xff\xfe\x80.service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/lxc.payload.\xc3\x28" });
	expect(&(struct owner_case){ .path = "/lxc/a\nb" });
	expect(&(struct owner_case){ .path = "/default/-leading" });
	expect(&(struct owner_case){ .path = "/default/a..b" });
	expect(&(struct owner_case){ .path = "/elsewhere/default/web" });
	expect(&(struct owner_case){ .path = "/a.slice:b" });
	expect(&(struct owner_case){ .path = "/a.slice::" });
	expect(&(struct owner_case){ .path = "/a.slice:docker:" });
	expect(&(struct owner_case){ .path = ":::/::" });
	/* Unit types and templates that have no processes. */
	expect(&(struct owner_case){ .path = "/.service" });
	expect(&(struct owner_case){ .path = "/@x.service" });
	expect(&(struct owner_case){ .path = "/a.services" });
	expect(&(struct owner_case){ .path = "/a@b.slice/c.service" });
}

static void test_hostile_machines_and_users(void **state)
{
	(void)state;
	/* Broken escapes, an escaped NUL, newline or slash are no host name. */
	expect(&(struct owner_case){ .path = "/machine-a\\x2.scope",
				     .unit = "machine-a\\x2.scope" });
	expect(&(struct owner_case){ .path = "/machine-a\\.scope", .unit = "machine-a\\.scope" });
	expect(&(struct owner_case){ .path = "/machine-a\\xzz.scope",
				     .unit = "machine-a\\xzz.scope" });
	expect(&(struct owner_case){ .path = "/machine-a\\x00.scope",
				     .unit = "machine-a\\x00.scope" });
	expect(&(struct owner_case){ .path = "/machine-a\\x0ab.scope",
				     .unit = "machine-a\\x0ab.scope" });
	expect(&(struct owner_case){ .path = "/machine-a\\x2fb.scope",
				     .unit = "machine-a\\x2fb.scope" });
	expect(&(struct owner_case){ .path = "/machine-.scope", .unit = "machine-.scope" });
	/* Uids that overflow, have leading zeros, or mean "no uid". */
	expect(&(struct owner_case){ .path = "/user.slice/user-4294967295.slice",
				     .slice = "user-4294967295.slice" });
	expect(&(struct owner_case){ .path = "/user.slice/user-4294967296.slice",
				     .slice = "user-4294967296.slice" });
	expect(&(struct owner_case){ .path = "/user.slice/user-65535.slice",
				     .slice = "user-65535.slice" });
	expect(&(struct owner_case){ .path = "/user.slice/user-01.slice",
				     .slice = "user-01.slice" });
	expect(&(struct owner_case){ .path = "/user.slice/user-4294967294.slice",
				     .slice = "user-4294967294.slice",
				     .uid = "4294967294" });
	expect(&(struct owner_case){ .path = "/user@99999999999.service/a.service",
				     .unit = "user@99999999999.service" });
	/* Two uids: systemd uses the slice. */
	expect(&(struct owner_case){ .path = "/user.slice/user-1000.slice/user@1001.service",
				     .unit = "user@1001.service",
				     .slice = "user-1000.slice",
				     .uid = "1000" });
	/* An escaped session is one, but systemd looks for no units below it. */
	expect(&(struct owner_case){
		.path = "/_session-2.scope/x.service", .unit = "session-2.scope", .session = "2" });
	expect(&(struct owner_case){ .path = "/session-a_b.scope/x.service",
				     .unit = "session-a_b.scope" });
}

static void fill(char *path, size_t length, const char *pattern)
{
	for (size_t i = 0; i < length; i++)
		path[i] = pattern[i % strlen(pattern)];
	path[length] = '\0';
}

static void test_hostile_lengths(void **state)
{
	static const char container[] = "/docker/" ID_A, bare[] = "/" ID_A;
	const char *const patterns[] = {
		container,
		bare,
		"a",
		"/",
		"/a",
		"/a.slice",
		"/a.slice:b:c",
		".service",
		"/docker",
		"\\x2d",
		"_",
		":",
		"@",
		"-",
		"pod",
		"/kubepods",
		"/lxc/",
		"/machine-a.scope",
		"-libpod_pod_",
		"\xff",
	};
	static char path[PATH_LONGEST + 1];
	struct owner got;

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		for (size_t length = PATH_LONGEST - 300; length <= PATH_LONGEST; length++) {
			fill(path, length, patterns[i]);
			owner_from_path(path, &got);
		}
	}
	fill(path, PATH_LONGEST, "a");
	expect(&(struct owner_case){ .path = path });
	fill(path, PATH_LONGEST, "/a");
	expect(&(struct owner_case){ .path = path });
}

/* The longest names that fit are complete; longer ones are left out. */
static void test_names_are_never_cut(void **state)
{
	char path[512], name[300];
	struct owner got;

	(void)state;
	fill(name, 255 - strlen(".service"), "u");
	snprintf(path, sizeof(path), "/system.slice/%s.service", name);
	owner_from_path(path, &got);
	assert_string_equal(got.unit, path + strlen("/system.slice/"));
	snprintf(path, sizeof(path), "/system.slice/%su.service", name);
	owner_from_path(path, &got);
	assert_string_equal(got.unit, "");

	fill(name, 128, "n");
	snprintf(path, sizeof(path), "/lxc.payload.%s", name);
	owner_from_path(path, &got);
	assert_string_equal(got.container_id, name);
	snprintf(path, sizeof(path), "/lxc.payload.%sn", name);
	owner_from_path(path, &got);
	assert_string_equal(got.container_id, "");

	fill(name, 64, "m");
	snprintf(path, sizeof(path), "/machine-%s.scope", name);
	owner_from_path(path, &got);
	assert_string_equal(got.machine, name);
	snprintf(path, sizeof(path), "/machine-%sm.scope", name);
	owner_from_path(path, &got);
	assert_string_equal(got.machine, "");

	fill(name, 63, "7");
	snprintf(path, sizeof(path), "/session-%s.scope", name);
	owner_from_path(path, &got);
	assert_string_equal(got.session, name);
}

/* A helper in a pod's cgroup must not get the container that surrounds the pod. */
static void test_enclosing_container_is_not_the_pods(void **state)
{
	(void)state;
	expect(&(struct owner_case){ .path = "/docker/" ID_A "/kubepods/pod" POD_A
					     "/crio-conmon-" ID_B,
				     .pod_uid = POD_A,
				     .qos = "guaranteed",
				     .enclosing_id = ID_A,
				     .enclosing_runtime = "docker" });
}

/*
 * A pod with cgroups of its own (a tenant, or kind in a pod) can make any name below. The result is
 * the outer pod, which the kubelet made, and its containers up to the other name.
 */
static void test_pod_within_a_pod(void **state)
{
	static const struct owner_case outer = { .container_id = ID_A,
						 .pod_uid = POD_A,
						 .qos = "burstable" };
	static const char *const inner[] = {
		"/kubepods/pod" POD_B "/" ID_B,
		"/kubepods/pod" POD_B,
		"/pod" POD_B "/" ID_B,
		"/kubepods/burstable/pod" POD_A "/" ID_B,
		"/kubepods.slice/kubepods-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice/"
		"cri-containerd-" ID_B ".scope",
		"/kubepods-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice:cri-containerd:" ID_B,
		"/kubepods/pod" POD_B "/" ID_B "/kubepods/pod" POD_A "/" ID_C,
		"/x/y/pod" POD_B "/docker/" ID_B,
	};
	struct owner_case want = outer;
	char path[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		(void)snprintf(path, sizeof(path), "/kubepods/burstable/pod" POD_A "/" ID_A "%s",
			       inner[i]);
		want.path = path;
		expect(&want);
	}
	/* a unit that root made stays, even if a unit with a known name is further down */
	expect(&(struct owner_case){
		.path = "/system.slice/k3s.service/kubepods/burstable/pod" POD_A "/" ID_A
			"/system.slice/sshd.service/kubepods/pod" POD_B "/" ID_B,
		.unit = "k3s.service",
		.slice = "system.slice",
		.container_id = ID_A,
		.pod_uid = POD_A,
		.qos = "burstable" });
	/* a node in a container of the pod is recognized, but its pods are not */
	expect(&(struct owner_case){ .path = "/kubepods/burstable/pod" POD_A "/" ID_A
					     "/docker/" ID_B "/kubepods/besteffort/pod" POD_B
					     "/" ID_C,
				     .container_id = ID_B,
				     .runtime = "docker",
				     .pod_uid = POD_A,
				     .qos = "burstable",
				     .enclosing_id = ID_A });
}

/* A pod in a node that is a container, and cgroups in a pod's container, look much alike. */
static void test_node(void **state)
{
	static const struct {
		const char *path;
		bool is_node, is_nested;
	} cases[] = {
		{ "/docker/" ID_A "/kubepods/pod" POD_A "/" ID_B, true, false },
		{ "/docker/" ID_A "/kubelet/kubepods/besteffort/pod" POD_A, true, false },
		{ "/docker/" ID_A "/docker/" ID_C "/kubepods/pod" POD_A "/" ID_B, true, true },
		{ "/kubepods/pod" POD_B "/" ID_A "/kubepods/pod" POD_A "/" ID_B, false, false },
		{ "/docker/" ID_A "/kubepods/pod" POD_A "/" ID_B "/docker/" ID_C, false, false },
		{ "/kubepods/pod" POD_A "/" ID_A "/docker/" ID_B, false, false },
		{ "/kubepods/pod" POD_A "/" ID_A, false, false },
		{ "/docker/" ID_A "/docker/" ID_B, false, false },
		{ "/docker/" ID_A, false, false },
		{ "/", false, false },
	};
	struct owner got, merged;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		owner_from_path(cases[i].path, &got);
		owner_from_path("/", &merged);
		owner_merge(&merged, &got);
		if (got.enclosing_is_node != cases[i].is_node ||
		    got.node_is_nested != cases[i].is_nested)
			fail_msg("%s", cases[i].path);
		assert_memory_equal(&merged, &got, sizeof(got));
	}
}

static void expect_merged(const char *first, const char *second, struct owner_case want)
{
	struct owner ret, other;

	owner_from_path(first, &ret);
	owner_from_path(second, &other);
	owner_merge(&ret, &other);
	want.path = first;
	assert_int_equal(check_owner(&want, &ret), 0);
}

/* On v1 users may move their processes from a unit into their own part of systemd's hierarchy. */
static void test_merge_claims(void **state)
{
	(void)state;
	expect_merged("/system.slice/cron.service",
		      "/user.slice/user-1000.slice/user@1000.service/docker-" ID_A ".scope",
		      (struct owner_case){ .unit = "cron.service", .slice = "system.slice" });
	expect_merged("/system.slice/cron.service", "/system.slice/docker-" ID_A ".scope",
		      (struct owner_case){ .unit = "cron.service",
					   .slice = "system.slice",
					   .container_id = ID_A,
					   .runtime = "docker" });
}

static void test_merge_fills(void **state)
{
	/* Hybrid: only the memory path has the container, only systemd's path the unit. */
	static const struct owner_case both = {
		.unit = "containerd.service",
		.slice = "system.slice",
		.container_id = ID_A,
		.pod_uid = POD_A,
		.qos = "burstable",
	};
	static const struct owner_case session = {
		.unit = "session-4.scope",
		.slice = "user-1000.slice",
		.session = "4",
		.uid = "1000",
	};
	static const char pod[] = "/kubepods/burstable/pod" POD_A "/" ID_A;

	(void)state;
	expect_merged(pod, "/system.slice/containerd.service", both);
	expect_merged("/system.slice/containerd.service", pod, both);
	expect_merged(
		"/", pod,
		(struct owner_case){ .container_id = ID_A, .pod_uid = POD_A, .qos = "burstable" });
	/* v1 controllers that systemd does not use stop at the top slice, or at the root. */
	expect_merged("/user.slice", "/user.slice/user-1000.slice/session-4.scope", session);
	expect_merged("/user.slice/user-1000.slice/session-4.scope", "/user.slice", session);
	expect_merged("/", "/user.slice/user-1000.slice/session-4.scope", session);
	/* containerd 1.4 with systemd's cgroup names: the unit is in some hierarchies only. */
	expect_merged("/kubepods-besteffort-pod2105e389_7471_476e_a50f_6074cef29bbd.slice:"
		      "cri-containerd:" ID_A,
		      "/system.slice/containerd.service/kubepods-besteffort-pod2105e389_7471_476e_"
		      "a50f_6074cef29bbd.slice:cri-containerd:" ID_A,
		      (struct owner_case){ .unit = "containerd.service",
					   .slice = "system.slice",
					   .container_id = ID_A,
					   .runtime = "containerd",
					   .pod_uid = "2105e389-7471-476e-a50f-6074cef29bbd",
					   .qos = "besteffort" });
	expect_merged("/machine.slice/systemd-nspawn@deb.service/payload", "/machine.slice",
		      (struct owner_case){ .unit = "systemd-nspawn@deb.service",
					   .slice = "machine.slice",
					   .machine = "deb",
					   .runtime = "systemd-nspawn" });
	/* Only one of two paths with the same id shows the runtime. */
	expect_merged("/batch/" ID_A, "/batch.slice/docker-" ID_A ".scope",
		      (struct owner_case){ .unit = "docker-" ID_A ".scope",
					   .slice = "batch.slice",
					   .container_id = ID_A,
					   .runtime = "docker" });
}

static void test_merge_takes_the_deeper_path(void **state)
{
	static const struct owner_case deeper = {
		.container_id = ID_B,
		.pod_uid = POD_A,
		.qos = "guaranteed",
		.enclosing_id = ID_A,
		.enclosing_runtime = "docker",
	};
	static const char kind[] = "/docker/" ID_A "/kubepods/pod" POD_A "/" ID_B;

	(void)state;
	expect_merged("/docker/" ID_A, kind, deeper);
	expect_merged(kind, "/docker/" ID_A, deeper);
	/* The pod stays if only the container inside it is deeper. */
	expect_merged("/kubepods/burstable/pod" POD_A "/" ID_A, "/docker/" ID_A "/docker/" ID_B,
		      (struct owner_case){ .container_id = ID_B,
					   .runtime = "docker",
					   .pod_uid = POD_A,
					   .qos = "burstable",
					   .enclosing_id = ID_A,
					   .enclosing_runtime = "docker" });
}

static void test_merge_does_not_mix(void **state)
{
	(void)state;
	/* Two containers, or two pods: the first path counts, and nothing is added. */
	expect_merged("/docker/" ID_A, "/kubepods/pod" POD_A "/" ID_B,
		      (struct owner_case){ .container_id = ID_A, .runtime = "docker" });
	expect_merged("/kubepods/pod" POD_A, "/kubepods/burstable/pod" POD_B "/" ID_B,
		      (struct owner_case){ .pod_uid = POD_A, .qos = "guaranteed" });
	/* ... even if the second begins with the container of the first */
	expect_merged(
		"/kubepods/pod" POD_A "/" ID_A, "/docker/" ID_A "/kubepods/pod" POD_B "/" ID_B,
		(struct owner_case){ .container_id = ID_A, .pod_uid = POD_A, .qos = "guaranteed" });
	expect_merged("/system.slice/a.service", "/user.slice/user-1000.slice/session-4.scope",
		      (struct owner_case){ .unit = "a.service", .slice = "system.slice" });
	expect_merged(
		"/kubepods/pod" POD_A, "/kubepods/pod" POD_A "/" ID_B,
		(struct owner_case){ .container_id = ID_B, .pod_uid = POD_A, .qos = "guaranteed" });
}

/* A job's step is in one hierarchy, the job in all of them. */
static void test_merge_slurm(void **state)
{
	static const struct owner_case task = { .slurm_job = "42",
						.slurm_step = "0",
						.slurm_task = "1" };

	(void)state;
	expect_merged("/slurm/uid_1000/job_42/step_0", "/slurm/uid_1000/job_42/step_0/task_1",
		      task);
	expect_merged("/", "/slurm/uid_1000/job_42/step_0/task_1", task);
	expect_merged("/slurm/uid_1000/job_42/step_0/task_1",
		      "/slurm/uid_1000/job_43/step_7/task_9", task);
	expect_merged("/slurm/uid_1000/job_42/step_0/task_1",
		      "/slurm/uid_1000/job_42/step_7/task_9", task);
}

/* Only Slurm makes cgroups at the places of its jobs. */
static void test_slurm_below_others(void **state)
{
	static const char *const paths[] = {
		"/x/slurm/uid_1000/job_42/step_0/task_0",
		"/slurm/uid_1000/x/job_42",
		"/slurm/job_42/step_0",
		"/slurm/uid_/job_42",
		"/slurm/uid_x/job_42",
		"/slurm/uid_1000/job_/step_0",
		"/slurm/uid_1000/job_4 2",
		"/slurm/uid_1000/job_123456789012345678901",
		"/slurmy/uid_1000/job_42",
		"/slurm",
		"/slurm/uid_1000",
		"/",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		expect(&(struct owner_case){ .path = paths[i] });
	expect(&(struct owner_case){ .path = "/system.slice/shop.service/slurmstepd.scope/job_42",
				     .unit = "shop.service",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/system.slice/slurmstepd.scope/x/job_42",
				     .unit = "slurmstepd.scope",
				     .slice = "system.slice" });
	expect(&(struct owner_case){ .path = "/slurm/uid_1000/job_42/step_0;x/task_0",
				     .slurm_job = "42" });
}

static uint32_t xorshift(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static size_t mutate_once(char *path, size_t length, uint32_t *seed)
{
	static const char bytes[] = "/-_.:@\\xpod0a9fF \n\033\377";
	size_t at = length ? xorshift(seed) % length : 0;
	char byte = bytes[xorshift(seed) % (sizeof(bytes) - 1)];

	switch (xorshift(seed) % 4) {
	case 0:
		if (length)
			path[at] = byte;
		break;
	case 1:
		if (length < PATH_LONGEST) {
			memmove(path + at + 1, path + at, length - at);
			path[at] = byte;
			length++;
		}
		break;
	case 2:
		if (length) {
			memmove(path + at, path + at + 1, length - at - 1);
			length--;
		}
		break;
	default: {
		/* Inserts the end of another path: like a mix of two runtimes. */
		const char *other = owner_cases[xorshift(seed) % CASES].path;
		size_t from = strlen(other) ? xorshift(seed) % strlen(other) : 0;
		size_t n = strlen(other + from);

		if (at + n <= PATH_LONGEST) {
			memcpy(path + at, other + from, n);
			length = at + n;
		}
		break;
	}
	}
	path[length] = '\0';
	return length;
}

static void check_terminated(const struct owner *got)
{
	assert_non_null(memchr(got->unit, 0, sizeof(got->unit)));
	assert_non_null(memchr(got->user_unit, 0, sizeof(got->user_unit)));
	assert_non_null(memchr(got->slice, 0, sizeof(got->slice)));
	assert_non_null(memchr(got->session, 0, sizeof(got->session)));
	assert_non_null(memchr(got->machine, 0, sizeof(got->machine)));
	assert_non_null(memchr(got->container_id, 0, sizeof(got->container_id)));
	assert_non_null(memchr(got->runtime, 0, sizeof(got->runtime)));
	assert_non_null(memchr(got->enclosing_id, 0, sizeof(got->enclosing_id)));
	assert_non_null(memchr(got->enclosing_runtime, 0, sizeof(got->enclosing_runtime)));
	assert_non_null(memchr(got->pod_uid, 0, sizeof(got->pod_uid)));
	assert_non_null(memchr(got->qos, 0, sizeof(got->qos)));
	assert_non_null(memchr(got->podman_pod, 0, sizeof(got->podman_pod)));
	assert_non_null(memchr(got->slurm_job, 0, sizeof(got->slurm_job)));
	assert_non_null(memchr(got->slurm_step, 0, sizeof(got->slurm_step)));
	assert_non_null(memchr(got->slurm_task, 0, sizeof(got->slurm_task)));
}

static void check_part_of(const char *path, const char *name)
{
	if (!strstr(path, name))
		fail_msg("\"%s\" is not in \"%s\"", name, path);
}

static void test_mutations(void **state)
{
	static char path[PATH_LONGEST + 1];
	struct owner got, before = { 0 };
	uint32_t seed = 0x6b74u;

	(void)state;
	for (int i = 0; i < MUTATIONS; i++) {
		size_t length = (size_t)snprintf(path, sizeof(path), "%s",
						 owner_cases[xorshift(&seed) % CASES].path);

		for (uint32_t n = 1 + xorshift(&seed) % 6; n > 0; n--)
			length = mutate_once(path, length, &seed);

		owner_from_path(path, &got);
		check_terminated(&got);
		/* Nothing is made up: these names appear literally in the path. */
		check_part_of(path, got.unit);
		check_part_of(path, got.user_unit);
		check_part_of(path, got.container_id);
		check_part_of(path, got.enclosing_id);
		owner_merge(&before, &got);
		check_terminated(&before);
		before = got;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_paths),
		cmocka_unit_test(test_reads_nothing_behind_the_path),
		cmocka_unit_test(test_ids_are_whole_tokens),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_hostile_machines_and_users),
		cmocka_unit_test(test_hostile_lengths),
		cmocka_unit_test(test_names_are_never_cut),
		cmocka_unit_test(test_enclosing_container_is_not_the_pods),
		cmocka_unit_test(test_pod_within_a_pod),
		cmocka_unit_test(test_node),
		cmocka_unit_test(test_merge_claims),
		cmocka_unit_test(test_merge_fills),
		cmocka_unit_test(test_merge_takes_the_deeper_path),
		cmocka_unit_test(test_merge_does_not_mix),
		cmocka_unit_test(test_merge_slurm),
		cmocka_unit_test(test_slurm_below_others),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
