/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths caused by other deaths: parents, tracers, namespaces, control groups. */
#include "zoo.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void ask_to_die_with_parent(struct witness *me, const void *arg)
{
	const int *sig = arg;

	prctl(PR_SET_PDEATHSIG, *sig);
	actor_pause(me, NULL);
}

struct family {
	const struct victim *v;
	int sig;
};

static void short_lived_parent(struct witness *me, const void *arg)
{
	const struct family *family = arg;
	struct witness *child =
		actor_start("victim", family->v->comm, ask_to_die_with_parent, &family->sig);

	(void)me;
	witness_wait(child);
	knows_sender(child, "kz-parent");
	_exit(0);
}

static void scene_pdeathsig(const struct victim *v)
{
	struct family family = { .v = v, .sig = (int)v->arg };

	actor_start("parent", "kz-parent", short_lived_parent, &family);
}

/* Tracers */

static void trace_and_leave(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");

	(void)arg;
	if (ptrace(PTRACE_SEIZE, victim->pid, 0L, (long)PTRACE_O_EXITKILL))
		witness_skip(me, "ptrace is refused");
	knows_sender(victim, "kz-tracer");
	_exit(0);
}

static bool attach(struct witness *victim)
{
	int status;

	return !ptrace(PTRACE_ATTACH, victim->pid, 0L, 0L) &&
	       waitpid(victim->pid, &status, __WALL) == victim->pid;
}

static void trace_and_kill(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");
	int status;

	(void)arg;
	if (!attach(victim))
		witness_skip(me, "ptrace is refused");
	knows_sender(victim, "kz-tracer");
	ptrace(PTRACE_KILL, victim->pid, 0L, 0L);
	waitpid(victim->pid, &status, __WALL);
}

static void trace_and_inject(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");
	const long *number = arg;
	int status;

	if (!attach(victim))
		witness_skip(me, "ptrace is refused");
	knows_number(victim, "tracer_pid", getpid());
	ptrace(PTRACE_CONT, victim->pid, 0L, *number);
	waitpid(victim->pid, &status, __WALL);
}

static void traced(const struct victim *v, act_fn tracer)
{
	witness_wait(actor_start("victim", v->comm, actor_pause, NULL));
	actor_start("tracer", "kz-tracer", tracer, &v->arg);
}

static void scene_exitkill(const struct victim *v)
{
	traced(v, trace_and_leave);
}

static void scene_ptrace_kill(const struct victim *v)
{
	traced(v, trace_and_kill);
}

static void scene_ptrace_inject(const struct victim *v)
{
	traced(v, trace_and_inject);
}

/* Pid namespaces */

static void namespace_child(struct witness *me, const void *arg)
{
	knows_number(me, "ns_pid", getpid());
	actor_pause(me, arg);
}

/* Forked inside: the namespace's own init reaps it, and no wait status is seen outside. */
static void namespace_init(struct witness *me, const void *arg)
{
	const long *killed = arg;
	struct witness *inner = actor_start("victim-inner", "kz-ns-inner", namespace_child, NULL);

	witness_wait(inner);
	knows_number(inner, "init_pid", me->pid);
	witness_ready(me);
	if (*killed)
		actor_pause(me, NULL);
	witness_wait(witness_role("victim-joined"));
	_exit(0);
}

/* Forked from outside into the namespace: the runner can reap it. */
static void join_namespace(struct witness *me, const void *arg)
{
	const struct witness *init = arg;
	struct witness *joined = witness_role("victim-joined");
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", init->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWPID))
		witness_skip(me, "pid namespaces cannot be entered");
	joined->pid = fork();
	if (joined->pid == 0) {
		prctl(PR_SET_NAME, "kz-ns-joined");
		joined->pid = host_pid();
		knows_comm(joined, "comm_hex");
		knows_number(joined, "init_pid", init->pid);
		namespace_child(joined, NULL);
	}
	_exit(0);
}

static void kill_init(struct witness *me, const void *arg)
{
	struct witness *init = witness_role("victim-init");

	(void)me;
	(void)arg;
	witness_wait(witness_role("victim-joined"));
	knows_sender(init, "kz-sender");
	kill(init->pid, SIGKILL);
}

static void scene_namespace(const struct victim *v)
{
	struct witness *init;

	witness_new("victim-joined");
	init = actor_clone(CLONE_NEWPID, v->arg ? "victim-init" : "init", v->comm, namespace_init,
			   &v->arg);
	if (init->skip[0])
		return;
	witness_wait(init);
	actor_start("joiner", "kz-ns-joiner", join_namespace, init);
	if (v->arg)
		actor_start("sender", "kz-sender", kill_init, NULL);
}

/* Control groups */

static char group[256];

static const char *needs_cgroup_kill(void)
{
	static const char *const reason = "no cgroup v2 hierarchy with cgroup.kill";
	char path[320];

	if (!cgroup_unified_root() ||
	    cgroup_make(cgroup_unified_root(), "kill", group, sizeof(group)))
		return reason;
	snprintf(path, sizeof(path), "%s/cgroup.kill", group);
	if (!access(path, W_OK))
		return NULL;
	cgroup_cleanup();
	return reason;
}

static void in_group(struct witness *me, const void *arg)
{
	cgroup_join(group);
	knows_string(me, "cgroup_path", group + strlen(cgroup_unified_root()));
	actor_pause(me, arg);
}

static void write_cgroup_kill(struct witness *me, const void *arg)
{
	(void)me;
	(void)arg;
	knows_sender(witness_role("victim-1"), "kz-reaper");
	knows_sender(witness_role("victim-2"), "kz-reaper");
	cgroup_write(group, "cgroup.kill", "1");
}

static void scene_cgroup_kill(const struct victim *v)
{
	witness_wait(actor_start("victim-1", v->comm, in_group, NULL));
	witness_wait(actor_start("victim-2", v->comm, in_group, NULL));
	actor_start("sender", "kz-reaper", write_cgroup_kill, NULL);
}

static const struct victim victims[] = {
	{ .name = "pdeathsig", .comm = "kz-pdeath", .arg = SIGKILL, .scene = scene_pdeathsig },
	{ .name = "pdeathsig-term",
	  .comm = "kz-pdeath-15",
	  .arg = SIGTERM,
	  .scene = scene_pdeathsig },
	{ .name = "ptrace-exitkill", .comm = "kz-exitkill", .scene = scene_exitkill },
	{ .name = "ptrace-kill", .comm = "kz-ptrace-kill", .scene = scene_ptrace_kill },
	{ .name = "ptrace-inject",
	  .comm = "kz-inject",
	  .arg = SIGUSR2,
	  .scene = scene_ptrace_inject },
	{ .name = "ptrace-inject-segv",
	  .comm = "kz-inject-segv",
	  .arg = SIGSEGV,
	  .scene = scene_ptrace_inject },
	{ .name = "ptrace-inject-sys",
	  .comm = "kz-inject-sys",
	  .arg = SIGSYS,
	  .scene = scene_ptrace_inject },
	{ .name = "pidns-exit", .comm = "kz-ns-init", .outcome = DIE, .scene = scene_namespace },
	{ .name = "pidns-killed",
	  .comm = "kz-ns-init",
	  .outcome = DIE,
	  .arg = 1,
	  .scene = scene_namespace },
	{ .name = "cgroup-kill",
	  .comm = "kz-cgroup-kill",
	  .outcome = DIE,
	  .scene = scene_cgroup_kill,
	  .needs = needs_cgroup_kill },
};

const struct menagerie zoo_families = MENAGERIE(victims);
