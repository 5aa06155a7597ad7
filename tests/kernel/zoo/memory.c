/* SPDX-License-Identifier: BSD-2-Clause */
/* Out of memory in small control groups. Never globally: that is in guest.c. */
#include "zoo.h"

#include "insn.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 24 << 20, APPETITE = 256 << 20 };

static char limited[256]; /* the group with the limit */
static char inner[256];   /* the group the victims are in */

static const char *needs_memory_cgroup(void)
{
	return cgroup_memory_root() ? NULL : "no memory cgroup controller";
}

static const char *needs_v2(void)
{
	return cgroup_memory_root() && cgroup_memory_is_v2() ? NULL
							     : "no cgroup v2 memory controller";
}

static void set_limit(const char *path)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", LIMIT);
	if (!cgroup_memory_is_v2()) {
		cgroup_write(path, "memory.limit_in_bytes", text);
		return;
	}
	cgroup_write(path, "memory.max", text);
	/* Missing without swap accounting, and then not needed. */
	cgroup_write(path, "memory.swap.max", "0");
}

static bool make_groups(bool nested)
{
	if (cgroup_make(cgroup_memory_root(), nested ? "limit" : "oom", limited, sizeof(limited)))
		return false;
	set_limit(limited);
	snprintf(inner, sizeof(inner), "%s", limited);
	if (!nested)
		return true;
	if (cgroup_memory_is_v2())
		cgroup_write(limited, "cgroup.subtree_control", "+memory");
	return !cgroup_make(limited, "inner", inner, sizeof(inner));
}

uint64_t memory_anonymous_rss(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long kilobytes = 0;
	char line[256];

	if (!status)
		return 0;
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, "RssAnon:", 8) == 0)
			kilobytes = strtoul(line + 8, NULL, 10);
	}
	fclose(status);
	return kilobytes * 1024;
}

