// SPDX-License-Identifier: BSD-2-Clause
#include "why/who.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "why/fact.h"

/* An id of 64 digits is recognised by its first ones. */
#define SHORT_ID 12

static void put_id(struct prose *prose, const char *id)
{
	char text[SHORT_ID + 1] = "";
	const bool is_hex = strlen(id) >= 32 && strspn(id, "0123456789abcdef") == strlen(id);

	if (is_hex)
		memcpy(text, id, SHORT_ID);
	prose_put(prose, "%s", NAME(is_hex ? text : id));
}

static void put_pod(struct prose *prose, const json_t *record)
{
	const char *namespace = fact_text(record, "kubernetes.namespace");
	const char *pod = fact_text(record, "kubernetes.pod");
	const char *container = fact_text(record, "kubernetes.container");
	AUTO_FREE char *name = NULL;

	if (!*pod)
		prose_put(prose, "pod %s", NAME(fact_text(record, "kubernetes.pod_uid")));
	else if (asprintf(&name, "%s%s%s", namespace, *namespace ? "/" : "", pod) < 0)
		name = NULL;
	else
		prose_put(prose, "%s", NAME(name));
	if (*container)
		prose_put(prose, ", container %s", NAME(container));
}

static void put_container(struct prose *prose, const json_t *record)
{
	const char *runtime = fact_text(record, "container.runtime");
	const char *name = fact_text(record, "container.name");

	if (*runtime)
		prose_put(prose, "%s ", NAME(runtime));
	prose_put(prose, "container ");
	put_id(prose, *name ? name : fact_text(record, "container.id"));
}

bool who_put_owner(struct prose *prose, const json_t *record)
{
	const char *user_unit = fact_text(record, "systemd.user_unit");
	const json_t *uid = fact(record, "systemd.owner_uid");

	if (fact_has_text(record, "kubernetes.pod") || fact_has_text(record, "kubernetes.pod_uid"))
		put_pod(prose, record);
	else if (fact_has_text(record, "container.id"))
		put_container(prose, record);
	else if (fact_has_text(record, "systemd.machine"))
		prose_put(prose, "machine %s", NAME(fact_text(record, "systemd.machine")));
	else if (*user_unit && uid)
		prose_put(prose, "%s of user %" PRId64, NAME(user_unit),
			  (int64_t)json_integer_value(uid));
	else if (*user_unit)
		prose_put(prose, "%s", NAME(user_unit));
	else if (fact_has_text(record, "systemd.session") && uid)
		prose_put(prose, "session %s of user %" PRId64,
			  NAME(fact_text(record, "systemd.session")),
			  (int64_t)json_integer_value(uid));
	else if (fact_has_text(record, "slurm.job"))
		prose_put(prose, "Slurm job %s", NAME(fact_text(record, "slurm.job")));
	else if (fact_has_text(record, "systemd.unit"))
		prose_put(prose, "%s", NAME(fact_text(record, "systemd.unit")));
	else
		return false;
	return true;
}

const char *who_kind(const json_t *record)
{
	if (fact(record, "container") || fact_has_text(record, "kubernetes.container"))
		return "container";
	if (fact(record, "kubernetes"))
		return "pod";
	if (fact_has_text(record, "systemd.machine"))
		return "machine";
	if (fact_has_text(record, "systemd.unit"))
		return "unit";
	return "process";
}

void who_put_victim(struct prose *prose, const json_t *record)
{
	const char *comm = fact_text(record, "victim.comm"), *exe = fact_text(record, "victim.exe");
	int64_t pid = fact_number(record, "victim.pid"), inner;

	prose_put(prose, "%s (pid %" PRId64, NAME(*comm ? comm : exe), pid);
	if (fact_find_number(record, "victim.ns_pid", &inner) && inner && inner != pid)
		prose_put(prose, ", %" PRId64 " in the %s", inner,
			  fact(record, "container") || fact(record, "kubernetes") ? "container"
										  : "namespace");
	/* the kernel cuts a program's name to make that of the process */
	if (*comm && *exe && strncmp(exe, comm, 15) != 0)
		prose_put(prose, ", program %s", NAME(exe));
	prose_put(prose, ")");
}

static void put_place(struct prose *prose, const json_t *process)
{
	const char *const places[] = { "container_name", "container_id", "user_unit", "machine",
				       "unit" };
	const char *pod = fact_text(process, "kubernetes.pod");

	if (*pod) {
		prose_put(prose, " in pod %s", NAME(pod));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!fact_has_text(process, places[i]))
			continue;
		prose_put(prose, i < 2 ? " in container " : " in ");
		put_id(prose, fact_text(process, places[i]));
		return;
	}
	if (fact_has_text(process, "cgroup"))
		prose_put(prose, " in cgroup %s", NAME(fact_text(process, "cgroup")));
}

void who_put_process(struct prose *prose, const json_t *process)
{
	const char *comm = fact_text(process, "comm"), *exe = fact_text(process, "exe");
	int64_t uid;

	prose_put(prose, "%s (pid %" PRId64, NAME(*comm ? comm : exe), fact_number(process, "pid"));
	if (fact_find_number(process, "uid", &uid))
		prose_put(prose, ", uid %" PRId64, uid);
	if (*comm && *exe && strncmp(exe, comm, 15) != 0)
		prose_put(prose, ", program %s", NAME(exe));
	prose_put(prose, ")");
	put_place(prose, process);
}

const char *who_unit(const json_t *record, bool *ret_is_user)
{
	const char *user_unit = fact_text(record, "systemd.user_unit");
	const char *container_unit = fact_text(record, "container.unit");
	const char *unit = fact_text(record, "systemd.unit");

	*ret_is_user = *user_unit && !*container_unit;
	if (*container_unit)
		return container_unit;
	if (fact(record, "kubernetes") || fact(record, "container") ||
	    fact_has_text(record, "systemd.machine"))
		return NULL;
	if (*user_unit)
		return user_unit;
	return *unit ? unit : NULL;
}
