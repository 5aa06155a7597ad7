// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_parts.h"

#include "explain/killer.h"

void json_put_container(struct json_line *line, const struct owner *owner,
			const struct names *names)
{
	static const struct names none;
	bool is_innermost = attribution_names_innermost(owner, names);
	const struct names *own = is_innermost ? names : &none,
			   *outer = is_innermost ? &none : names;
	size_t opened;

	if (!owner->container_id[0])
		return;
	opened = json_line_open(line, "container");
	json_line_text(line, "id", owner->container_id);
	json_line_text(line, "runtime", owner->runtime[0] ? owner->runtime : own->runtime);
	json_line_text(line, "name", own->name);
	json_line_text(line, "image", own->image);
	json_line_text(line, "unit", own->unit);
	if (own->sandbox[0])
		json_line_bool(line, "sandbox", true);
	json_line_text(line, "enclosing_id", owner->enclosing_id);
	json_line_text(line, "enclosing_runtime",
		       owner->enclosing_runtime[0] ? owner->enclosing_runtime : outer->runtime);
	json_line_text(line, "enclosing_name", outer->name);
	json_line_text(line, "podman_pod", owner->podman_pod);
	json_line_close(line, opened);
}

void json_put_kubernetes(struct json_line *line, const struct owner *owner,
			 const struct names *names)
{
	size_t opened = json_line_open(line, "kubernetes");

	json_line_text(line, "namespace", names->namespace);
	json_line_text(line, "pod", names->pod);
	json_line_text(line, "pod_uid", owner->pod_uid[0] ? owner->pod_uid : names->pod_uid);
	json_line_text(line, "container", names->container);
	json_line_text(line, "qos", owner->qos);
	json_line_close(line, opened);
}

void json_put_slurm(struct json_line *line, const struct owner *owner)
{
	size_t opened = json_line_open(line, "slurm");

	json_line_text(line, "job", owner->slurm_job);
	json_line_text(line, "step", owner->slurm_step);
	json_line_text(line, "task", owner->slurm_task);
	json_line_close(line, opened);
}

/* For a process that is not the victim: the most frequently needed members, in one object. */
static void put_whose(struct json_line *line, const char *cgroup, const struct owner *owner,
		      const struct names *names)
{
	json_line_text(line, "cgroup", cgroup);
	json_line_text(line, "unit", owner->unit);
	json_line_text(line, "user_unit", owner->user_unit);
	json_line_text(line, "session", owner->session);
	if (owner->have_owner_uid)
		json_line_number(line, "owner_uid", owner->owner_uid);
	json_line_text(line, "machine", owner->machine);
	json_line_text(line, "container_id", owner->container_id);
	if (attribution_names_innermost(owner, names))
		json_line_text(line, "container_name", names->name);
	json_put_kubernetes(line, owner, names);
	json_put_slurm(line, owner);
}

void json_put_sender_place(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;

	put_whose(line, attribution_sender_cgroup(death), &report->whose->sender,
		  &report->whose->sender_names);
	json_line_text(line, "memory_cgroup", death->sender_memory_path);
}

void json_put_sender(struct json_line *line, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	size_t opened;

	if (report->verdict.sender != SENDER_PROCESS)
		return;
	opened = json_line_open(line, "sender");
	json_line_number(line, "pid", signal->sender_pid);
	json_line_number(line, "uid", signal->sender_uid);
	json_line_text(line, "comm", signal->sender_comm);
	if (!(signal->flags & KT_SIGNAL_SELF))
		json_line_text(line, "exe", report->death->sender_exe);
	json_line_text(line, "role", killer_name(report->killer));
	if (signal->flags & KT_SIGNAL_SENDER_IS_PARENT)
		json_line_bool(line, "parent", true);
	if (signal->flags & KT_SIGNAL_OTHER_SESSION)
		json_line_bool(line, "other_session", true);
	if (signal->flags & KT_SIGNAL_SENDER_LIVES)
		json_line_number(line, "tid", signal->sender_tid);
	json_put_sender_place(line, report);
	json_line_close(line, opened);
}

void json_put_cgroup(struct json_line *line, const struct death *death)
{
	const char *path = attribution_cgroup(death);
	bool v2 = path == death->cgroup_path;
	size_t opened = json_line_open(line, "cgroup");

	if (path == death->memory_path)
		json_line_number(line, "id", death->record.memory_cgroup_id);
	else if (v2 && (death->record.valid & KT_VALID_CGROUP_ID))
		json_line_number(line, "id", death->record.cgroup_id);
	json_line_text(line, "path", path);
	if (*path)
		json_line_number(line, "version", v2 ? 2 : 1);
	json_line_text(line, "memory_path", death->memory_path);
	json_line_text(line, "systemd_path", death->systemd_path);
	if (death->record.flags & KT_DEATH_PATH_TRUNCATED)
		json_line_bool(line, "path_truncated", true);
	json_line_close(line, opened);
}

void json_put_systemd(struct json_line *line, const struct owner *owner, const char *invocation)
{
	size_t opened = json_line_open(line, "systemd");

	json_line_text(line, "unit", owner->unit);
	json_line_text(line, "invocation_id", invocation);
	json_line_text(line, "slice", owner->slice);
	json_line_text(line, "user_unit", owner->user_unit);
	json_line_text(line, "session", owner->session);
	if (owner->have_owner_uid)
		json_line_number(line, "owner_uid", owner->owner_uid);
	json_line_text(line, "machine", owner->machine);
	json_line_close(line, opened);
}