void memory_eat(struct witness *me, size_t appetite)
{
	char *memory = mmap(NULL, appetite, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* Whole huge pages would make the testimony inaccurate. */
	madvise(memory, appetite, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < appetite; i += ZOO_PAGE) {
		*(volatile char *)(memory + i) = 1;
		me->anon_touched += ZOO_PAGE;
	}
}

size_t memory_make_limit(void)
{
	return make_groups(false) ? LIMIT : 0;
}

void memory_join_limit(void)
{
	cgroup_join(inner);
}

void memory_enter_limit(struct witness *me)
{
	cgroup_join(inner);
	knows_number(me, "limit_bytes", LIMIT);
	knows_string(me, "limit_path", limited + strlen(cgroup_memory_root()));
	knows_string(me, "memory_path", inner + strlen(cgroup_memory_root()));
	me->anon_base = memory_anonymous_rss();
}

static void glutton(struct witness *me, const void *arg)
{
	(void)arg;
	memory_enter_limit(me);
	memory_eat(me, APPETITE);
}

static long long limit_stat(const char *key)
{
	char hierarchical[64];

	snprintf(hierarchical, sizeof(hierarchical), "%s%s", cgroup_memory_is_v2() ? "" : "total_",
		 key);
	return cgroup_number(limited, "memory.stat", hierarchical);
}

/*
 * Another process keeps a victim's files alive, so that the control group can be read afterwards.
 */
static int kept_file = -1;

/* The control group's counters afterwards, while it still exists. */
static void read_counters(void)
{
	bool v2 = cgroup_memory_is_v2();
	long long kills = v2 ? cgroup_number(inner, "memory.events", "oom_kill")
			     : cgroup_number(inner, "memory.oom_control", "oom_kill");
	long long peak = v2 ? cgroup_number(limited, "memory.peak", NULL)
			    : cgroup_number(limited, "memory.max_usage_in_bytes", NULL);

	for (unsigned int i = 0; i < witness_count(); i++) {
		struct witness *w = witness_at(i);

		if (strncmp(w->role, "victim", 6) != 0)
			continue;
		knows_number(w, "oom_kills", kills);
		knows_number(w, "peak_bytes", peak);
		if (kept_file >= 0)
			knows_number(w, "limit_shmem", limit_stat("shmem"));
	}
	/* killtrace reads it after the kill: it stays for a while */
	if (kept_file >= 0)
		sleep_ms(1000);
	if (kept_file >= 0)
		close(kept_file);
	kept_file = -1;
}

static void scene_plain(const struct victim *v)
{
	if (make_groups(false))
		actor_start("victim", v->comm, glutton, NULL);
}

static void scene_nested(const struct victim *v)
{
	if (make_groups(true))
		actor_start("victim", v->comm, glutton, NULL);
}

/* The first process of a container lives on when its worker is killed. */
static void container_run(struct witness *me, const struct victim *v, act_fn worker)
{
	int status;

	cgroup_join(inner);
	actor_start("victim", v->comm, worker, NULL);
	wait(&status);
	witness_role("victim")->status = status;
	witness_role("victim")->reaped = true;
	witness_ready(me);
}

static void container_init(struct witness *me, const void *arg)
{
	container_run(me, arg, glutton);
}

static void scene_child(const struct victim *v)
{
	if (make_groups(false))
		actor_start("init", "kz-oom-init", container_init, v);
}

static void namespaced_glutton(struct witness *me, const void *arg)
{
	knows_number(me, "ns_pid", getpid());
	glutton(me, arg);
}

static void namespace_init(struct witness *me, const void *arg)
{
	container_run(me, arg, namespaced_glutton);
}

/* A container as runtimes make it: its processes have other pids inside. */
static void scene_namespace(const struct victim *v)
{
	if (make_groups(false))
		actor_clone(CLONE_NEWPID, "init", "kz-oom-init", namespace_init, v);
}

/* All of them eat until they die: the OOM killer must kill one after the other. */
static void scene_several(const struct victim *v)
{
	static const char *const roles[] = { "victim-1", "victim-2", "victim-3" };

	if (!make_groups(false))
		return;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		actor_start(roles[i], v->comm, glutton, NULL);
}

/*
 * Two processes with one memory, as with vfork or CLONE_VM without CLONE_THREAD. The kernel kills
 * both, but marks only one as a victim.
 */
static void share_memory(struct witness *me, const void *arg)
{
	struct witness *sharer = witness_role("victim-sharer");
	static char stack[65536] __attribute__((aligned(16)));
	long pid;

	(void)arg;
	memory_enter_limit(me);
	knows_comm(sharer, "comm_hex");
	knows_number(sharer, "limit_bytes", LIMIT);
	knows_string(sharer, "memory_path", inner + strlen(cgroup_memory_root()));
	pid = insn_fork_sharing(stack + sizeof(stack));
	sharer->pid = (pid_t)pid;
	sharer->tid = (pid_t)pid;
	memory_eat(me, APPETITE);
}

static void scene_shared(const struct victim *v)
{
	if (!make_groups(false))
		return;
	witness_new("victim-sharer");
	actor_start("victim-eater", v->comm, share_memory, NULL);
}

static void bystander(struct witness *me, const void *arg)
{
	memory_enter_limit(me);
	actor_pause(me, arg);
}

/* memory.oom.group: the kernel kills the whole group with the chosen process. */
static void scene_group(const struct victim *v)
{
	struct witness *first, *second, *eater;

	if (!make_groups(false))
		return;
	cgroup_write(limited, "memory.oom.group", "1");
	first = actor_start("victim-bystander", "kz-oom-by", bystander, NULL);
	witness_wait(first);
	second = actor_start("victim-second", "kz-oom-by", bystander, NULL);
	witness_wait(second);
	eater = actor_start("victim-eater", v->comm, glutton, NULL);
	knows_number(first, "chosen_pid", eater->pid);
	knows_number(second, "chosen_pid", eater->pid);
}

static void eat_and_wait(struct witness *me, const void *arg)
{
	(void)arg;
	memory_enter_limit(me);
	/* Chosen because of its memory, although another process allocates the last page. */
	memory_eat(me, LIMIT * 3UL / 5);
	witness_ready(me);
	for (;;)
		pause();
}

static void last_straw(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");

	(void)arg;
	witness_wait(victim);
	cgroup_join(inner);
	knows_number(victim, "trigger_pid", me->pid);
	knows_string(victim, "trigger_comm", "kz-straw");
	/* Little enough to survive once the big one is gone. */
	memory_eat(me, LIMIT * 11UL / 20);
}

static void scene_trigger(const struct victim *v)
{
	if (!make_groups(false))
		return;
	actor_start("victim", v->comm, eat_and_wait, NULL);
	actor_start("trigger", "kz-straw", last_straw, NULL);
}

static void fill_file(struct witness *me, const void *arg)
{
	static char block[64UL * 1024];

	(void)arg;
	memory_enter_limit(me);
	memset(block, 1, sizeof(block));
	for (size_t i = 0; i < APPETITE && write(kept_file, block, sizeof(block)) > 0;)
		i += sizeof(block);
}

/* A file in tmpfs fills the limit, and the killed process holds nothing. */
static void scene_tmpfs(const struct victim *v)
{
	if (!make_groups(false))
		return;
	kept_file = memfd_create("kt-zoo", MFD_CLOEXEC);
	actor_start("victim", v->comm, fill_file, NULL);
}

static void fill_and_wait(struct witness *me, const void *arg)
{
	(void)arg;
	cgroup_join(inner);
	memory_eat(me, LIMIT * 4UL / 5);
	witness_ready(me);
	/* killtrace reads the group after the kill: it stays for a while. */
	while (!witness_role("victim")->reaped)
		sleep_ms(10);
	sleep_ms(1000);
}

/* Chosen because of its oom_score_adj, not because of its memory. */
static void small_victim(struct witness *me, const void *arg)
{
	struct witness *neighbour = witness_role("neighbour");
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)arg;
	witness_wait(neighbour);
	if (fd < 0 || write(fd, "1000", 4) != 4)
		witness_skip(me, "cannot raise oom_score_adj");
	close(fd);
	memory_enter_limit(me);
	knows_number(me, "score_adj", 1000);
	knows_number(me, "largest_pid", neighbour->pid);
	knows_string(me, "largest_comm", "kz-neighbour");
	knows_number(me, "largest_anon", LIMIT * 4LL / 5);
	memory_eat(me, APPETITE);
}

