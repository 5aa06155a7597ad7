// SPDX-License-Identifier: BSD-2-Clause
/* Which deaths are worth reporting and which are routine, by the owners of victim and sender. */
#include "unit.h"

#include "explain/routine.h"

#include <signal.h>
#include <string.h>

#define ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define OTHER_ID "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961"
#define POD "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
#define OTHER_POD "/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796"
#define SHOP "/system.slice/shop.service"
#define CRON "/system.slice/cron.service"
#define DOCKER "/system.slice/docker.service"
#define ROOTS_SHELL "/user.slice/user-0.slice/session-1.scope"
#define SHELL "/user.slice/user-1000.slice/session-2.scope"
#define OTHER_SHELL "/user.slice/user-1000.slice/session-7.scope"
#define THEIR_SHELL "/user.slice/user-1001.slice/session-9.scope"
#define USER "/user.slice/user-1000.slice/user@1000.service"
#define SLURM "/system.slice/slurmstepd.scope"
#define VICTIM_PID 100
#define SENDER_PID 200

static struct death death;
static struct attribution whose;

#define CASE(news, sender, victim, ...)                                    \
	{                                                                  \
		.is_news = news, .from = sender, .to = victim, __VA_ARGS__ \
	}
#define NEWS(...) CASE(true, __VA_ARGS__)
#define ROUTINE(...) CASE(false, __VA_ARGS__)

