/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real cgroup paths and their owners. A comment gives the source of the cases after it: the code or
 * documentation of the system that makes such paths, the tests of another agent, or a machine with
 * this path. Fields that are left out must be empty.
 */
#ifndef KT_TESTS_OWNER_CASES_H
#define KT_TESTS_OWNER_CASES_H

struct owner_case {
	const char *path;
	const char *unit;
	const char *user_unit;
	const char *slice;
	const char *session;
	/* In decimal; NULL where no uid must be found. */
	const char *uid;
	const char *machine;
	const char *container_id;
	const char *runtime;
	const char *enclosing_id;
	const char *enclosing_runtime;
	const char *pod_uid;
	const char *qos;
	const char *podman_pod;
	const char *slurm_job;
	const char *slurm_step;
	const char *slurm_task;
};

/* Set by hand: a case on one line where it fits, strings broken where names join. */
/* clang-format off */
static const struct owner_case owner_cases[] = {
	/* systemd src/test/test-cgroup-util.c, test_path_get_unit */
	{ .path = "/system.slice/foobar.service/sdfdsaf", .unit = "foobar.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/getty@tty5.service", .unit = "getty@tty5.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/getty@tty5.service/aaa/bbb", .unit = "getty@tty5.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/getty@tty5.service/", .unit = "getty@tty5.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/getty@tty6.service/tty5", .unit = "getty@tty6.service",
	  .slice = "system.slice" },
	{ .path = "sadfdsafsda" },
	{ .path = "/system.slice/getty####@tty6.service/xxx", .slice = "system.slice" },
	{ .path = "/system.slice/system-waldo.slice/foobar.service/sdfdsaf",
	  .unit = "foobar.service", .slice = "system-waldo.slice" },
	{ .path = "/system.slice/system-waldo.slice/_cpu.service/sdfdsaf", .unit = "cpu.service",
	  .slice = "system-waldo.slice" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/server.service",
	  .unit = "user@1000.service", .user_unit = "server.service", .slice = "user-1000.slice",
	  .uid = "1000" },
	{ .path = "/user.slice/user-1000.slice/user@.service/server.service",
	  .slice = "user-1000.slice", .uid = "1000" },
	/* systemd src/test/test-cgroup-util.c, test_path_decode_unit */
	{ .path = "getty@tty2.service", .unit = "getty@tty2.service" },
	{ .path = "getty@tty2.service/xxx", .unit = "getty@tty2.service" },
	{ .path = "getty@.service/" },
	{ .path = "getty/waldo" },
	{ .path = "_cpu.service", .unit = "cpu.service" },
	/* systemd src/test/test-cgroup-util.c, test_path_get_user_unit */
	{ .path = "/user.slice/user-1000.slice/session-2.scope/foobar.service",
	  .unit = "session-2.scope", .user_unit = "foobar.service", .slice = "user-1000.slice",
	  .session = "2", .uid = "1000" },
	{ .path = "/user.slice/user-1000.slice/session-2.scope/waldo.slice/foobar.service",
	  .unit = "session-2.scope", .user_unit = "foobar.service", .slice = "user-1000.slice",
	  .session = "2", .uid = "1000" },
	{ .path = "/user.slice/user-1002.slice/session-2.scope/foobar.service/waldo",
	  .unit = "session-2.scope", .user_unit = "foobar.service", .slice = "user-1002.slice",
	  .session = "2", .uid = "1002" },
	{ .path = "/user.slice/user-1000.slice/session-2.scope/waldo/waldo/uuuux",
	  .unit = "session-2.scope", .slice = "user-1000.slice", .session = "2", .uid = "1000" },
	{ .path = "/user.slice/user-1000.slice/session-2.scope/foobar@pie.service/pa/po",
	  .unit = "session-2.scope", .user_unit = "foobar@pie.service", .slice = "user-1000.slice",
	  .session = "2", .uid = "1000" },
	{ .path = "/session-2.scope/foobar@pie.service/pa/po", .unit = "session-2.scope",
	  .user_unit = "foobar@pie.service", .session = "2" },
	{ .path = "/xyz.slice/xyz-waldo.slice/session-77.scope/foobar@pie.service/pa/po",
	  .unit = "session-77.scope", .user_unit = "foobar@pie.service", .slice = "xyz-waldo.slice",
	  .session = "77" },
	{ .path = "/meh.service", .unit = "meh.service" },
	{ .path = "/session-3.scope/_cpu.service", .unit = "session-3.scope",
	  .user_unit = "cpu.service", .session = "3" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/foobar.slice"
	  "/foobar@pie.service", .unit = "user@1000.service", .user_unit = "foobar@pie.service",
	  .slice = "user-1000.slice", .uid = "1000" },
	/* systemd src/test/test-cgroup-util.c, test_path_get_session and test_path_get_owner_uid */
	{ .path = "/session-3.scope", .unit = "session-3.scope", .session = "3" },
	{ .path = "/session-.scope", .unit = "session-.scope" },
	{ .path = "/user.slice/user-1006.slice", .slice = "user-1006.slice", .uid = "1006" },
	/* systemd src/basic/user-util.c, parse_uid() and uid_is_valid(): 16 bits are no limit, but
	 * the two values for "none" are no users */
	{ .path = "/user.slice/user-65536.slice", .slice = "user-65536.slice", .uid = "65536" },
	{ .path = "/user.slice/user-4294967294.slice/user@4294967294.service/app.slice/a.service",
	  .unit = "user@4294967294.service", .user_unit = "a.service",
	  .slice = "user-4294967294.slice", .uid = "4294967294" },
	{ .path = "/user.slice/user-65535.slice", .slice = "user-65535.slice" },
	{ .path = "/user.slice/user-4294967295.slice", .slice = "user-4294967295.slice" },
	{ .path = "/user.slice/user-4294967296.slice", .slice = "user-4294967296.slice" },
	/* systemd src/test/test-cgroup-util.c, test_path_get_slice and test_path_get_user_slice */
	{ .path = "/user.slice", .slice = "user.slice" },
	{ .path = "/foobar" },
	{ .path = "/user.slice/user-waldo.slice", .slice = "user-waldo.slice" },
	{ .path = "foobar.slice", .slice = "foobar.slice" },
	{ .path = "foo.slice/foo-bar.slice/waldo.service", .unit = "waldo.service",
	  .slice = "foo-bar.slice" },
	{ .path = "foo.slice/foo-bar.slice/user@1000.service///", .unit = "user@1000.service",
	  .slice = "foo-bar.slice", .uid = "1000" },
	{ .path = "foo.slice/foo-bar.slice/user@1000.service/piep.slice/foo.service",
	  .unit = "user@1000.service", .user_unit = "foo.service", .slice = "foo-bar.slice",
	  .uid = "1000" },
	{ .path = "/foo.slice//foo-bar.slice/user@1000.service/piep.slice"
	  "//piep-pap.slice//foo.service", .unit = "user@1000.service", .user_unit = "foo.service",
	  .slice = "foo-bar.slice", .uid = "1000" },
	/* systemd, pid 1 on any host (units/init.scope) */
	{ .path = "/init.scope", .unit = "init.scope" },
	/* systemd src/core/user units: the user manager itself */
	{ .path = "/user.slice/user-1000.slice/user@1000.service/init.scope",
	  .unit = "user@1000.service", .user_unit = "init.scope", .slice = "user-1000.slice",
	  .uid = "1000" },
	/* systemd src/login: sessions of greeters (c1) and of root */
	{ .path = "/user.slice/user-118.slice/session-c1.scope", .unit = "session-c1.scope",
	  .slice = "user-118.slice", .session = "c1", .uid = "118" },
	{ .path = "/user.slice/user-0.slice/session-23.scope", .unit = "session-23.scope",
	  .slice = "user-0.slice", .session = "23", .uid = "0" },
	/* systemd.unit(5), "String Escaping for Inclusion in Unit Names" */
	{ .path = "/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service",
	  .unit = "serial-getty@ttyS0.service", .slice = "system-serial\\x2dgetty.slice" },
	{ .path = "/system.slice/system-systemd\\x2dfsck.slice"
	  "/systemd-fsck@dev-disk-by\\x2duuid-1F.service",
	  .unit = "systemd-fsck@dev-disk-by\\x2duuid-1F.service",
	  .slice = "system-systemd\\x2dfsck.slice" },
	{ .path = "/system.slice/dev-hugepages.mount", .unit = "dev-hugepages.mount",
	  .slice = "system.slice" },
	{ .path = "/system.slice/dbus.socket", .unit = "dbus.socket", .slice = "system.slice" },
	{ .path = "/system.slice/dbus-:1.2-org.freedesktop.problems@0.service",
	  .unit = "dbus-:1.2-org.freedesktop.problems@0.service", .slice = "system.slice" },
	/* systemd-run(1): transient service, scope and slice */
	{ .path = "/system.slice/run-u42.service", .unit = "run-u42.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/run-r0123456789abcdef0123456789abcdef.scope",
	  .unit = "run-r0123456789abcdef0123456789abcdef.scope", .slice = "system.slice" },
	{ .path = "/batch.slice/batch-nightly.slice/run-u7.scope", .unit = "run-u7.scope",
	  .slice = "batch-nightly.slice" },
	/* systemd src/basic/cgroup-util.c, skip_user_manager: capsules */
	{ .path = "/capsule.slice/capsule@shop.service/app.slice/web.service",
	  .unit = "capsule@shop.service", .user_unit = "web.service", .slice = "capsule.slice" },
	/* systemd docs/DESKTOP_ENVIRONMENTS.md: applications of a desktop session */
	{ .path = "/user.slice/user-1000.slice/user@1000.service/app.slice"
	  "/app-gnome-org.example.Browser-123.scope", .unit = "user@1000.service",
	  .user_unit = "app-gnome-org.example.Browser-123.scope", .slice = "user-1000.slice",
	  .uid = "1000" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/session.slice"
	  "/pipewire.service", .unit = "user@1000.service", .user_unit = "pipewire.service",
	  .slice = "user-1000.slice", .uid = "1000" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/app.slice"
	  "/app-flatpak-org.gnome.Maps-4711.scope", .unit = "user@1000.service",
	  .user_unit = "app-flatpak-org.gnome.Maps-4711.scope", .slice = "user-1000.slice",
	  .uid = "1000" },
	/* systemd docs/CGROUP_DELEGATION.md: below a unit with Delegate=yes */
	{ .path = "/system.slice/delegated.service/supervisor", .unit = "delegated.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/delegated.service/payload/inner.service",
	  .unit = "delegated.service", .slice = "system.slice" },
	/*
	 * systemd before 205 (logind kept /user itself), neuvector share/system/cgroup_test.go
	 * TestNsEnterProcess
	 */
	{ .path = "/user/1000.user/c2.session" },
	/* coroot-node-agent cgroup/cgroup_test.go, TestNewFromProcessCgroupFile */
	{ .path = "/system.slice/docker.service", .unit = "docker.service",
	  .slice = "system.slice" },
	{ .path = "/docker"
	  "/b43d92bf1e5c6f78bb9b7bc6f40721280299855ba692092716e3a1b6c0b86f3f",
	  .container_id = "b43d92bf1e5c6f78bb9b7bc6f40721280299855ba692092716e3a1b6c0b86f3f",
	  .runtime = "docker" },
	{ .path = "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
	  "/17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a",
	  .container_id = "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a",
	  .pod_uid = "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e", .qos = "burstable" },
	{ .path = "/kubepods.slice/kubepods-besteffort.slice"
	  "/kubepods-besteffort-pod8712f785_1a3e_41ec_a00b_e2dcc77431cb.slice/docker-"
	  "73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd.scope",
	  .unit = "docker-"
	  "73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd.scope",
	  .slice = "kubepods-besteffort-pod8712f785_1a3e_41ec_a00b_e2dcc77431cb.slice",
	  .container_id = "73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd",
	  .runtime = "docker", .pod_uid = "8712f785-1a3e-41ec-a00b-e2dcc77431cb",
	  .qos = "besteffort" },
	{ .path = "/system.slice/springboot.service", .unit = "springboot.service",
	  .slice = "system.slice" },
	{ .path = "/podruntime/runtime" },
	{ .path = "/system.slice/docker-"
	  "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b.scope",
	  .unit = "docker-"
	  "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b.scope",
	  .slice = "system.slice",
	  .container_id = "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b",
	  .runtime = "docker" },
	/* coroot-node-agent cgroup/cgroup_test.go, TestContainerByCgroup */
	{ .path = "/kubepods/burstable/pod9729a196c4723b60ab401eaff722982d"
	  "/d166c6190614efc91956b78e96d74c3fbc96ca8e91948c36de3bc5b0e7b27d48",
	  .container_id = "d166c6190614efc91956b78e96d74c3fbc96ca8e91948c36de3bc5b0e7b27d48",
	  .pod_uid = "9729a196c4723b60ab401eaff722982d", .qos = "burstable" },
	{ .path = "/kubepods/besteffort/pod0d08203e-255a-11e9-8cd9-0007cb0b2cc8"
	  "/671a50f5d60566556912f61511d0ec9e4d5c78d53fbc4676727180438bbbbc55/kube-proxy",
	  .container_id = "671a50f5d60566556912f61511d0ec9e4d5c78d53fbc4676727180438bbbbc55",
	  .pod_uid = "0d08203e-255a-11e9-8cd9-0007cb0b2cc8", .qos = "besteffort" },
	{ .path = "/kubepods/poda38c12e8-255a-11e9-8cd9-0007cb0b2cc8"
	  "/32c562ed81a2622b37b80cb216859820ba51bd694f60ee4cf10d07a4011266f8",
	  .container_id = "32c562ed81a2622b37b80cb216859820ba51bd694f60ee4cf10d07a4011266f8",
	  .pod_uid = "a38c12e8-255a-11e9-8cd9-0007cb0b2cc8", .qos = "guaranteed" },
	{ .path = "/lxc/mysql-primary-db", .container_id = "mysql-primary-db", .runtime = "lxc" },
	{ .path = "/kubepods/poda48c12e8-255a-11e9-8cd9-0007cb0b2cc8"
	  "/crio-63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2e",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2e",
	  .runtime = "cri-o", .pod_uid = "a48c12e8-255a-11e9-8cd9-0007cb0b2cc8",
	  .qos = "guaranteed" },
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod2942c55e_c9cb_428a_93f4_eaf89c1f3ce0.slice"
	  "/crio-49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .unit = "crio-49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .slice = "kubepods-burstable-pod2942c55e_c9cb_428a_93f4_eaf89c1f3ce0.slice",
	  .container_id = "49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59",
	  .runtime = "cri-o", .pod_uid = "2942c55e-c9cb-428a-93f4-eaf89c1f3ce0",
	  .qos = "burstable" },
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-podea19ff5d_943a_4466_a07e_a71e9e50cc62.slice"
	  "/crio-21572039dd8398ff8272b031fa5422a40165145ab37f2f8794e1e7f844fe8118.scope"
	  "/container",
	  .unit = "crio-21572039dd8398ff8272b031fa5422a40165145ab37f2f8794e1e7f844fe8118.scope",
	  .slice = "kubepods-burstable-podea19ff5d_943a_4466_a07e_a71e9e50cc62.slice",
	  .container_id = "21572039dd8398ff8272b031fa5422a40165145ab37f2f8794e1e7f844fe8118",
	  .runtime = "cri-o", .pod_uid = "ea19ff5d-943a-4466-a07e-a71e9e50cc62",
	  .qos = "burstable" },
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod3e61c214bc3ed9ff81e21474dd6cba17.slice/cri-containerd-"
	  "c74b0f5062f0bc726cae1e9369ad4a95deed6b298d247f0407475adb23fa3190",
	  .slice = "kubepods-burstable-pod3e61c214bc3ed9ff81e21474dd6cba17.slice",
	  .container_id = "c74b0f5062f0bc726cae1e9369ad4a95deed6b298d247f0407475adb23fa3190",
	  .runtime = "containerd", .pod_uid = "3e61c214bc3ed9ff81e21474dd6cba17",
	  .qos = "burstable" },
	{ .path = "/system.slice/system-serial\\x2dgetty.slice",
	  .slice = "system-serial\\x2dgetty.slice" },
	{ .path = "/runtime.slice/kubelet.service", .unit = "kubelet.service",
	  .slice = "runtime.slice" },
	{ .path = "/system.slice/system-postgresql.slice/postgresql@9.4-main.service",
	  .unit = "postgresql@9.4-main.service", .slice = "system-postgresql.slice" },
	{ .path = "/system.slice/containerd.service"
	  "/kubepods-burstable-pod4ed02c0b_0df8_4d14_a30e_fd589ee4143a.slice:cri-"
	  "containerd:d4a9f9195eaf7e4a729f24151101e1de61f1398677e7b82acfb936dff0b4ce55",
	  .unit = "containerd.service", .slice = "system.slice",
	  .container_id = "d4a9f9195eaf7e4a729f24151101e1de61f1398677e7b82acfb936dff0b4ce55",
	  .runtime = "containerd", .pod_uid = "4ed02c0b-0df8-4d14-a30e-fd589ee4143a",
	  .qos = "burstable" },
	{ .path = "/podruntime/kubelet" },
	{ .path = "/system/dashboard" },
	/* spire pkg/agent/plugin/workloadattestor/k8s/k8s_posix_test.go */
	{ .path = "/kubepods/pod2c48913c-b29f-11e7-9350-020968147796"
	  "/9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961",
	  .container_id = "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961",
	  .pod_uid = "2c48913c-b29f-11e7-9350-020968147796", .qos = "guaranteed" },
	{ .path = "/kubepods/pod2c48913c_b29f_11e7_9350_020968147796"
	  "/9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961",
	  .container_id = "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961",
	  .pod_uid = "2c48913c-b29f-11e7-9350-020968147796", .qos = "guaranteed" },
	{ .path = "/.."
	  "/crio-45490e76e0878aaa4d9808f7d2eefba37f093c3efbba9838b6d8ab804d9bd814.scope",
	  .container_id = "45490e76e0878aaa4d9808f7d2eefba37f093c3efbba9838b6d8ab804d9bd814",
	  .runtime = "cri-o" },
	{ .path = "/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796"
	  "/34a2062fd26c805aa8cf814cdfe479322b791f80afb9ea4db02d50375df14b41",
	  .container_id = "34a2062fd26c805aa8cf814cdfe479322b791f80afb9ea4db02d50375df14b41",
	  .pod_uid = "2c48913c-b29f-11e7-9350-020968147796", .qos = "burstable" },
	{ .path = "/kubepods/kubepods/besteffort/pod6bd2a4d3-a55a-4450-b6fd-2a7ecc72c904"
	  "/a55d9ac3b312d8a2627824b6d6dd8af66fbec439bf4e0ec22d6d9945ad337a38",
	  .container_id = "a55d9ac3b312d8a2627824b6d6dd8af66fbec439bf4e0ec22d6d9945ad337a38",
	  .pod_uid = "6bd2a4d3-a55a-4450-b6fd-2a7ecc72c904", .qos = "besteffort" },
	{ .path = "/docker"
	  "/93529524695bb00d91c1f6dba692ea8d3550c3b94fb2463af7bc9ec82f992d26/kubepods"
	  "/besteffort/poda2830d0d-b0f0-4ff0-81b5-0ee4e299cf80"
	  "/09bc3d7ade839efec32b6bec4ec79d099027a668ddba043083ec21d3c3b8f1e6",
	  .container_id = "09bc3d7ade839efec32b6bec4ec79d099027a668ddba043083ec21d3c3b8f1e6",
	  .pod_uid = "a2830d0d-b0f0-4ff0-81b5-0ee4e299cf80", .qos = "besteffort",
	  .enclosing_id = "93529524695bb00d91c1f6dba692ea8d3550c3b94fb2463af7bc9ec82f992d26",
	  .enclosing_runtime = "docker" },
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod2c48913c-b29f-11e7-9350-020968147796.slice/docker-"
	  "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961.scope",
	  .unit = "docker-"
	  "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961.scope",
	  .slice = "kubepods-burstable-pod2c48913c-b29f-11e7-9350-020968147796.slice",
	  .container_id = "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961",
	  .runtime = "docker", .pod_uid = "2c48913c-b29f-11e7-9350-020968147796",
	  .qos = "burstable" },
	{ .path = "/../../../burstable/pod095e82d2-713c-467a-a18a-cbb50a075296"
	  "/6d1234da0f5aa7fa0ccae4c7d2d109929eb9a81694e6357bcd4547ab3985911b",
	  .container_id = "6d1234da0f5aa7fa0ccae4c7d2d109929eb9a81694e6357bcd4547ab3985911b",
	  .pod_uid = "095e82d2-713c-467a-a18a-cbb50a075296", .qos = "burstable" },
	{ .path = "/something/poda2830d0d-b0f0-4ff0-81b5-0ee4e299cf80"
	  "/09bc3d7ade839efec32b6bec4ec79d099027a668ddba043083ec21d3c3b8f1e6",
	  .container_id = "09bc3d7ade839efec32b6bec4ec79d099027a668ddba043083ec21d3c3b8f1e6",
	  .pod_uid = "a2830d0d-b0f0-4ff0-81b5-0ee4e299cf80" },
	{ .path = "/kubepods/poda2830d0d-b0f0-4ff0-81b5-0ee4e299cf80",
	  .pod_uid = "a2830d0d-b0f0-4ff0-81b5-0ee4e299cf80", .qos = "guaranteed" },
	{ .path = "/kubepods/pod2732ca68f6358eba7703fb6f82a25c94",
	  .pod_uid = "2732ca68f6358eba7703fb6f82a25c94", .qos = "guaranteed" },
	{ .path = "/kubepods-besteffort-pod72f7f152_440c_66ac_9084_e0fc1d8a910c.slice:"
	  "cri-containerd:"
	  "b2a102854b4969b2ce98dc329c86b4fb2b06e4ad2cc8da9d8a7578c9cd2004a2",
	  .container_id = "b2a102854b4969b2ce98dc329c86b4fb2b06e4ad2cc8da9d8a7578c9cd2004a2",
	  .runtime = "containerd", .pod_uid = "72f7f152-440c-66ac-9084-e0fc1d8a910c",
	  .qos = "besteffort" },
	{ .path = "/kubepods.slice/kubepods-besteffort.slice"
	  "/kubepods-besteffort-pod561fd272_d131_47ef_a01b_46a997a778f3.slice"
	  "/crio-030ded69d4c98fcf69c988f75a5eb3a1b4357e1432bd5510c936a40d7e9a1198.scope",
	  .unit = "crio-030ded69d4c98fcf69c988f75a5eb3a1b4357e1432bd5510c936a40d7e9a1198.scope",
	  .slice = "kubepods-besteffort-pod561fd272_d131_47ef_a01b_46a997a778f3.slice",
	  .container_id = "030ded69d4c98fcf69c988f75a5eb3a1b4357e1432bd5510c936a40d7e9a1198",
	  .runtime = "cri-o", .pod_uid = "561fd272-d131-47ef-a01b-46a997a778f3",
	  .qos = "besteffort" },
	/* neuvector share/system/cgroup_test.go, TestDockerIDDebian: --cgroup-parent=/ */
	{ .path = "/4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970",
	  .container_id = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970" },
	/* neuvector share/system/cgroup_test.go, TestDockerIDRancherOS: docker in docker */
	{ .path = "/docker"
	  "/a9a5ad238e59234193ee7ec3fcff5e735b3708ea1068826952255b69e3cfa413/docker"
	  "/ec08435e04266c5ba381fccbb829f626d11d8ddf5f8f547263c7a2d79ab4787a",
	  .container_id = "ec08435e04266c5ba381fccbb829f626d11d8ddf5f8f547263c7a2d79ab4787a",
	  .runtime = "docker",
	  .enclosing_id = "a9a5ad238e59234193ee7ec3fcff5e735b3708ea1068826952255b69e3cfa413",
	  .enclosing_runtime = "docker" },
	/* neuvector share/system/cgroup_test.go, TestDockerIDKubepods2 */
	{ .path = "/kubepods.slice/kubepods-besteffort.slice"
	  "/kubepods-besteffort-pod045b1e35_7f13_11e7_ac42_0050568ffca0.slice/docker-"
	  "b5b6f2da8008be266864f896f93789762b2ce50792114a5c5f2cc3315af0bc70.scope",
	  .unit = "docker-"
	  "b5b6f2da8008be266864f896f93789762b2ce50792114a5c5f2cc3315af0bc70.scope",
	  .slice = "kubepods-besteffort-pod045b1e35_7f13_11e7_ac42_0050568ffca0.slice",
	  .container_id = "b5b6f2da8008be266864f896f93789762b2ce50792114a5c5f2cc3315af0bc70",
	  .runtime = "docker", .pod_uid = "045b1e35-7f13-11e7-ac42-0050568ffca0",
	  .qos = "besteffort" },
	/*
	 * neuvector share/system/cgroup_test.go, TestK8sProxyProcess: a cgroup made inside the
	 * container
	 */
	{ .path = "/kubepods/besteffort/podf8a694f2-7c08-11e9-98da-000c29077430"
	  "/c04e0a88a1de067f25bece337d4dbb897396e0b623c2a65330850fc9823f1903/kube-proxy",
	  .container_id = "c04e0a88a1de067f25bece337d4dbb897396e0b623c2a65330850fc9823f1903",
	  .pod_uid = "f8a694f2-7c08-11e9-98da-000c29077430", .qos = "besteffort" },
	/* neuvector share/system/cgroup_test.go, TestK8sBottleRocket */
	{ .path = "/kubepods.slice/kubepods-besteffort.slice"
	  "/kubepods-besteffort-poddd1bf9d1_241d_47f5_8e25_12de83135812.slice"
	  "/cri-containerd-"
	  "f45298cd514d1930c4fe3afc4412e59547f7e3148fddd22ca33cefce046eb830.scope",
	  .unit = "cri-containerd-"
	  "f45298cd514d1930c4fe3afc4412e59547f7e3148fddd22ca33cefce046eb830.scope",
	  .slice = "kubepods-besteffort-poddd1bf9d1_241d_47f5_8e25_12de83135812.slice",
	  .container_id = "f45298cd514d1930c4fe3afc4412e59547f7e3148fddd22ca33cefce046eb830",
	  .runtime = "containerd", .pod_uid = "dd1bf9d1-241d-47f5-8e25-12de83135812",
	  .qos = "besteffort" },
	/* neuvector share/system/cgroup_test.go, TestK8sCrio_v1_17: a static pod */
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod487a0dc6dccaeefbcfedba7a7ce1ca18.slice"
	  "/crio-7a1fd6fe8cdfbd44dc78c4cc85dad7031eaab4365801684cad0aabdeaf863f9e.scope",
	  .unit = "crio-7a1fd6fe8cdfbd44dc78c4cc85dad7031eaab4365801684cad0aabdeaf863f9e.scope",
	  .slice = "kubepods-burstable-pod487a0dc6dccaeefbcfedba7a7ce1ca18.slice",
	  .container_id = "7a1fd6fe8cdfbd44dc78c4cc85dad7031eaab4365801684cad0aabdeaf863f9e",
	  .runtime = "cri-o", .pod_uid = "487a0dc6dccaeefbcfedba7a7ce1ca18", .qos = "burstable" },
	/*
	 * neuvector share/system/cgroup_test.go, TestK8sContainerd_v1_2_13 and v1_4_4 (two
	 * hierarchies of one process)
	 */
	{ .path = "/kubepods/besteffort/poda36d0c1d-0b26-4451-8d80-9c195e004afa"
	  "/5dd96d5394ca930a854a390ea46f7515a8bc930123eb3251ba20f2708a38fc61",
	  .container_id = "5dd96d5394ca930a854a390ea46f7515a8bc930123eb3251ba20f2708a38fc61",
	  .pod_uid = "a36d0c1d-0b26-4451-8d80-9c195e004afa", .qos = "besteffort" },
	{ .path = "/system.slice/containerd.service"
	  "/kubepods-besteffort-pod2105e389_7471_476e_a50f_6074cef29bbd.slice:"
	  "cri-containerd:"
	  "d3d8ccf5cca91931c6285c1d7472c413dd5a7700fddc0aa9f89a9ac7008b003e",
	  .unit = "containerd.service", .slice = "system.slice",
	  .container_id = "d3d8ccf5cca91931c6285c1d7472c413dd5a7700fddc0aa9f89a9ac7008b003e",
	  .runtime = "containerd", .pod_uid = "2105e389-7471-476e-a50f-6074cef29bbd",
	  .qos = "besteffort" },
	/* datadog-agent pkg/util/cgroups/reader_v1_test.go */
	{ .path = "kubepods.slice/kubepods-besteffort.slice"
	  "/kubepods-besteffort-podb3922967_14e1_4867_9388_461bac94b37e.slice"
	  "/crio-2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc40.scope",
	  .unit = "crio-2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc40.scope",
	  .slice = "kubepods-besteffort-podb3922967_14e1_4867_9388_461bac94b37e.slice",
	  .container_id = "2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc40",
	  .runtime = "cri-o", .pod_uid = "b3922967-14e1-4867-9388-461bac94b37e",
	  .qos = "besteffort" },
	{ .path = "kubepods/kubepods-besteffort"
	  "/kubepods-besteffort-podb3922967_14e1_4867_9388_461bac94b37e"
	  "/2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc41",
	  .container_id = "2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc41",
	  .pod_uid = "b3922967-14e1-4867-9388-461bac94b37e", .qos = "besteffort" },
	{ .path = "system.slice/run-containerd-io.containerd.runtime.v2.task-k8s.io-"
	  "2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc42-rootfs.mount",
	  .unit = "run-containerd-io.containerd.runtime.v2.task-k8s.io-"
	  "2327a2aec169e25cf05f2a901486b7463fdb513ae097fc0ae6a3ca94381ddc42-rootfs.mount",
	  .slice = "system.slice" },
	{ .path = "libpod_parent"
	  "/libpod-6dc3fdffbf66b1239d55e98da9aaa759ea51ed35d04eb09d19ebd78963aa26c2"
	  "/system.slice/var-lib-docker-containers-"
	  "1575e8b4a92a9c340a657f3df4ddc0f6a6305c200879f3898b26368ad019b503-"
	  "mounts-shm.mount",
	  .container_id = "6dc3fdffbf66b1239d55e98da9aaa759ea51ed35d04eb09d19ebd78963aa26c2",
	  .runtime = "podman" },
	{ .path = "libpod_parent"
	  "/libpod-6dc3fdffbf66b1239d55e98da9aaa759ea51ed35d04eb09d19ebd78963aa26c2"
	  "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-poda2acd1bccd50fd7790183537181f658e.slice/docker-"
	  "1575e8b4a92a9c340a657f3df4ddc0f6a6305c200879f3898b26368ad019b503.scope",
	  .container_id = "1575e8b4a92a9c340a657f3df4ddc0f6a6305c200879f3898b26368ad019b503",
	  .runtime = "docker", .pod_uid = "a2acd1bccd50fd7790183537181f658e", .qos = "burstable",
	  .enclosing_id = "6dc3fdffbf66b1239d55e98da9aaa759ea51ed35d04eb09d19ebd78963aa26c2",
	  .enclosing_runtime = "podman" },
	{ .path = "system.slice/garden.service/garden/016b5740-120b-42b7-562f-3c62",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "016b5740-120b-42b7-562f-3c62", .runtime = "garden" },
	{ .path = "system.slice/garden.service/garden"
	  "/c034152c-80b0-4a44-70df-5c61-liveness-healthcheck-0", .unit = "garden.service",
	  .slice = "system.slice" },
	/* dd-trace-java ContainerInfoTest.groovy */
	{ .path = "/docker"
	  "/3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860",
	  .container_id = "3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860",
	  .runtime = "docker" },
	{ .path = "/kubepods/besteffort/pod3d274242-8ee0-11e9-a8a6-1e68d864ef1a"
	  "/3e74d3fd9db4c9dd921ae05c2502fb984d0cde1b36e581b13f79c639da4518a1",
	  .container_id = "3e74d3fd9db4c9dd921ae05c2502fb984d0cde1b36e581b13f79c639da4518a1",
	  .pod_uid = "3d274242-8ee0-11e9-a8a6-1e68d864ef1a", .qos = "besteffort" },
	{ .path = "/ecs/haissam-ecs-classic/5a0d5ceddf6c44c1928d367a815d890f"
	  "/38fac3e99302b3622be089dd41e7ccf38aff368a86cc339972075136ee2710ce",
	  .container_id = "38fac3e99302b3622be089dd41e7ccf38aff368a86cc339972075136ee2710ce",
	  .runtime = "docker" },
	{ .path = "/ecs/55091c13-b8cf-4801-b527-f4601742204d"
	  "/432624d2150b349fe35ba397284dea788c2bf66b885d14dfc1569b01890ca7da",
	  .container_id = "432624d2150b349fe35ba397284dea788c2bf66b885d14dfc1569b01890ca7da",
	  .runtime = "docker" },
	{ .path = "/docker"
	  "/051e2ee0bce99116029a13df4a9e943137f19f957f38ac02d6bad96f9b700f76/not_hex",
	  .container_id = "051e2ee0bce99116029a13df4a9e943137f19f957f38ac02d6bad96f9b700f76",
	  .runtime = "docker" },
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod90d81341_92de_11e7_8cf2_507b9d4141fa.slice"
	  "/crio-2227daf62df6694645fee5df53c1f91271546a9560e8600a525690ae252b7f63.scope",
	  .unit = "crio-2227daf62df6694645fee5df53c1f91271546a9560e8600a525690ae252b7f63.scope",
	  .slice = "kubepods-burstable-pod90d81341_92de_11e7_8cf2_507b9d4141fa.slice",
	  .container_id = "2227daf62df6694645fee5df53c1f91271546a9560e8600a525690ae252b7f63",
	  .runtime = "cri-o", .pod_uid = "90d81341-92de-11e7-8cf2-507b9d4141fa",
	  .qos = "burstable" },
	/* dd-trace-go, TestReadContainerID */
	{ .path = "/kubepods" },
	{ .path = "/ecs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890",
	  .container_id = "34dc0b5e626f2c5c4c5170e34b10e765-1234567890", .runtime = "ecs" },
	{ .path = "/docker"
	  "/34dc0b5e626f2c5c4c5170e34b10e7654ce36f0fcd532739f4445baabea03376.scope",
	  .container_id = "34dc0b5e626f2c5c4c5170e34b10e7654ce36f0fcd532739f4445baabea03376" },
	{ .path = "/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "6f265890-5165-7fab-6b52-18d1", .runtime = "garden" },
	{ .path = "/garden/6f265890-5165-7fab-6b52-18d1",
	  .container_id = "6f265890-5165-7fab-6b52-18d1", .runtime = "garden" },
	/* datadog-agent, TestContainerIDFromCgroup */
	{ .path = "/docker"
	  "/864daa0a0b19aa4703231b6c76f85c6f369b2452a5a7f777f0c9101c0fd5772a/docker"
	  "/a27f1331f6ddf72629811aac65207949fc858ea90100c438768b531a4c540419",
	  .container_id = "a27f1331f6ddf72629811aac65207949fc858ea90100c438768b531a4c540419",
	  .runtime = "docker",
	  .enclosing_id = "864daa0a0b19aa4703231b6c76f85c6f369b2452a5a7f777f0c9101c0fd5772a",
	  .enclosing_runtime = "docker" },
	{ .path = "a27f1331f6ddf72629811aac65207949fc858ea90100c438768b531a4c540419.scope",
	  .unit = "a27f1331f6ddf72629811aac65207949fc858ea90100c438768b531a4c540419.scope",
	  .container_id = "a27f1331f6ddf72629811aac65207949fc858ea90100c438768b531a4c540419" },
	{ .path = "/system.slice/garden.service/bc3362fa-913c-4977-5812-d628",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "bc3362fa-913c-4977-5812-d628", .runtime = "garden" },
	/* A Concourse worker on BOSH, /proc/self/cgroup */
	{ .path = "/system.slice/garden.service/43e91f7b-dc83-43d0-97a8-88c95fb942c2",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "43e91f7b-dc83-43d0-97a8-88c95fb942c2", .runtime = "garden" },
	/* OpenJDK CgroupV1SubsystemControllerTest.java: Garden of Cloud Foundry, as Guardian has
	 * rundmc/cgroups/constants.go and cpucgrouper_linux.go */
	{ .path = "/system.slice/garden.service/garden/good/2f57368b-0eda-4e52-64d8-af5c",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "2f57368b-0eda-4e52-64d8-af5c", .runtime = "garden" },
	{ .path = "/system.slice/garden.service/garden/bad/2f57368b-0eda-4e52-64d8-af5c/init",
	  .unit = "garden.service", .slice = "system.slice",
	  .container_id = "2f57368b-0eda-4e52-64d8-af5c", .runtime = "garden" },
	{ .path = "/garden/good/43e91f7b-dc83-43d0-97a8-88c95fb942c2",
	  .container_id = "43e91f7b-dc83-43d0-97a8-88c95fb942c2", .runtime = "garden" },
	{ .path = "/garden-2/good/2f57368b-0eda-4e52-64d8-af5c",
	  .container_id = "2f57368b-0eda-4e52-64d8-af5c", .runtime = "garden" },
	{ .path = "/garden-2/2f57368b-0eda-4e52-64d8-af5c",
	  .container_id = "2f57368b-0eda-4e52-64d8-af5c", .runtime = "garden" },
	{ .path = "/good/2f57368b-0eda-4e52-64d8-af5c" },
	{ .path = "/garden/good" },
	{ .path = "/garden/better/2f57368b-0eda-4e52-64d8-af5c" },
	/* kind: inspektor-gadget pkg/container-utils/cgroups, and a parca-agent log */
	{ .path = "/docker"
	  "/7e844a947116714d8576372366bde54cd4bb15a62d732437781b41a6fec56ccc"
	  "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice"
	  "/kubelet-kubepods-besteffort-pod1c5d0bde_130b_4784_a547_f45e619f2514.slice"
	  "/cri-containerd-"
	  "bd6fe092f10330edc4ad6e283948c2ef1a455af0b5063b90b2b37d3d850d6690.scope",
	  .container_id = "bd6fe092f10330edc4ad6e283948c2ef1a455af0b5063b90b2b37d3d850d6690",
	  .runtime = "containerd", .pod_uid = "1c5d0bde-130b-4784-a547-f45e619f2514",
	  .qos = "besteffort",
	  .enclosing_id = "7e844a947116714d8576372366bde54cd4bb15a62d732437781b41a6fec56ccc",
	  .enclosing_runtime = "docker" },
	{ .path = "/system.slice/docker-"
	  "fbc411e743aa89de421746b3fc92e4fa475d0f2dc92967fb39c2f78574799701.scope"
	  "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice"
	  "/kubelet-kubepods-besteffort-pod5f413373_db04_4240_a645_993a3fbcffc3.slice"
	  "/cri-containerd-"
	  "e0d51863af3b89d990370749541ea926418346f6f1c92c255e4862f6a1c04d80.scope",
	  .unit = "docker-"
	  "fbc411e743aa89de421746b3fc92e4fa475d0f2dc92967fb39c2f78574799701.scope",
	  .slice = "system.slice",
	  .container_id = "e0d51863af3b89d990370749541ea926418346f6f1c92c255e4862f6a1c04d80",
	  .runtime = "containerd", .pod_uid = "5f413373-db04-4240-a645-993a3fbcffc3",
	  .qos = "besteffort",
	  .enclosing_id = "fbc411e743aa89de421746b3fc92e4fa475d0f2dc92967fb39c2f78574799701",
	  .enclosing_runtime = "docker" },
	{ .path = "/kubelet.slice/kubelet-kubepods.slice"
	  "/kubelet-kubepods-besteffort.slice"
	  "/kubelet-kubepods-besteffort-podb620703c_c446_49c7_84c8_e23f4ba5626b.slice"
	  "/cri-containerd-"
	  "4e7fc71c8bef8c05c9fb76d93a186736fca266e668722e1239fe64503b3e80d3.scope",
	  .unit = "cri-containerd-"
	  "4e7fc71c8bef8c05c9fb76d93a186736fca266e668722e1239fe64503b3e80d3.scope",
	  .slice = "kubelet-kubepods-besteffort-podb620703c_c446_49c7_84c8_e23f4ba5626b.slice",
	  .container_id = "4e7fc71c8bef8c05c9fb76d93a186736fca266e668722e1239fe64503b3e80d3",
	  .runtime = "containerd", .pod_uid = "b620703c-c446-49c7-84c8-e23f4ba5626b",
	  .qos = "besteffort" },
	{ .path = "kubelet-kubepods-besteffort-pod83b090de_9676_407c_99aa_"
	  "d33dc6aa0c0d.slice:cri-containerd:"
	  "18b2adc8507104e412c946bec11679590801f547eee513fa298054f14fbf4240",
	  .container_id = "18b2adc8507104e412c946bec11679590801f547eee513fa298054f14fbf4240",
	  .runtime = "containerd", .pod_uid = "83b090de-9676-407c-99aa-d33dc6aa0c0d",
	  .qos = "besteffort" },
	/* kind with the cgroupfs driver: its kubelet runs with --cgroup-root=/kubelet */
	{ .path = "/docker"
	  "/93529524695bb00d91c1f6dba692ea8d3550c3b94fb2463af7bc9ec82f992d26/kubelet"
	  "/kubepods/burstable/pod83b090de-9676-407c-99aa-d33dc6aa0c0d"
	  "/18b2adc8507104e412c946bec11679590801f547eee513fa298054f14fbf4240",
	  .container_id = "18b2adc8507104e412c946bec11679590801f547eee513fa298054f14fbf4240",
	  .pod_uid = "83b090de-9676-407c-99aa-d33dc6aa0c0d", .qos = "burstable",
	  .enclosing_id = "93529524695bb00d91c1f6dba692ea8d3550c3b94fb2463af7bc9ec82f992d26",
	  .enclosing_runtime = "docker" },
	/*
	 * kubernetes pkg/kubelet/cm/pod_container_manager_linux.go and cgroup_manager_linux.go:
	 * a guaranteed pod
	 */
	{ .path = "/kubepods.slice"
	  "/kubepods-pod9508fe66_7675_4003_b7c9_d83e9f8f85e5.slice/cri-containerd-"
	  "26cfbe35e08b24f053011af4ada23d8fcbf81f27f8331a94f56de5b677c903e4.scope",
	  .unit = "cri-containerd-"
	  "26cfbe35e08b24f053011af4ada23d8fcbf81f27f8331a94f56de5b677c903e4.scope",
	  .slice = "kubepods-pod9508fe66_7675_4003_b7c9_d83e9f8f85e5.slice",
	  .container_id = "26cfbe35e08b24f053011af4ada23d8fcbf81f27f8331a94f56de5b677c903e4",
	  .runtime = "containerd", .pod_uid = "9508fe66-7675-4003-b7c9-d83e9f8f85e5",
	  .qos = "guaranteed" },
	/* kubernetes pkg/kubelet/cm: --cgroup-root=/apps with each driver */
	{ .path = "/apps/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
	  "/17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a",
	  .container_id = "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a",
	  .pod_uid = "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e", .qos = "burstable" },
	{ .path = "/apps.slice/apps-kubepods.slice/apps-kubepods-burstable.slice"
	  "/apps-kubepods-burstable-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice"
	  "/cri-containerd-"
	  "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a.scope",
	  .unit = "cri-containerd-"
	  "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a.scope",
	  .slice = "apps-kubepods-burstable-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice",
	  .container_id = "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a",
	  .runtime = "containerd", .pod_uid = "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e",
	  .qos = "burstable" },
	/* kubernetes pkg/kubelet/cm: the levels above the pods have no owner */
	{ .path = "/kubepods.slice/kubepods-besteffort.slice",
	  .slice = "kubepods-besteffort.slice" },
	{ .path = "/kubepods/burstable" },
	/* k3s, kubelet's tree below its own service; and rootless k3s (docs.k3s.io/advanced) */
	{ .path = "/system.slice/k3s.service/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod57e67067_89e4_4001_bdd4_8632d39ea02b.slice"
	  "/cri-containerd-"
	  "6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2.scope",
	  .unit = "k3s.service", .slice = "system.slice",
	  .container_id = "6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2",
	  .runtime = "containerd", .pod_uid = "57e67067-89e4-4001-bdd4-8632d39ea02b",
	  .qos = "burstable" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/k3s-rootless.service"
	  "/kubepods/burstable/pod57e67067-89e4-4001-bdd4-8632d39ea02b"
	  "/6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2",
	  .unit = "user@1000.service", .user_unit = "k3s-rootless.service",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2",
	  .pod_uid = "57e67067-89e4-4001-bdd4-8632d39ea02b", .qos = "burstable" },
	/* k3d: k3s in a Docker container, paths put together from those of both */
	{ .path = "/system.slice/docker-"
	  "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b.scope/k3s"
	  "/kubepods/pod57e67067-89e4-4001-bdd4-8632d39ea02b"
	  "/6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2",
	  .unit = "docker-"
	  "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b.scope",
	  .slice = "system.slice",
	  .container_id = "6d393320601b821561e43bd46f658284cb172cf297ecc3d3665be657870d32e2",
	  .pod_uid = "57e67067-89e4-4001-bdd4-8632d39ea02b", .qos = "guaranteed",
	  .enclosing_id = "cf87ba651579c9231db817909e7865e5747bd7abcac0c57ce23cf4abbaee046b",
	  .enclosing_runtime = "docker" },
	/* docker:dind in a pod, paths put together from those of both */
	{ .path = "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
	  "/17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a/docker"
	  "/63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker", .pod_uid = "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e",
	  .qos = "burstable",
	  .enclosing_id = "17db96a24ae1e9dd57143e62b1cb0d2d35e693c65c774c7470e87b0572e07c1a" },
	/* cri-o internal/config/cgmgr: conmon is not the container */
	{ .path = "/kubepods.slice/kubepods-burstable.slice"
	  "/kubepods-burstable-pod2942c55e_c9cb_428a_93f4_eaf89c1f3ce0.slice"
	  "/crio-conmon-"
	  "49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .unit = "crio-conmon-"
	  "49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .slice = "kubepods-burstable-pod2942c55e_c9cb_428a_93f4_eaf89c1f3ce0.slice",
	  .pod_uid = "2942c55e-c9cb-428a-93f4-eaf89c1f3ce0", .qos = "burstable" },
	{ .path = "/system.slice/crio-conmon-"
	  "49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .unit = "crio-conmon-"
	  "49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59.scope",
	  .slice = "system.slice" },
	{ .path = "/kubepods/burstable/pod2942c55e-c9cb-428a-93f4-eaf89c1f3ce0"
	  "/crio-conmon-49f9e8e5395d57c1083996c09e2e6f042d5fe1ec0310facab32f94912b35ce59",
	  .pod_uid = "2942c55e-c9cb-428a-93f4-eaf89c1f3ce0", .qos = "burstable" },
	/* kata-containers docs/design/host-cgroups.md */
	{ .path = "/kubepods/pod82d8457f-63e8-4b2c-9f38-d157a5873bed"
	  "/kata_ac5be1ec5262ac9cbad8e0cb6fdda98f53128946eb63545ec246ee6a565b8b29",
	  .container_id = "ac5be1ec5262ac9cbad8e0cb6fdda98f53128946eb63545ec246ee6a565b8b29",
	  .runtime = "kata", .pod_uid = "82d8457f-63e8-4b2c-9f38-d157a5873bed",
	  .qos = "guaranteed" },
	{ .path = "/kata_overhead"
	  "/ac5be1ec5262ac9cbad8e0cb6fdda98f53128946eb63545ec246ee6a565b8b29",
	  .container_id = "ac5be1ec5262ac9cbad8e0cb6fdda98f53128946eb63545ec246ee6a565b8b29",
	  .runtime = "kata" },
	/* moby daemon/oci_linux.go: --cgroup-parent with each driver, and rootless */
	{ .path = "/batch.slice/docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .unit = "docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .slice = "batch.slice",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker" },
	{ .path = "/batch/63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .unit = "user@1000.service",
	  .user_unit = "docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker" },
	/* moby builder/builder-next/executor_linux.go: build steps, each driver */
	{ .path = "/system.slice/docker-m8zq0v3c5x1r7t2y9w4k6j0hn.scope",
	  .unit = "docker-m8zq0v3c5x1r7t2y9w4k6j0hn.scope", .slice = "system.slice",
	  .container_id = "m8zq0v3c5x1r7t2y9w4k6j0hn", .runtime = "buildkit" },
	{ .path = "/docker/buildkit/m8zq0v3c5x1r7t2y9w4k6j0hn",
	  .container_id = "m8zq0v3c5x1r7t2y9w4k6j0hn", .runtime = "buildkit" },
	/* docker buildx, driver docker-container: BuildKit in a Docker container */
	{ .path = "/docker"
	  "/63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d/buildkit"
	  "/m8zq0v3c5x1r7t2y9w4k6j0hn", .container_id = "m8zq0v3c5x1r7t2y9w4k6j0hn",
	  .runtime = "buildkit",
	  .enclosing_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .enclosing_runtime = "docker" },
	/*
	 * containerd oci/spec.go, default cgroups path /NAMESPACE/ID (ctr run, seen on a Debian
	 * 12 host)
	 */
	{ .path = "/default/ctr2", .container_id = "ctr2", .runtime = "containerd" },
	{ .path = "/default"
	  "/63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "containerd" },
	{ .path = "/k8s.io/debug-1", .container_id = "debug-1", .runtime = "containerd" },
	{ .path = "/moby/63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker" },
	/* nerdctl pkg/cmd/container/run_cgroup_linux.go, root and rootless */
	{ .path = "/system.slice/nerdctl-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .unit = "nerdctl-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .slice = "system.slice",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "containerd" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .unit = "user@1000.service",
	  .user_unit = "nerdctl-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "containerd" },
	/*
	 * runc libcontainer/cgroups/systemd: default prefix of --systemd-cgroup; crun
	 * src/libcrun/cgroup-systemd.c
	 */
	{ .path = "/system.slice/runc-runc1.scope", .unit = "runc-runc1.scope",
	  .slice = "system.slice", .container_id = "runc1", .runtime = "runc" },
	{ .path = "/system.slice/crun-web.scope/container", .unit = "crun-web.scope",
	  .slice = "system.slice", .container_id = "web", .runtime = "crun" },
	/*
	 * runc with a cgroupsPath of the caller's choice (seen on a Debian 12 host): nothing shows
	 * a container
	 */
	{ .path = "/ktworld/runc1" },
	/*
	 * podman libpod/container_internal_linux.go, cgroupfs and systemd (seen on a Debian 12
	 * host)
	 */
	{ .path = "/libpod_parent"
	  "/libpod-cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1",
	  .container_id = "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1",
	  .runtime = "podman" },
	{ .path = "/libpod_parent/conmon" },
	{ .path = "/machine.slice/libpod-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope"
	  "/container",
	  .unit = "libpod-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope",
	  .slice = "machine.slice",
	  .container_id = "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1",
	  .runtime = "podman" },
	{ .path = "/machine.slice/libpod-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope"
	  "/init.scope",
	  .unit = "libpod-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope",
	  .slice = "machine.slice",
	  .container_id = "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1",
	  .runtime = "podman" },
	{ .path = "/machine.slice/libpod-conmon-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope",
	  .unit = "libpod-conmon-"
	  "cf594798841275880f780c2aa55954b2d218b92a7c82df039aef02e2f4fe83f1.scope",
	  .slice = "machine.slice" },
	/* containers/common pkg/cgroups: rootless podman; podman inspect, "CgroupPath" */
	{ .path = "/user.slice/user-1001.slice/user@1001.service/user.slice/libpod-"
	  "132ff0d72245e6f13a3bbc6cdc5376886897b60ac59eaa8dea1df7ab959cbf1c.scope",
	  .unit = "user@1001.service",
	  .user_unit = "libpod-"
	  "132ff0d72245e6f13a3bbc6cdc5376886897b60ac59eaa8dea1df7ab959cbf1c.scope",
	  .slice = "user-1001.slice", .uid = "1001",
	  .container_id = "132ff0d72245e6f13a3bbc6cdc5376886897b60ac59eaa8dea1df7ab959cbf1c",
	  .runtime = "podman" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-"
	  "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a.scope"
	  "/container", .unit = "user@1000.service",
	  .user_unit = "libpod-"
	  "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a.scope",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a",
	  .runtime = "podman" },
	/*
	 * podman-systemd.unit(5): Quadlet runs with --cgroups=split; the "runtime" cgroup holds
	 * conmon
	 */
	{ .path = "/system.slice/nginx.service/libpod-payload-"
	  "9687bac58d5c4d1606aa46af33d1a21c1d1652e0ac9fb3fc0fc86e3495f42869",
	  .unit = "nginx.service", .slice = "system.slice",
	  .container_id = "9687bac58d5c4d1606aa46af33d1a21c1d1652e0ac9fb3fc0fc86e3495f42869",
	  .runtime = "podman" },
	{ .path = "/system.slice/nginx.service/runtime", .unit = "nginx.service",
	  .slice = "system.slice" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/app.slice/redis.service"
	  "/libpod-payload-"
	  "e8c29da1a2f6c4bb032304f7dfbc5a767e026092c4a2fcbc830e58565f972f54",
	  .unit = "user@1000.service", .user_unit = "redis.service", .slice = "user-1000.slice",
	  .uid = "1000",
	  .container_id = "e8c29da1a2f6c4bb032304f7dfbc5a767e026092c4a2fcbc830e58565f972f54",
	  .runtime = "podman" },
	/* podman libpod/runtime_pod_linux.go: pods with each manager, and rootless */
	{ .path = "/machine.slice/machine-libpod_pod_"
	  "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07.slice"
	  "/libpod-"
	  "6d6d61f09fc1c86833314aa7ed0065c087b707c3cf5687d5b5e9c7699d7dcc72.scope"
	  "/container",
	  .unit = "libpod-"
	  "6d6d61f09fc1c86833314aa7ed0065c087b707c3cf5687d5b5e9c7699d7dcc72.scope",
	  .slice = "machine-libpod_pod_"
	  "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07.slice",
	  .container_id = "6d6d61f09fc1c86833314aa7ed0065c087b707c3cf5687d5b5e9c7699d7dcc72",
	  .runtime = "podman",
	  .podman_pod = "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07" },
	{ .path = "/user.slice/user-1000.slice/user@1000.service/user.slice"
	  "/user-libpod_pod_"
	  "d32e9a0f2237ca996c90f6790ca90447b3e8cbb30d16cc91701ab8257bb704d6.slice"
	  "/libpod-"
	  "6e51520a9fa4f63ac0f3dbbf89ef2ef075041dd90c5df952a35206a14691c654.scope",
	  .unit = "user@1000.service",
	  .user_unit = "libpod-"
	  "6e51520a9fa4f63ac0f3dbbf89ef2ef075041dd90c5df952a35206a14691c654.scope",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "6e51520a9fa4f63ac0f3dbbf89ef2ef075041dd90c5df952a35206a14691c654",
	  .runtime = "podman",
	  .podman_pod = "d32e9a0f2237ca996c90f6790ca90447b3e8cbb30d16cc91701ab8257bb704d6" },
	{ .path = "/libpod_parent"
	  "/71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07"
	  "/libpod-6d6d61f09fc1c86833314aa7ed0065c087b707c3cf5687d5b5e9c7699d7dcc72",
	  .container_id = "6d6d61f09fc1c86833314aa7ed0065c087b707c3cf5687d5b5e9c7699d7dcc72",
	  .runtime = "podman",
	  .podman_pod = "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07" },
	/* kind with rootless podman as its provider */
	{ .path = "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-"
	  "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a.scope"
	  "/container/kubelet.slice/kubelet-kubepods.slice"
	  "/kubelet-kubepods-pod1c5d0bde_130b_4784_a547_f45e619f2514.slice"
	  "/cri-containerd-"
	  "bd6fe092f10330edc4ad6e283948c2ef1a455af0b5063b90b2b37d3d850d6690.scope",
	  .unit = "user@1000.service",
	  .user_unit = "libpod-"
	  "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a.scope",
	  .slice = "user-1000.slice", .uid = "1000",
	  .container_id = "bd6fe092f10330edc4ad6e283948c2ef1a455af0b5063b90b2b37d3d850d6690",
	  .runtime = "containerd", .pod_uid = "1c5d0bde-130b-4784-a547-f45e619f2514",
	  .qos = "guaranteed",
	  .enclosing_id = "be131b155b6a8ac24cfbafd05aa72c1575512f60dd242b24eec1c3cbb05e543a",
	  .enclosing_runtime = "podman" },
	/* lxc src/lxc/cgroups/cgfsng.c: 4.0 and later, 3.1 to 3.2, before, and the monitor */
	{ .path = "/lxc.payload.web", .container_id = "web", .runtime = "lxc" },
	{ .path = "/lxc.payload.waydroid/init.scope", .container_id = "waydroid",
	  .runtime = "lxc" },
	{ .path = "/lxc.payload/web/system.slice/sshd.service", .container_id = "web",
	  .runtime = "lxc" },
	{ .path = "/lxc.monitor.web" },
	{ .path = "/lxc.monitor/web" },
	/* incus internal/server/project: instances outside the default project are PROJECT_NAME */
	{ .path = "/lxc.payload.shop_web-1/system.slice/nginx.service",
	  .container_id = "shop_web-1", .runtime = "lxc" },
	/* Proxmox VE: containers and virtual machines are named by number */
	{ .path = "/lxc/101/ns/system.slice/nginx.service", .container_id = "101",
	  .runtime = "lxc" },
	{ .path = "/lxc.monitor/101" },
	{ .path = "/qemu.slice/105.scope", .unit = "105.scope", .slice = "qemu.slice",
	  .machine = "105", .runtime = "qemu" },
	/* Docker in an Incus container */
	{ .path = "/lxc.payload.ci/system.slice/docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker", .enclosing_id = "ci", .enclosing_runtime = "lxc" },
	/*
	 * systemd src/nspawn/nspawn-register.c and nspawn-cgroup.c: machine scopes, payload and
	 * supervisor
	 */
	{ .path = "/machine.slice/machine-deb.scope/payload/system.slice/cron.service",
	  .unit = "machine-deb.scope", .slice = "machine.slice", .machine = "deb" },
	{ .path = "/machine.slice/machine-my\\x2dbox.scope/payload/init.scope",
	  .unit = "machine-my\\x2dbox.scope", .slice = "machine.slice", .machine = "my-box" },
	{ .path = "/machine.slice/machine-deb.scope/supervisor", .unit = "machine-deb.scope",
	  .slice = "machine.slice" },
	/* systemd units/systemd-nspawn@.service.in: the instance is the name, not escaped */
	{ .path = "/machine.slice/systemd-nspawn@media-01.service/payload/init.scope",
	  .unit = "systemd-nspawn@media-01.service", .slice = "machine.slice",
	  .machine = "media-01", .runtime = "systemd-nspawn" },
	{ .path = "/machine.slice/systemd-nspawn@debian.service/payload/system.slice"
	  "/app.service", .unit = "systemd-nspawn@debian.service", .slice = "machine.slice",
	  .machine = "debian", .runtime = "systemd-nspawn" },
	{ .path = "/machine.slice/systemd-nspawn@debian.service/supervisor",
	  .unit = "systemd-nspawn@debian.service", .slice = "machine.slice" },
	{ .path = "/machine.slice/systemd-nspawn@debian.service/payload/system.slice"
	  "/docker-"
	  "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d.scope",
	  .unit = "systemd-nspawn@debian.service", .slice = "machine.slice", .machine = "debian",
	  .container_id = "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d",
	  .runtime = "docker" },
	/* systemd src/machine/machinectl.c, --runner=vmspawn */
	{ .path = "/machine.slice/systemd-vmspawn@fedora.service",
	  .unit = "systemd-vmspawn@fedora.service", .slice = "machine.slice", .machine = "fedora",
	  .runtime = "systemd-vmspawn" },
	/* libvirt docs/cgroups.rst, "Systemd cgroups integration" */
	{ .path = "/machine.slice/machine-qemu\\x2d18\\x2dtest10.scope/libvirt/emulator",
	  .unit = "machine-qemu\\x2d18\\x2dtest10.scope", .slice = "machine.slice",
	  .machine = "qemu-18-test10", .runtime = "libvirt-qemu" },
	{ .path = "/machine.slice"
	  "/machine-lxc\\x2d2293906\\x2dlibvirt\\x2dcontainer.scope/libvirt",
	  .unit = "machine-lxc\\x2d2293906\\x2dlibvirt\\x2dcontainer.scope",
	  .slice = "machine.slice", .machine = "lxc-2293906-libvirt-container",
	  .runtime = "libvirt-lxc" },
	/* libvirt docs/cgroups.rst, "Non-systemd cgroups layout", with and without partitions; with the
	 * driver and a number before the name (seen in agents' tests and scripts) */
	{ .path = "/machine/vm1.libvirt-qemu", .machine = "vm1", .runtime = "libvirt-qemu" },
	{ .path = "/machine/qemu-1-instance-00000001.libvirt-qemu/emulator",
	  .machine = "qemu-1-instance-00000001", .runtime = "libvirt-qemu" },
	{ .path = "/machine/qemu-5-test.libvirt-qemu/vcpu0", .machine = "qemu-5-test",
	  .runtime = "libvirt-qemu" },
	{ .path = "/machine/production.partition/swissVM.libvirt-lxc", .machine = "swissVM",
	  .runtime = "libvirt-lxc" },
	{ .path = "/testing.partition/vm3.libvirt-qemu/vcpu1", .machine = "vm3",
	  .runtime = "libvirt-qemu" },
	{ .path = "/machine/.libvirt-qemu" },
	{ .path = "/machine/libvirt-qemu" },
	/* Slurm's cgroup/v1 and cgroup/v2 plugins: exporters of metrics and of jobs have these in
	 * their tests; the last is Slurm's own process */
	{ .path = "/slurm/uid_2101171/job_280678/step_interactive/task_0", .slurm_job = "280678",
	  .slurm_step = "interactive", .slurm_task = "0" },
	{ .path = "/slurm/uid_1000/job_1009248", .slurm_job = "1009248" },
	{ .path = "/slurm_node7/uid_1000/job_42/step_0", .slurm_job = "42", .slurm_step = "0" },
	{ .path = "/system.slice/slurmstepd.scope/job_1392969/step_0/user/task_0",
	  .unit = "slurmstepd.scope", .slice = "system.slice", .slurm_job = "1392969",
	  .slurm_step = "0", .slurm_task = "0" },
	{ .path = "/system.slice/node7_slurmstepd.scope/job_42/step_batch/user/task_special",
	  .unit = "node7_slurmstepd.scope", .slice = "system.slice", .slurm_job = "42",
	  .slurm_step = "batch", .slurm_task = "special" },
	{ .path = "/system.slice/slurmstepd.scope/job_42/step_extern/user",
	  .unit = "slurmstepd.scope", .slice = "system.slice", .slurm_job = "42",
	  .slurm_step = "extern" },
	{ .path = "/system.slice/slurmstepd.scope/job_42/step_0/slurm",
	  .unit = "slurmstepd.scope", .slice = "system.slice", .slurm_job = "42",
	  .slurm_step = "0" },
	{ .path = "/system.slice/slurmstepd.scope/system", .unit = "slurmstepd.scope",
	  .slice = "system.slice" },
	/* Bottlerocket's host containers, by host-ctr's containerd and its default namespace */
	{ .path = "/default/admin", .container_id = "admin", .runtime = "containerd" },
	/* amazon-ecs-agent agent/taskresource/cgroup: a task's containers with cgroup v2 */
	{ .path = "/ecstasks.slice/ecstasks-e95a40efbde84cbc8600660a109ec194.slice"
	  "/docker-"
	  "38fac3e99302b3622be089dd41e7ccf38aff368a86cc339972075136ee2710ce.scope",
	  .unit = "docker-"
	  "38fac3e99302b3622be089dd41e7ccf38aff368a86cc339972075136ee2710ce.scope",
	  .slice = "ecstasks-e95a40efbde84cbc8600660a109ec194.slice",
	  .container_id = "38fac3e99302b3622be089dd41e7ccf38aff368a86cc339972075136ee2710ce",
	  .runtime = "docker" },
	/* Fargate platform 1.4; Datadog saluki's id pattern [0-9a-f]{32}-[0-9]+ */
	{ .path = "/ecs/34dc0b5e626f2c5c4c5170e34b10e765"
	  "/34dc0b5e626f2c5c4c5170e34b10e765-1234567890",
	  .container_id = "34dc0b5e626f2c5c4c5170e34b10e765-1234567890", .runtime = "ecs" },
	/*
	 * nomad client/lib/cgroupslib/editor.go: v2, v1, v1's cpuset partitions; and the
	 * executor before 1.2
	 */
	{ .path = "/nomad.slice/share.slice"
	  "/4744f0ea-7616-ab3a-a420-8e25056e3861.envtask.scope",
	  .unit = "4744f0ea-7616-ab3a-a420-8e25056e3861.envtask.scope", .slice = "share.slice",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861.envtask", .runtime = "nomad" },
	{ .path = "/nomad.slice/reserve.slice"
	  "/4744f0ea-7616-ab3a-a420-8e25056e3861.memory.max.scope",
	  .unit = "4744f0ea-7616-ab3a-a420-8e25056e3861.memory.max.scope", .slice = "reserve.slice",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861.memory.max", .runtime = "nomad" },
	{ .path = "/nomad/4744f0ea-7616-ab3a-a420-8e25056e3861.envtask",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861.envtask", .runtime = "nomad" },
	{ .path = "/nomad/share/4744f0ea-7616-ab3a-a420-8e25056e3861.envtask",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861.envtask", .runtime = "nomad" },
	{ .path = "/nomad/reserve/4744f0ea-7616-ab3a-a420-8e25056e3861.envtask",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861.envtask", .runtime = "nomad" },
	{ .path = "/nomad/4744f0ea-7616-ab3a-a420-8e25056e3861",
	  .container_id = "4744f0ea-7616-ab3a-a420-8e25056e3861", .runtime = "nomad" },
	/* Mesos docs/configuration/agent.md, --cgroups_root: one cgroup per container */
	{ .path = "/mesos/f0c2a1b4-77d1-4f5c-9d3e-0a9b8c7d6e5f",
	  .container_id = "f0c2a1b4-77d1-4f5c-9d3e-0a9b8c7d6e5f", .runtime = "mesos" },
	/* The senders of kills: units of systemd-oomd, earlyoom and the kubelet */
	{ .path = "/system.slice/systemd-oomd.service", .unit = "systemd-oomd.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/earlyoom.service", .unit = "earlyoom.service",
	  .slice = "system.slice" },
	{ .path = "/system.slice/kubelet.service", .unit = "kubelet.service",
	  .slice = "system.slice" },
};
/* clang-format on */

#endif
