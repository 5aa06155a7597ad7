/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths that any process of the machine might die instead: only in a guest of scripts/vm/run. */
#include "zoo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

/* The kernel takes this one before anybody else. */
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
	knows_number(me, "trigger_pid", me->pid);
	memory_eat(me, info.totalram * info.mem_unit * 2);
}

static void scene_global(const struct victim *v)
{
	actor_start("victim", v->comm, starve_all, NULL);
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

static const struct victim victims[] = {
	{ .name = "oom-global",
	  .comm = "kz-oom-global",
	  .scene = scene_global,
	  .needs = needs_guest },
	{ .name = "oom-sysrq", .comm = "kz-oom-sysrq", .scene = scene_sysrq, .needs = needs_guest },
};

const struct menagerie zoo_guest = MENAGERIE(victims);