static void scene_neighbour(const struct victim *v)
{
	if (!make_groups(false))
		return;
	actor_start("neighbour", "kz-neighbour", fill_and_wait, NULL);
	actor_start("victim", v->comm, small_victim, NULL);
}

static void lower_limit(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");
	char text[32];

	(void)arg;
	witness_wait(victim);
	knows_number(victim, "trigger_pid", me->pid);
	knows_string(victim, "trigger_comm", "kz-lower");
	snprintf(text, sizeof(text), "%d", LIMIT / 4);
	cgroup_write(limited, "memory.max", text);
}

static void lowered_victim(struct witness *me, const void *arg)
{
	(void)arg;
	memory_enter_limit(me);
	knows_number(me, "lowered_bytes", LIMIT / 4);
	memory_eat(me, LIMIT * 3UL / 5);
	witness_ready(me);
	for (;;)
		pause();
}

/* The limit is lowered to the usage. */
static void scene_lowered(const struct victim *v)
{
	if (!make_groups(false))
		return;
	actor_start("victim", v->comm, lowered_victim, NULL);
	actor_start("trigger", "kz-lower", lower_limit, NULL);
}

static const struct victim victims[] = {
	{ .name = "oom",
	  .comm = "kz-oom",
	  .scene = scene_plain,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-nested",
	  .comm = "kz-oom-nested",
	  .scene = scene_nested,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-child",
	  .comm = "kz-oom-child",
	  .scene = scene_child,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-pidns",
	  .comm = "kz-oom-pidns",
	  .scene = scene_namespace,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-by-other",
	  .comm = "kz-oom-big",
	  .scene = scene_trigger,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-tmpfs",
	  .comm = "kz-oom-tmpfs",
	  .scene = scene_tmpfs,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-neighbour",
	  .comm = "kz-oom-small",
	  .scene = scene_neighbour,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-lowered",
	  .comm = "kz-oom-lowered",
	  .scene = scene_lowered,
	  .after = read_counters,
	  .needs = needs_v2 },
	{ .name = "oom-several",
	  .comm = "kz-oom-several",
	  .outcome = DIE,
	  .scene = scene_several,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-shared",
	  .comm = "kz-oom-shared",
	  .outcome = DIE,
	  .scene = scene_shared,
	  .after = read_counters,
	  .needs = needs_memory_cgroup },
	{ .name = "oom-group",
	  .comm = "kz-oom-group",
	  .outcome = DIE,
	  .scene = scene_group,
	  .after = read_counters,
	  .needs = needs_v2 },
};

const struct menagerie zoo_memory = MENAGERIE(victims);