static const struct stranger_case {
	const char *from, *to; /* in the default hierarchy */
	bool is_news;
	const char *comm, *exe; /* of the sender: "bash" */
	uint32_t from_uid, to_uid, pid, ppid, flags;
	const char *from_memory, *to_memory;
} cases[] = {
	/* an interactive shell that kills a service is worth reporting */
	NEWS(ROOTS_SHELL, SHOP),
	NEWS(SHELL, SHOP),
	NEWS(CRON, SHOP),
	ROUTINE(SHOP, SHOP),
	ROUTINE(SHOP "/control", SHOP),
	ROUTINE(SHOP, SHOP "/worker"),
	NEWS("/system.slice/shop2.service", SHOP),
	ROUTINE("/system.slice", SHOP), /* controllers that are not delegated further */
	NEWS("/", SHOP),
	ROUTINE("", SHOP), /* the sender's place is unknown */
	ROUTINE(ROOTS_SHELL, ""),
	ROUTINE(ROOTS_SHELL, "/"),
	/*
	 * allowed senders: a service manager, PID 1 with any name, a parent, init of the namespace
	 */
	ROUTINE("/init.scope", SHOP, .comm = "systemd", .pid = 1),
	ROUTINE("/", SHOP, .comm = "systemd-shutdow", .pid = 1),
	ROUTINE("/init.scope", SHOP, .comm = "init", .pid = 1),
	NEWS(CRON, SHOP, .comm = "systemd"),
	ROUTINE(ROOTS_SHELL, SHOP, .flags = KT_SIGNAL_SENDER_IS_PARENT),
	ROUTINE(ROOTS_SHELL, SHOP, .ppid = SENDER_PID),
	NEWS(ROOTS_SHELL, SHOP, .ppid = SENDER_PID + 1),
	ROUTINE(ROOTS_SHELL, SHOP, .flags = KT_SIGNAL_SENDER_IS_REAPER),
	ROUTINE(ROOTS_SHELL, SHOP, .flags = KT_SIGNAL_SELF),
	ROUTINE(USER "/init.scope", USER "/app.slice/web.service", .comm = "systemd",
		.from_uid = 1000, .to_uid = 1000),
	NEWS(USER "/init.scope", SHOP, .comm = "systemd", .from_uid = 1000, .to_uid = 1000),

	/* containers: their runtime, and what is in the same container or pod */
	ROUTINE(DOCKER, "/docker/" ID, .comm = "containerd-shim"),
	ROUTINE(DOCKER, "/docker/" ID, .comm = "dockerd"),
	ROUTINE("/system.slice/containerd.service", POD "/" ID, .comm = "runc"),
	ROUTINE("/system.slice/kubelet.service", POD "/" ID, .comm = "kubelet"),
	ROUTINE("/docker/" ID, "/docker/" ID, .comm = "s6-svscan"),
	ROUTINE("/docker/" ID "/x", "/docker/" ID "/y", .comm = "supervisord"),
	NEWS(ROOTS_SHELL, "/docker/" ID),
	NEWS("/", "/docker/" ID),
	NEWS("/docker/" OTHER_ID, "/docker/" ID),
	NEWS("/docker/" OTHER_ID, "/docker/" ID, .comm = "runc"),
	NEWS("/docker/" ID, SHOP),
	NEWS("/docker/" ID, SHOP, .comm = "runc"),
	ROUTINE(POD "/" OTHER_ID, POD "/" ID),
	NEWS(OTHER_POD "/" OTHER_ID, POD "/" ID),
	NEWS(POD "/" ID, "/system.slice/kubelet.service"),
	/* a daemon in a container, and the containers that it runs there */
	ROUTINE("/docker/" ID, "/docker/" ID "/docker/" OTHER_ID),
	/* k3s: all pods are below its unit, but none is the unit itself */
	ROUTINE("/system.slice/k3s.service" POD "/" ID, "/system.slice/k3s.service"),
	NEWS("/system.slice/k3s.service" POD "/" ID, "/system.slice/k3s.service/server"),
	/* a forged cgroup name does not make the sender the victim's neighbour */
	NEWS(USER "/docker-" ID ".scope", "/docker/" ID, .from_uid = 1000),
	NEWS(USER POD, POD "/" ID, .from_uid = 1000),
	NEWS("/system.slice/evil.service/docker/" ID, DOCKER "/docker/" ID),
	NEWS("/docker/" OTHER_ID "/docker/" ID, "/docker/" ID),
	NEWS("/docker/" OTHER_ID "/docker/" ID, "/docker/" ID "/docker/" OTHER_ID),
	NEWS(POD "/" OTHER_ID "/docker/" ID, "/docker/" ID),
	NEWS(POD "/" OTHER_ID OTHER_POD, OTHER_POD "/" ID),
	/* podman at a shell, also after sudo; a user's rootless one */
	ROUTINE(ROOTS_SHELL, "/machine.slice/libpod-" ID ".scope/container", .comm = "crun",
		.exe = "crun"),
	ROUTINE(SHELL, "/machine.slice/libpod-" ID ".scope/container", .comm = "crun",
		.exe = "crun"),
	NEWS(SHELL, "/machine.slice/libpod-" ID ".scope/container", .comm = "crun"),
	NEWS(SHELL, "/machine.slice/libpod-" ID ".scope/container", .comm = "crun", .exe = "bash"),
	NEWS(SHELL, "/machine.slice/libpod-" ID ".scope/container", .comm = "crun", .exe = "crun",
	     .from_uid = 1000),
	ROUTINE(SHELL, USER "/user.slice/libpod-" ID ".scope", .comm = "crun", .from_uid = 1000,
		.to_uid = 1000),
	NEWS(SHELL, USER "/user.slice/libpod-" ID ".scope", .from_uid = 1000, .to_uid = 1000),
	NEWS(THEIR_SHELL, USER "/user.slice/libpod-" ID ".scope", .comm = "crun", .from_uid = 1000,
	     .to_uid = 1000),
	NEWS(USER "/docker-" OTHER_ID ".scope", USER "/user.slice/libpod-" ID ".scope",
	     .comm = "crun", .from_uid = 1000, .to_uid = 1000),

	/* machines: their supervisor is in the same unit */
	ROUTINE("/machine.slice/machine-deb.scope/supervisor",
		"/machine.slice/machine-deb.scope/payload"),
	ROUTINE("/machine.slice/machine-deb.scope/payload/system.slice/x.service",
		"/machine.slice/machine-deb.scope/payload/y"),
	NEWS("/machine.slice/machine-sid.scope/payload",
	     "/machine.slice/machine-deb.scope/payload"),
	NEWS(ROOTS_SHELL, "/machine.slice/machine-deb.scope/payload"),

	/* jobs: their own daemon, but no other job */
	ROUTINE(SLURM "/job_42/step_0/slurm", SLURM "/job_42/step_0/user/task_0"),
	ROUTINE(SLURM "/job_42/step_batch/user/task_0", SLURM "/job_42/step_0/user/task_0"),
	NEWS(SLURM "/job_43/step_0/user/task_0", SLURM "/job_42/step_0/user/task_0"),
	NEWS(ROOTS_SHELL, "/slurm/uid_1000/job_42/step_0/task_0"),
	NEWS("/slurm/uid_1000/job_43/step_0/task_0", "/slurm/uid_1000/job_42/step_0/task_0"),

	/* users in their sessions: everything is theirs except a service, which has a manager */
	ROUTINE(SHELL, SHELL, .from_uid = 1000, .to_uid = 1000),
	ROUTINE(OTHER_SHELL, SHELL, .from_uid = 1000, .to_uid = 1000),
	ROUTINE(OTHER_SHELL, SHELL, .to_uid = 1000), /* sudo kill */
	ROUTINE(SHELL, USER "/app.slice/app-editor-1.scope", .from_uid = 1000, .to_uid = 1000),
	NEWS(SHELL, USER "/app.slice/web.service", .from_uid = 1000, .to_uid = 1000),
	ROUTINE(USER "/app.slice/web.service", USER "/app.slice/web.service", .from_uid = 1000,
		.to_uid = 1000),
	NEWS(USER "/app.slice/db.service", USER "/app.slice/web.service", .from_uid = 1000,
	     .to_uid = 1000),
	NEWS(ROOTS_SHELL, SHELL, .to_uid = 1000),
	NEWS(CRON, SHELL, .to_uid = 1000),
	ROUTINE(CRON, SHELL, .from_uid = 1000, .to_uid = 1000),

	/* not known to be services */
	ROUTINE("/a", "/b"),
	ROUTINE(ROOTS_SHELL, "/b"),
	ROUTINE(ROOTS_SHELL, "/system.slice/run-u7.scope"),

	/* hybrid: everything that docker runs is docker.service in one hierarchy */
	NEWS(DOCKER, DOCKER, .from_memory = "/docker/" OTHER_ID, .to_memory = "/docker/" ID),
	ROUTINE(DOCKER, DOCKER, .from_memory = "/docker/" ID, .to_memory = "/docker/" ID),
	NEWS(DOCKER, DOCKER, .from_memory = DOCKER, .to_memory = "/docker/" ID),
	ROUTINE(DOCKER, DOCKER, .from_memory = DOCKER, .to_memory = "/docker/" ID,
		.comm = "containerd-shim"),
	ROUTINE(DOCKER, DOCKER, .to_memory = "/docker/" ID), /* an older recording */
	/* version 1 only: the sender's one path is from the hierarchy that has the most */
	NEWS(CRON, "/", .to_memory = SHOP),
	NEWS(ROOTS_SHELL, "", .to_memory = "/docker/" ID),
	ROUTINE(SHOP, "/", .to_memory = SHOP),
	ROUTINE("/docker/" ID, "/", .to_memory = "/docker/" ID),
	NEWS("/", "/", .from_memory = CRON, .to_memory = SHOP),
	ROUTINE("/", "/", .from_memory = SHOP, .to_memory = SHOP),
	NEWS("/", "/", .to_memory = SHOP),
	ROUTINE("/", "/", .from_memory = "/system.slice", .to_memory = SHOP),
};

