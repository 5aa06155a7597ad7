// SPDX-License-Identifier: BSD-2-Clause
#include "explain/routine.h"

#include <signal.h>
#include <string.h>

#include "base/cleanup.h"

#define PID_1 1
#define PATIENCE_NS 500000000ULL

static bool same(const char *a, const char *b)
{
	return a[0] && !strcmp(a, b);
}

/* Some hierarchies say more about a process than others. */
static bool agree(const char *a, const char *b)
{
	return !a[0] || !b[0] || !strcmp(a, b);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);

	return length > n && !strcmp(text + length - n, end);
}

static bool is_at_or_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	return !strncmp(path, above, length) && (!path[length] || path[length] == '/');
}

/* In one hierarchy: known, and neither the same cgroup nor below or above it. The root is above all
 * cgroups but belongs to no one. */
static bool is_elsewhere(const char *sender, const char *victim)
{
	if (!sender[0] || !victim[0] || !strcmp(sender, victim) || !strcmp(victim, "/"))
		return false;
	return !strcmp(sender, "/") ||
	       (!is_at_or_below(sender, victim) && !is_at_or_below(victim, sender));
}

/* If the default hierarchy says nothing, the first pair is from a v1 hierarchy. */
static bool is_known_to_be_elsewhere(const struct death *death)
{
	return is_elsewhere(attribution_sender_cgroup(death), attribution_cgroup(death)) ||
	       is_elsewhere(death->sender_memory_path, death->memory_path);
}

static bool is_same_user(const struct owner *a, const struct owner *b)
{
	return a->have_owner_uid && b->have_owner_uid && a->owner_uid == b->owner_uid;
}

static bool is_service(const struct owner *owner)
{
	const char *unit = owner->user_unit[0] ? owner->user_unit : owner->unit;

	return ends_with(unit, ".service") && strncmp(unit, "user@", strlen("user@")) != 0;
}

static bool is_in_container(const struct owner *owner)
{
	return owner->container_id[0] || owner->pod_uid[0];
}

static bool is_workload(const struct owner *owner)
{
	return is_in_container(owner) || owner->machine[0] || owner->slurm_job[0] ||
	       is_service(owner);
}

/* The unit or the user chooses the names below it: the ids count if those are the same. The
 * containers of one pod belong together, and so do the containers within a container and the
 * programs that run them there. */
static bool is_same_container(const struct owner *sender, const struct owner *victim)
{
	if (!agree(sender->unit, victim->unit) ||
	    sender->have_owner_uid != victim->have_owner_uid ||
	    sender->owner_uid != victim->owner_uid)
		return false;
	if (victim->pod_uid[0] || sender->pod_uid[0])
		return same(sender->pod_uid, victim->pod_uid);
	if (same(sender->container_id, victim->container_id))
		return !strcmp(sender->enclosing_id, victim->enclosing_id);
	return !sender->enclosing_id[0] && same(sender->container_id, victim->enclosing_id);
}

static bool is_same_workload(const struct owner *sender, const struct owner *victim)
{
	if (is_in_container(sender) || is_in_container(victim))
		return is_same_container(sender, victim);
	if (!agree(sender->machine, victim->machine))
		return false;
	/* the daemons of all jobs share a unit */
	if (sender->slurm_job[0] || victim->slurm_job[0])
		return same(sender->slurm_job, victim->slurm_job);
	if (!victim->unit[0])
		return same(sender->machine, victim->machine);
	return same(sender->unit, victim->unit) && !strcmp(sender->user_unit, victim->user_unit);
}

/* What a user does to the user's own processes: anything, except to services and containers, which
 * have a manager or a runtime of their own. */
static bool is_users_own_affair(const struct death *death, const struct attribution *whose)
{
	if (!is_same_user(&whose->sender, &whose->owner))
		return false;
	return !is_workload(&whose->owner) ||
	       (is_in_container(&whose->owner) && !is_in_container(&whose->sender) &&
		killer_is_runtime_name(death->signal.sender_comm));
}

static bool is_by_own_uid(const struct death *death)
{
	return (death->record.valid & KT_VALID_UID) &&
	       death->signal.sender_uid == death->record.uid;
}

/* A parent may kill its child, whatever was forked in between; PID 1 acts for an administrator. */
static bool is_in_charge(const struct death *death, enum killer killer)
{
	const uint32_t near = KT_SIGNAL_SELF | KT_SIGNAL_SENDER_IS_PARENT |
			      KT_SIGNAL_SENDER_IS_REAPER;

	if (killer != KILLER_ANYBODY || (death->signal.flags & near) ||
	    death->signal.sender_pid == PID_1)
		return true;
	return (death->record.valid & KT_VALID_PARENT) &&
	       death->signal.sender_pid == death->record.ppid;
}

static bool died_of_signal(const struct death *death)
{
	return death->record.status & KT_STATUS_SIGNAL;
}

static bool is_without_terminal(const struct death *death)
{
	return (death->record.valid & KT_VALID_TERMINAL) &&
	       !(death->record.flags & KT_DEATH_HAS_TERMINAL);
}

