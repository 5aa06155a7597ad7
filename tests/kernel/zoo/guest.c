/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths that could hit any process of the machine: only in a guest of scripts/vm/run. */
#include "zoo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static const char *needs_guest(void)
{
	static char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	line[length > 0 ? length : 0] = '\0';
	return strstr(line, "kt_layout=") ? NULL : "this is not a guest of scripts/vm/run";
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "zoo: %s cannot be written\n", path);
	if (fd >= 0)
		close(fd);
}

/* The kernel chooses this process first. */
static void volunteer(struct witness *me)
{
	write_text("/proc/self/oom_score_adj", "1000");
	knows_number(me, "score_adj", 1000);
	me->anon_base = memory_anonymous_rss();
}

static void starve_all(struct witness *me, const void *arg)
{
	struct sysinfo info;

	(void)arg;
	sysinfo(&info);
	volunteer(me);
	memory_eat(me, info.totalram * info.mem_unit * 2);
}

static void scene_global(const struct victim *v)
{
	actor_start("victim", v->comm, starve_all, NULL);
}

#define NODE 1 /* the second: half of the memory */

static const char *needs_nodes(void)
{
	if (!needs_guest() && access("/sys/devices/system/node/node1", F_OK))
		return "this guest has one memory node";
	return needs_guest();
}

/* There is memory, but not on the node that the policy allows. */
static void starve_by_policy(struct witness *me, const void *arg)
{
	unsigned long nodes = 1UL << NODE;

	if (syscall(SYS_set_mempolicy, 2 /* MPOL_BIND */, &nodes, sizeof(nodes) * 8))
		witness_skip(me, "no memory policies here");
	starve_all(me, arg);
}

static void scene_mempolicy(const struct victim *v)
{
	actor_start("victim", v->comm, starve_by_policy, NULL);
}

static char cpuset[256];

static void starve_in_cpuset(struct witness *me, const void *arg)
{
	cgroup_join(cpuset);
	starve_all(me, arg);
}

static void scene_cpuset(const struct victim *v)
{
	const char *root = cgroup_unified_root();

	if (!root || cgroup_write(root, "cgroup.subtree_control", "+cpuset") ||
	    cgroup_make(root, "cpuset", cpuset, sizeof(cpuset)) ||
	    cgroup_write(cpuset, "cpuset.mems", "1"))
		return;
	actor_start("victim", v->comm, starve_in_cpuset, NULL);
}

static void eat_some(struct witness *me, const void *arg)
{
	volunteer(me);
	memory_eat(me, 16UL << 20);
	actor_pause(me, arg);
}

static void press_key(struct witness *me, const void *arg)
{
	(void)me;
	(void)arg;
	witness_wait(witness_role("victim"));
	write_text("/proc/sysrq-trigger", "f");
}

static void scene_sysrq(const struct victim *v)
{
	actor_start("victim", v->comm, eat_some, NULL);
	actor_start("key", "kz-key", press_key, NULL);
}

/*
 * The page's owner declares it bad. Every process that maps the page dies when it touches it, or at
 * once if it has asked for that. The page is lost until the next boot.
 */
static char *bad_page;

/* Poisons an empty range: checks only whether this is supported. */
static const char *needs_poison(void)
{
	if (!needs_guest() && madvise(NULL, 0, MADV_HWPOISON))
		return "this kernel has no MADV_HWPOISON";
	return needs_guest();
}

static void lose_page(struct witness *me, const void *arg)
{
	(void)arg;
	*(volatile char *)bad_page = 1;
	knows_address(me, "address", (uintptr_t)bad_page);
	madvise(bad_page, ZOO_PAGE, MADV_HWPOISON);
	*(volatile char *)bad_page = 2;
}

static void share_page(struct witness *me, const void *arg)
{
	*(volatile char *)bad_page = 1;
	prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
	actor_pause(me, arg);
}

static bool map_page(int flags)
{
	bad_page = mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	return bad_page != MAP_FAILED;
}

static void scene_memory_failure(const struct victim *v)
{
	if (map_page(MAP_PRIVATE))
		actor_start("victim", v->comm, lose_page, NULL);
}

static void scene_memory_failure_shared(const struct victim *v)
{
	if (!map_page(MAP_SHARED))
		return;
	witness_wait(actor_start("victim-sharer", v->comm, share_page, NULL));
	actor_start("victim-toucher", "kz-poison-at", lose_page, NULL);
}

static const struct victim victims[] = {
	{ .name = "oom-global",
	  .comm = "kz-oom-global",
	  .scene = scene_global,
	  .needs = needs_guest },
	{ .name = "oom-cpuset",
	  .comm = "kz-oom-cpuset",
	  .scene = scene_cpuset,
	  .needs = needs_nodes },
	{ .name = "oom-mempolicy",
	  .comm = "kz-oom-policy",
	  .scene = scene_mempolicy,
	  .needs = needs_nodes },
	{ .name = "memory-failure",
	  .comm = "kz-poison",
	  .scene = scene_memory_failure,
	  .needs = needs_poison },
	{ .name = "memory-failure-shared",
	  .comm = "kz-poison-early",
	  .outcome = DIE,
	  .scene = scene_memory_failure_shared,
	  .needs = needs_poison },
	{ .name = "oom-sysrq", .comm = "kz-oom-sysrq", .scene = scene_sysrq, .needs = needs_guest },
};

const struct menagerie zoo_guest = MENAGERIE(victims);