static void set(const struct stranger_case *what)
{
	memset(&death, 0, sizeof(death));
	death.has_signal = true;
	death.record.tgid = VICTIM_PID;
	death.record.uid = what->to_uid;
	death.record.ppid = what->ppid;
	death.record.valid = KT_VALID_UID | (what->ppid ? KT_VALID_PARENT : 0);
	death.signal.number = SIGTERM;
	death.signal.flags = what->flags;
	death.signal.sender_uid = what->from_uid;
	death.signal.sender_pid = what->pid ? what->pid : SENDER_PID;
	strcpy(death.signal.sender_comm, what->comm ? what->comm : "bash");
	strcpy(death.sender_exe, what->exe ? what->exe : "");
	strcpy(death.sender_path, what->from);
	strcpy(death.cgroup_path, what->to);
	strcpy(death.sender_memory_path, what->from_memory ? what->from_memory : "");
	strcpy(death.memory_path, what->to_memory ? what->to_memory : "");
	attribution_read(&death, &whose);
}

static bool is_news(const struct stranger_case *what)
{
	set(what);
	return routine_is_by_stranger(&death, &whose,
				      killer_of(&death, &whose.sender, &whose.owner));
}

static void test_strangers(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (is_news(&cases[i]) != cases[i].is_news) {
			print_error("case %zu: %s to %s is %s\n", i, cases[i].from, cases[i].to,
				    cases[i].is_news ? "news" : "routine");
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

/* Whatever evidence is missing, no routine death becomes one by a stranger. */
static void test_less_evidence(void **state)
{
	struct stranger_case less;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		less = cases[i];
		less.from = less.from_memory = "";
		assert_false(is_news(&less));
		less = cases[i];
		less.to = less.to_memory = "";
		assert_false(is_news(&less));
	}
	assert_true(is_news(&cases[0]));
	death.has_signal = false;
	assert_false(routine_is_by_stranger(&death, &whose, KILLER_ANYBODY));
}

#define PARENT KT_SIGNAL_SENDER_IS_PARENT
#define FORKED KT_DEATH_NEVER_EXECED

static const struct helper_case {
	const char *parent, *child; /* the files that they run */
	uint32_t parent_uid, child_uid, signal_flags, record_flags;
	bool is_routine;
} helpers[] = {
	{ "systemd-executor", "systemd-executor", 0, 0, PARENT, FORKED, true }, /* (sd-mkuserns) */
	{ "systemd", "systemd", 0, 0, PARENT, FORKED, true },
	{ "systemd", "systemd-executor", 0, 1000, PARENT, FORKED, true }, /* (sd-pam) */
	{ "systemd-nspawn", "systemd-nspawn", 0, 0, PARENT, FORKED, true },
	{ "podman", "podman", 0, 0, PARENT, FORKED, true },
	{ "podman", "podman", 1000, 1000, PARENT, FORKED, true },
	{ "buildah", "buildah", 0, 0, PARENT, FORKED, true },
	/* its processes that read files */
	{ "killtrace", "killtrace", 1879048192, 1879048192, PARENT, FORKED, true },
	{ "killtrace", "killtrace", 1000, 1001, PARENT, FORKED, false },
	/* the process on which it tests ptrace(2) */
	{ "strace", "strace", 1000, 1000, PARENT | KT_SIGNAL_TARGET_PTRACED, FORKED, true },
	{ "gdb", "gdb", 0, 0, PARENT | KT_SIGNAL_TARGET_PTRACED, FORKED, true },
	/* each fact is necessary */
	{ "systemd", "systemd", 0, 0, 0, FORKED, false },
	{ "systemd", "systemd", 0, 0, PARENT, 0, false },
	{ "systemd", "systemd", 0, 0, PARENT | KT_SIGNAL_SELF, FORKED, false },
	{ "strace", "strace", 1000, 1000, PARENT, FORKED, false },
	{ "gdb", "gdb", 0, 0, PARENT, FORKED, false },
	{ "gdb", "strace", 0, 0, PARENT | KT_SIGNAL_TARGET_PTRACED, FORKED, false },
	{ "shop", "shop", 0, 0, PARENT | KT_SIGNAL_TARGET_PTRACED, FORKED, false },
	{ "podman", "podman", 0, 0, PARENT | KT_SIGNAL_TO_PROCESS_GROUP, FORKED, false },
	{ "podman", "podman", 0, 0, PARENT | KT_SIGNAL_TO_ALL, FORKED, false },
	{ "systemd", "shop", 0, 0, PARENT, FORKED, false },
	{ "shop", "systemd", 0, 0, PARENT, FORKED, false },
	{ "shop", "shop", 0, 0, PARENT, FORKED, false },
	{ "", "", 0, 0, PARENT, FORKED, false },
	{ "systemd", "", 0, 0, PARENT, FORKED, false },
	{ "", "systemd", 0, 0, PARENT, FORKED, false },
	{ "systemd-executor", "systemd", 0, 0, PARENT, FORKED, false },
	{ "podman", "buildah", 0, 0, PARENT, FORKED, false },
	{ "podman", "podman", 1000, 1001, PARENT, FORKED, false },
};

static void test_helpers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(helpers); i++) {
		set(&cases[0]);
		strcpy(death.sender_exe, helpers[i].parent);
		strcpy(death.exe, helpers[i].child);
		death.signal.sender_uid = helpers[i].parent_uid;
		death.record.uid = helpers[i].child_uid;
		death.signal.flags = helpers[i].signal_flags;
		death.record.flags = helpers[i].record_flags;
		if (routine_is_own_helper(&death) != helpers[i].is_routine)
			fail_msg("case %zu: %s by %s", i, helpers[i].child, helpers[i].parent);
	}
	assert_false(routine_is_own_worker(&death));
	/* a name that the victim gave itself does not count */
	set(&cases[0]);
	strcpy(death.comm, "(sd-pam)");
	assert_false(routine_is_own_helper(&death));
	death.has_signal = false;
	assert_false(routine_is_own_helper(&death));
}