bool routine_is_own_group(const struct death *death)
{
	const uint32_t both = KT_SIGNAL_SELF | KT_SIGNAL_TO_PROCESS_GROUP | KT_SIGNAL_AFTER_CHILD;

	return death->has_signal && death->signal.number == SIGKILL &&
	       (death->signal.flags & both) == both;
}

/* Job control sends signals to a process group, or within the session. */
bool routine_is_reload(const struct death *death)
{
	const uint32_t job = KT_SIGNAL_TO_PROCESS_GROUP | KT_SIGNAL_TO_ALL | KT_SIGNAL_SELF;

	return death->has_signal && death->signal.number == SIGHUP && died_of_signal(death) &&
	       (death->signal.flags & KT_SIGNAL_OTHER_SESSION) && !(death->signal.flags & job) &&
	       is_without_terminal(death);
}

bool routine_is_unmeant(const struct death *death, const struct owner *owner)
{
	if (!death->has_signal || !died_of_signal(death) || !is_workload(owner) ||
	    !is_without_terminal(death))
		return false;
	return death->signal.number == SIGALRM ||
	       (death->signal.number == SIGPIPE &&
		(death->signal.flags & KT_SIGNAL_WROTE_TO_SOCKET));
}

bool routine_is_by_stranger(const struct death *death, const struct attribution *whose,
			    enum killer killer)
{
	if (!death->has_signal || is_in_charge(death, killer))
		return false;
	/* the sender could not be kept: this does not make the end ordinary */
	if ((death->record.flags & KT_DEATH_SENDER_LOST) && is_workload(&whose->owner))
		return true;
	if (routine_is_reload(death) && is_workload(&whose->owner))
		return true;
	if (!is_known_to_be_elsewhere(death) || is_same_workload(&whose->sender, &whose->owner) ||
	    is_users_own_affair(death, whose))
		return false;
	if (is_workload(&whose->owner))
		return true;
	return whose->owner.have_owner_uid && !is_by_own_uid(death);
}

/* Parent and child run the same program, or the two programs that belong together. */
static bool is_known_to_fork(const char *parent, const char *child)
{
	static const char *const programs[] = {
		"systemd", "systemd-executor", "systemd-nspawn", "podman",
		"buildah", "skopeo",           "crio",           "killtrace",
	};
	static const char systemd[] = "systemd", executor[] = "systemd-executor";

	if (!strcmp(parent, systemd) && !strcmp(child, executor))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strcmp(parent, programs[i]))
			return !strcmp(parent, child);
	return false;
}

/* The process on which a debugger tries ptrace(2) before it begins. */
static bool is_trial_of_debugger(const struct death *death)
{
	const char *debugger = death->sender_exe;

	return (death->signal.flags & KT_SIGNAL_TARGET_PTRACED) &&
	       (!strcmp(debugger, "strace") || !strcmp(debugger, "gdb")) &&
	       !strcmp(debugger, death->exe);
}

/* Killed by the parent that forked it, which is root or has the same uid, and runs the same
 * program: so the program expects this end. A whole process group is no helper, and the parent can
 * be in it. */
static bool is_of_its_parent(const struct death *death)
{
	const uint32_t others = KT_SIGNAL_SELF | KT_SIGNAL_TO_PROCESS_GROUP | KT_SIGNAL_TO_ALL;
	const struct kt_signal *signal = &death->signal;

	return death->has_signal && !(signal->flags & others) &&
	       (signal->flags & KT_SIGNAL_SENDER_IS_PARENT) &&
	       (death->record.flags & KT_DEATH_NEVER_EXECED) &&
	       (!signal->sender_uid || is_by_own_uid(death));
}

/* A sender that does not wait has not seen that anything was stuck. php-fpm sends SIGTERM and
 * SIGKILL together when it is stopped (process_control_timeout is 0 by default). */
static bool was_asked_just_before(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;

	for (unsigned int i = 0; i < death->prior_count; i++) {
		const struct kt_prior_signal *prior = &death->prior[i];

		if ((prior->number == SIGTERM || prior->number == SIGQUIT ||
		     prior->number == SIGINT) &&
		    (prior->flags & KT_SIGNAL_HANDLED) && prior->sender_pid == signal->sender_pid &&
		    prior->time_ns <= signal->time_ns &&
		    signal->time_ns - prior->time_ns < PATIENCE_NS)
			return true;
	}
	return false;
}

bool routine_is_own_helper(const struct death *death)
{
	return is_of_its_parent(death) &&
	       (is_known_to_fork(death->sender_exe, death->exe) || is_trial_of_debugger(death) ||
		(same(death->sender_exe, death->exe) && was_asked_just_before(death)));
}

bool routine_is_own_worker(const struct death *death)
{
	static const char resolver[] = "inet_gethost";

	return death->signal.number == SIGUSR1 && is_of_its_parent(death) &&
	       !strcmp(death->sender_exe, resolver) && !strcmp(death->exe, resolver);
}
