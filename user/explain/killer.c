// SPDX-License-Identifier: BSD-2-Clause
#include "explain/killer.h"

#include <string.h>

#include "attribute/attribution.h"
#include "attribute/runtime_table.h"
#include "base/cleanup.h"

static const struct {
	const char *comm;
	const char *unit;
} oom_daemons[] = {
	{ "systemd-oomd", "systemd-oomd.service" },
	{ "earlyoom", "earlyoom.service" },
	{ "oomd", "oomd.service" },
	{ "nohang", "nohang.service" },
	{ "nohang", "nohang-desktop.service" },
	/* as its authors install it, through env(1); Debian names the interpreter itself */
	{ "python3", "nohang.service" },
	{ "python3", "nohang-desktop.service" },
};

static const struct {
	const char *name;
	const char *meaning;
} killers[] = {
	[KILLER_OOM_DAEMON] = { "oom-daemon", NULL },
	[KILLER_SERVICE_MANAGER] = { "service-manager",
				     "the service manager, by order: a stop, a timeout, a "
				     "watchdog, or a command" },
	[KILLER_CONTAINER_RUNTIME] = { "container-runtime",
				       "the container runtime, by order: a grace period or a probe "
				       "that ran out, an eviction, or a command" },
};

/* A unit of the system manager, in any slice (nohang's own files say hostcritical.slice). Units
 * below user.slice were made by users. */
static bool is_system_unit(const char *path, const char *unit)
{
	static const char users[] = "/user.slice/";
	const char *last = strrchr(path, '/');

	if (!last || strcmp(last + 1, unit) != 0 || !strncmp(path, users, strlen(users)))
		return false;
	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/'))
		if (end - path < 6 || strncmp(end - 6, ".slice", 6) != 0)
			return false;
	return true;
}

bool killer_is_oom_daemon(const struct death *death)
{
	const char *path = attribution_sender_cgroup(death);

	if (death->signal.flags & KT_SIGNAL_SELF)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(oom_daemons); i++)
		if (!strcmp(death->signal.sender_comm, oom_daemons[i].comm) &&
		    is_system_unit(path, oom_daemons[i].unit))
			return true;
	return false;
}

bool killer_may_be_oom_daemon(const struct death *death)
{
	if (attribution_sender_cgroup(death)[0] || (death->signal.flags & KT_SIGNAL_SELF))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(oom_daemons); i++)
		if (!strcmp(death->signal.sender_comm, oom_daemons[i].comm))
			return true;
	return false;
}

/* A user's manager acts for the units of that user. It has a scope of its own, in which the user
 * can put any process. */
static bool is_service_manager(const struct kt_signal *signal, const struct owner *sender,
			       const struct owner *victim)
{
	if (strcmp(signal->sender_comm, "systemd") != 0)
		return false;
	return signal->sender_pid == 1 ||
	       (!strcmp(sender->user_unit, "init.scope") && sender->have_owner_uid &&
		victim->have_owner_uid && sender->owner_uid == victim->owner_uid);
}

/* Outside of all names that users and containers can choose: on the host, or in the node that is a
 * container itself, but then only for what is within that node. */
static bool is_around(const struct owner *sender, const struct owner *victim)
{
	if (sender->pod_uid[0] || sender->have_owner_uid)
		return false;
	return !sender->container_id[0] ||
	       (victim->enclosing_is_node && !strcmp(sender->container_id, victim->enclosing_id));
}

bool killer_is_runtime_name(const char *name)
{
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const char *const *program = at->programs; program && *program; program++)
			if (!strcmp(name, *program))
				return true;
	return false;
}

/* "podman stop" in a shell of root or after sudo: crun's file, run by root, in a user's part of the
 * tree. */
static bool is_at_a_shell(const struct death *death, const struct owner *sender)
{
	return sender->have_owner_uid && !sender->pod_uid[0] && !sender->container_id[0] &&
	       killer_is_runtime_name(death->sender_exe);
}

/* A container runtime of root. */
static bool is_container_runtime(const struct death *death, const struct owner *sender,
				 const struct owner *victim)
{
	return !death->signal.sender_uid && (victim->container_id[0] || victim->pod_uid[0]) &&
	       killer_is_runtime_name(death->signal.sender_comm) &&
	       (is_around(sender, victim) || is_at_a_shell(death, sender));
}

enum killer killer_of(const struct death *death, const struct owner *sender,
		      const struct owner *victim)
{
	if (!death->has_signal || (death->signal.flags & KT_SIGNAL_SELF))
		return KILLER_ANYBODY;
	if (killer_is_oom_daemon(death))
		return KILLER_OOM_DAEMON;
	if (is_service_manager(&death->signal, sender, victim))
		return KILLER_SERVICE_MANAGER;
	if (is_container_runtime(death, sender, victim))
		return KILLER_CONTAINER_RUNTIME;
	return KILLER_ANYBODY;
}

const char *killer_name(enum killer killer)
{
	return killers[killer].name;
}

const char *killer_meaning(enum killer killer)
{
	return killers[killer].meaning;
}