static void set_child(const char *program, int number)
{
	set(&cases[0]);
	strcpy(death.sender_exe, program);
	strcpy(death.exe, program);
	death.signal.sender_uid = 0;
	death.signal.flags = PARENT;
	death.signal.number = number;
	death.signal.time_ns = 10000000000;
	death.record.flags = FORKED;
}

/* Children of php-fpm when it is stopped. */
static void test_asked_just_before(void **state)
{
	struct kt_prior_signal *prior = &death.prior[0];

	(void)state;
	set_child("php-fpm8.2", SIGKILL);
	assert_false(routine_is_own_helper(&death));
	death.prior_count = 1;
	*prior = (struct kt_prior_signal){ .number = SIGTERM,
					   .flags = KT_SIGNAL_HANDLED,
					   .sender_pid = death.signal.sender_pid,
					   .time_ns = death.signal.time_ns - 499999999 };
	assert_true(routine_is_own_helper(&death));
	/*
	 * each fact is necessary: a stuck worker is worth reporting, and so is one that was aborted
	 */
	prior->time_ns = death.signal.time_ns - 500000000;
	assert_false(routine_is_own_helper(&death));
	prior->time_ns = death.signal.time_ns + 1;
	assert_false(routine_is_own_helper(&death));
	prior->time_ns = death.signal.time_ns;
	assert_true(routine_is_own_helper(&death));
	prior->sender_pid++;
	assert_false(routine_is_own_helper(&death));
	prior->sender_pid--;
	prior->flags = KT_SIGNAL_BLOCKED;
	assert_false(routine_is_own_helper(&death));
	prior->flags = KT_SIGNAL_HANDLED;
	prior->number = SIGABRT;
	assert_false(routine_is_own_helper(&death));
	prior->number = SIGQUIT;
	assert_true(routine_is_own_helper(&death));
	/* the parent itself dies of that */
	death.signal.flags |= KT_SIGNAL_TO_PROCESS_GROUP;
	assert_false(routine_is_own_helper(&death));
	death.signal.flags = PARENT;
	strcpy(death.exe, "php");
	assert_false(routine_is_own_helper(&death));
}

