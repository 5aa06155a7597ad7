// SPDX-License-Identifier: BSD-2-Clause
#include "why/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "explain/cause.h"
#include "why/fact.h"
#include "why/who.h"

/* It is waited for beside the symbols. A node that is in trouble answers late. */
#define PATIENCE_NS (NS_PER_S * 7 / 10)
#define LONGEST_OUTPUT 4096

const struct settings_places settings_here = {
	.systemctl = "/usr/bin/systemctl",
	.cgroups = "/sys/fs/cgroup",
	.kernel = "/proc/sys/kernel",
};

const char *settings_find(const struct settings *settings, const char *name)
{
	for (unsigned int i = 0; settings && i < settings->count; i++)
		if (!strcmp(settings->list[i].name, name))
			return settings->list[i].value;
	return NULL;
}

static void add(struct settings *settings, const char *name, const char *value)
{
	struct setting *setting = &settings->list[settings->count];

	if (settings->count == SETTINGS_MOST || !*value || strlen(value) >= sizeof(setting->value))
		return;
	(void)snprintf(setting->name, sizeof(setting->name), "%s", name);
	(void)snprintf(setting->value, sizeof(setting->value), "%s", value);
	settings->count++;
}

void settings_take(char *output, const char *const *names, struct settings *ret)
{
	char *rest = NULL;

	for (char *line = strtok_r(output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		for (const char *const *name = names; *name; name++)
			if (!strcmp(*name, line) && !settings_find(ret, line))
				add(ret, line, value);
	}
}

/* Up to the deadline. False: it came too late, or is too long. */
static bool read_until(int fd, uint64_t deadline_ns, char output[LONGEST_OUTPUT])
{
	size_t used = 0;

	while (used < LONGEST_OUTPUT - 1) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		const uint64_t now_ns = clock_monotonic_ns();
		ssize_t size;

		if (now_ns >= deadline_ns ||
		    poll(&wait, 1, (int)((deadline_ns - now_ns) / 1000000) + 1) <= 0)
			return false;
		size = read(fd, output + used, LONGEST_OUTPUT - 1 - used);
		if (size <= 0) {
			output[used] = '\0';
			return !size;
		}
		used += (size_t)size;
	}
	return false;
}

/* No shell, nothing of our environment but the way to the manager of the user. */
static pid_t start(const char *program, char *const *arguments, int output_fd)
{
	char runtime[PATH_MAX + 20] = "XDG_RUNTIME_DIR=", *folder = getenv("XDG_RUNTIME_DIR");
	char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, runtime, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	(void)snprintf(runtime, sizeof(runtime), "XDG_RUNTIME_DIR=%s", folder ? folder : "");
	if (posix_spawn_file_actions_init(&actions))
		return -1;
	if (posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO) ||
	    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ||
	    posix_spawn(&pid, program, &actions, NULL, arguments, environment))
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void run(const char *program, char *const *arguments, const char *const *names,
		struct settings *ret)
{
	const uint64_t deadline_ns = clock_monotonic_ns() + PATIENCE_NS;
	AUTO_CLOSE int output_fd = -1;
	char output[LONGEST_OUTPUT];
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return;
	output_fd = fds[0];
	pid = start(program, arguments, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		return;
	if (read_until(output_fd, deadline_ns, output))
		settings_take(output, names, ret);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static const char *const *names_for(enum cause cause)
{
	static const char *const memory[] = { "MemoryMax", "MemorySwapMax", "OOMPolicy", NULL };
	static const char *const core[] = { "LimitCORE", NULL };
	static const char *const stop[] = { "TimeoutStopUSec", "WatchdogUSec",
					    "KillSignal",      "TimeoutAbortUSec",
					    "RuntimeMaxUSec",  "KillMode",
					    "Result",          NULL };
	static const char *const limits[] = { "LimitCPU", "LimitFSIZE", "LimitRTTIME", NULL };

	switch (cause) {
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_USERSPACE:
		return memory;
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
	case CAUSE_SIGNAL_EXIT:
		return stop;
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_FSIZE:
	case CAUSE_RLIMIT_RTTIME:
		return limits;
	default:
		return core;
	}
}

/* The manager of another user does not answer us. */
static bool is_ours(const json_t *record, bool is_user)
{
	return !is_user || fact_number(record, "systemd.owner_uid") == (int64_t)getuid();
}

static void read_unit(const char *systemctl, const json_t *record, struct settings *ret)
{
	const char *const *names = names_for(cause_by_name(fact_text(record, "cause")));
	bool is_user;
	const char *unit = who_unit(record, &is_user);
	char properties[160] = "--property=", word[512];
	char show[] = "show", end[] = "--", user[] = "--user", name[] = "systemctl";
	char *const of_system[] = { name, show, properties, end, word, NULL };
	char *const of_user[] = { name, user, show, properties, end, word, NULL };

	if (!systemctl || !unit || strlen(unit) >= sizeof(word) || !is_ours(record, is_user))
		return;
	for (const char *const *at = names; *at; at++)
		(void)snprintf(properties + strlen(properties),
			       sizeof(properties) - strlen(properties), "%s%s",
			       at == names ? "" : ",", *at);
	(void)snprintf(word, sizeof(word), "%s", unit);
	run(systemctl, is_user ? of_user : of_system, names, ret);
}

/* The first line of a small file below a root that is not left. */
static void read_file(const char *root, const char *path, const char *name, struct settings *ret)
{
	AUTO_CLOSE int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = root_fd < 0 ? -1 : open_in_root(root_fd, path, O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (size <= 0)
		return;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	add(ret, name, text);
}

static void read_limit(const char *cgroups, const json_t *record, struct settings *ret)
{
	const char *cgroup = fact_text(record, "oom.cgroup");
	const unsigned int before = ret->count;
	char path[PATH_MAX];

	if (!*cgroup)
		return;
	(void)snprintf(path, sizeof(path), "%s/memory.max", cgroup);
	read_file(cgroups, path, "memory.max", ret);
	if (ret->count != before)
		return;
	(void)snprintf(path, sizeof(path), "memory%s/memory.limit_in_bytes", cgroup);
	read_file(cgroups, path, "memory.limit_in_bytes", ret);
}

void settings_read(const struct settings_places *places, const json_t *record, struct settings *ret)
{
	*ret = (struct settings){ .count = 0 };
	read_unit(places->systemctl, record, ret);
	read_limit(places->cgroups, record, ret);
	if (json_is_true(fact(record, "exit.core_dumped")))
		read_file(places->kernel, "core_pattern", "core_pattern", ret);
}
