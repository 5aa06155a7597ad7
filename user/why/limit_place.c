// SPDX-License-Identifier: BSD-2-Clause
#include "why/limit_place.h"

#include <inttypes.h>
#include <string.h>

#include "attribute/owner.h"
#include "why/fact.h"
#include "why/shell.h"
#include "why/workload.h"

enum limit_place limit_place_of(const json_t *record)
{
	const char *path = fact_text(record, "oom.cgroup");
	struct owner owner;

	if (!*path)
		return LIMIT_UNKNOWN;
	owner_from_path(path, &owner);
	if (owner.container_id[0])
		return LIMIT_CONTAINER;
	if (owner.pod_uid[0])
		return LIMIT_POD;
	if (owner.unit[0])
		return LIMIT_UNIT;
	if (owner.slice[0])
		return LIMIT_SLICE;
	return fact_is(record, "oom.victim_cgroup", path) ? LIMIT_OWN : LIMIT_ABOVE;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void limit_place_put(struct prose *prose, const json_t *record)
{
	const char *path = fact_text(record, "oom.cgroup");

	switch (limit_place_of(record)) {
	case LIMIT_CONTAINER:
		prose_put(prose, "the container reached its own memory limit");
		break;
	case LIMIT_POD:
		prose_put(prose, "the pod as a whole reached its memory limit");
		break;
	case LIMIT_UNIT:
		prose_put(prose, "the unit %s reached its own memory limit", NAME(last_part(path)));
		break;
	case LIMIT_SLICE:
		prose_put(prose, "%s, which it shares with others, reached its memory limit",
			  NAME(last_part(path)));
		break;
	case LIMIT_OWN:
		prose_put(prose, "its cgroup reached its own memory limit");
		break;
	case LIMIT_ABOVE:
		prose_put(prose, "the cgroup %s, above its own, reached its memory limit",
			  NAME(path));
		break;
	case LIMIT_UNKNOWN:
		prose_put(prose, "its memory cgroup reached its limit");
		break;
	}
}

#define MIB (INT64_C(1) << 20)

/* Half as much again, in whole MiB. */
static int64_t next_limit(int64_t bytes)
{
	return (bytes + bytes / 2 + MIB - 1) / MIB;
}

static void put_pod_command(const json_t *record, int64_t mebibytes, struct prose *command)
{
	prose_put(command, "kubectl -n ");
	shell_put_argument(command, fact_text(record, "kubernetes.namespace"));
	prose_put(command, " set resources ");
	workload_put_argument(record, command);
	prose_put(command, " -c ");
	shell_put_argument(command, fact_text(record, "kubernetes.container"));
	prose_put(command,
		  " --limits=memory=%" PRId64
		  "Mi    # kind and name are inferred from the pod's name",
		  mebibytes);
}

static void put_container_command(const json_t *record, int64_t mebibytes, struct prose *command)
{
	const char *runtime = fact_text(record, "container.runtime");
	const char *name = fact_text(record, "container.name");

	if (!strcmp(runtime, "docker"))
		prose_put(command,
			  "docker update --memory=%" PRId64 "m --memory-swap=%" PRId64 "m ",
			  mebibytes, 2 * mebibytes);
	else if (!strcmp(runtime, "podman"))
		prose_put(command, "podman update --memory=%" PRId64 "m ", mebibytes);
	else
		command->refused = true;
	shell_put_argument(command, *name ? name : fact_text(record, "container.id"));
}

static void put_unit_command(const json_t *record, int64_t mebibytes, struct prose *command)
{
	struct owner owner;

	owner_from_path(fact_text(record, "oom.cgroup"), &owner);
	if (owner.user_unit[0]) {
		prose_put(command, "systemctl --user set-property ");
		shell_put_argument(command, owner.user_unit);
	} else {
		prose_put(command, "systemctl set-property ");
		shell_put_argument(command, owner.unit[0] ? owner.unit : owner.slice);
	}
	prose_put(command, " MemoryMax=%" PRId64 "M", mebibytes);
}

static bool is_of_kubernetes(const json_t *record)
{
	return fact_has_text(record, "kubernetes.pod") ||
	       fact_has_text(record, "kubernetes.pod_uid");
}

void limit_place_add_command(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	const enum limit_place place = limit_place_of(record);
	struct prose command = { 0 };
	int64_t bytes;

	if (!fact_find_number(record, "oom.limit_bytes", &bytes) || bytes > INT64_MAX / 4)
		return;
	if (place == LIMIT_CONTAINER && is_of_kubernetes(record))
		put_pod_command(record, next_limit(bytes), &command);
	else if (place == LIMIT_CONTAINER)
		put_container_command(record, next_limit(bytes), &command);
	else if (place == LIMIT_UNIT || (place == LIMIT_SLICE && !is_of_kubernetes(record)))
		put_unit_command(record, next_limit(bytes), &command);
	explanation_add_command(ret, "limit", &command);
}