/* Erlang's resolver when its virtual machine stops. */
static void test_own_worker(void **state)
{
	(void)state;
	set_child("inet_gethost", SIGUSR1);
	assert_true(routine_is_own_worker(&death));
	death.signal.flags = 0;
	assert_false(routine_is_own_worker(&death));
	set_child("inet_gethost", SIGUSR2);
	assert_false(routine_is_own_worker(&death));
	set_child("nginx", SIGUSR1);
	assert_false(routine_is_own_worker(&death));
}

#define NO_TERMINAL KT_VALID_TERMINAL, 0
#define TERMINAL KT_VALID_TERMINAL, KT_DEATH_HAS_TERMINAL
#define TO_SOCKET KT_SIGNAL_WROTE_TO_SOCKET

static const struct notice_case {
	const char *victim;
	int number;
	uint32_t signal_flags, valid, flags;
	bool is_news;
	bool lives_on; /* it handled the signal, and exited */
} notices[] = {
	{ SHOP, SIGPIPE, TO_SOCKET, NO_TERMINAL, true, false },
	{ "/docker/" ID, SIGPIPE, TO_SOCKET, NO_TERMINAL, true, false },
	{ POD "/" ID, SIGPIPE, TO_SOCKET, NO_TERMINAL, true, false },
	{ USER "/app.slice/web.service", SIGPIPE, TO_SOCKET, NO_TERMINAL, true, false },
	{ SHOP, SIGALRM, 0, NO_TERMINAL, true, false },
	{ POD "/" ID, SIGALRM, 0, NO_TERMINAL, true, false },
	/* a pipeline, wherever it runs; and unknown targets */
	{ SHOP, SIGPIPE, KT_SIGNAL_WROTE_TO_PIPE, NO_TERMINAL, false, false },
	{ SHOP, SIGPIPE, 0, NO_TERMINAL, false, false },
	/* with a terminal: "docker run -t", agetty's timeout */
	{ SHOP, SIGPIPE, TO_SOCKET, TERMINAL, false, false },
	{ SHOP, SIGALRM, 0, TERMINAL, false, false },
	/* an older recording */
	{ SHOP, SIGPIPE, TO_SOCKET, 0, 0, false, false },
	{ SHOP, SIGALRM, 0, 0, 0, false, false },
	/* a user's commands */
	{ SHELL, SIGPIPE, TO_SOCKET, NO_TERMINAL, false, false },
	{ SHELL, SIGALRM, 0, NO_TERMINAL, false, false },
	{ "/", SIGALRM, 0, NO_TERMINAL, false, false },
	{ "", SIGALRM, 0, NO_TERMINAL, false, false },
	/* sent by a terminal */
	{ SHOP, SIGHUP, 0, NO_TERMINAL, false, false },
	{ SHOP, SIGINT, 0, NO_TERMINAL, false, false },
	{ SHOP, SIGPIPE, TO_SOCKET, NO_TERMINAL, false, true },
};

static void test_notices(void **state)
{
	static const struct stranger_case plain = { .from = "", .to = "" };

	(void)state;
	for (size_t i = 0; i < COUNT(notices); i++) {
		set(&plain);
		strcpy(death.cgroup_path, notices[i].victim);
		death.signal.number = notices[i].number;
		death.signal.flags = notices[i].signal_flags | KT_SIGNAL_SELF;
		death.record.valid = notices[i].valid;
		death.record.flags = notices[i].flags;
		death.record.status = notices[i].lives_on ? 1 << 8 : (uint32_t)notices[i].number;
		attribution_read(&death, &whose);
		if (routine_is_unmeant(&death, &whose.owner) != notices[i].is_news)
			fail_msg("case %zu: signal %d in %s", i, notices[i].number,
				 notices[i].victim);
		death.has_signal = false;
		assert_false(routine_is_unmeant(&death, &whose.owner));
	}
}

#define ELSEWHERE KT_SIGNAL_OTHER_SESSION

static const struct reload_case {
	struct stranger_case what;
	uint32_t valid, flags;
	int number;
} reloads[] = {
	/* ExecReload=kill -HUP, docker exec ... kill -HUP 1 */
	{ NEWS(SHOP, SHOP, .flags = ELSEWHERE), NO_TERMINAL, SIGHUP },
	{ NEWS(POD "/" ID, POD "/" ID, .flags = ELSEWHERE), NO_TERMINAL, SIGHUP },
	/* allowed senders */
	{ ROUTINE("/init.scope", SHOP, .comm = "systemd", .pid = 1, .flags = ELSEWHERE),
	  NO_TERMINAL, SIGHUP },
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE | PARENT), NO_TERMINAL, SIGHUP },
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE | KT_SIGNAL_SENDER_IS_REAPER), NO_TERMINAL,
	  SIGHUP },
	/* job control */
	{ ROUTINE(SHOP, SHOP, .flags = KT_SIGNAL_SAME_SESSION), NO_TERMINAL, SIGHUP },
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE), TERMINAL, SIGHUP },
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE | KT_SIGNAL_TO_PROCESS_GROUP), NO_TERMINAL,
	  SIGHUP },
	{ ROUTINE(SHELL, SHELL, .flags = ELSEWHERE), NO_TERMINAL, SIGHUP },
	/* an ordinary way to end a program */
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE), NO_TERMINAL, SIGTERM },
	/* unknown */
	{ ROUTINE(SHOP, SHOP), NO_TERMINAL, SIGHUP },
	{ ROUTINE(SHOP, SHOP, .flags = ELSEWHERE), 0, 0, SIGHUP },
};

static void test_reloads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reloads); i++) {
		set(&reloads[i].what);
		death.signal.number = reloads[i].number;
		death.record.status = (uint32_t)reloads[i].number;
		death.record.valid |= reloads[i].valid;
		death.record.flags = reloads[i].flags;
		if (routine_is_by_stranger(&death, &whose,
					   killer_of(&death, &whose.sender, &whose.owner)) !=
		    reloads[i].what.is_news)
			fail_msg("case %zu", i);
	}
	/* a handler that ends the process did its job */
	set(&reloads[0].what);
	death.signal.number = SIGHUP;
	death.record.valid |= KT_VALID_TERMINAL;
	death.record.status = 1 << 8;
	assert_false(routine_is_reload(&death));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers),  cmocka_unit_test(test_less_evidence),
		cmocka_unit_test(test_helpers),    cmocka_unit_test(test_asked_just_before),
		cmocka_unit_test(test_own_worker), cmocka_unit_test(test_notices),
		cmocka_unit_test(test_reloads),
	};

	return cmocka_run_group_tests_name("routine", tests, NULL, NULL);
}
