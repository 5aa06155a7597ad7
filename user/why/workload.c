// SPDX-License-Identifier: BSD-2-Clause
#include "why/workload.h"

#include <stdio.h>
#include <string.h>

#include "attribute/stable_name.h"
#include "why/fact.h"
#include "why/own_command.h"
#include "why/shell.h"
#include "why/who.h"

/* What the controller added to its own name: "-7d4b9c6f5d-x2x8z" a Deployment's ReplicaSet, "-0" a
 * StatefulSet, "-x2x8z" a DaemonSet or a Job, whose limits cannot be changed. */
static const char *kind_of(const char *pod, const char *stable)
{
	const size_t length = strlen(stable);
	const char *rest = !strncmp(pod, stable, length) ? pod + length : "";

	if (*rest != '-')
		return NULL;
	if (rest[1 + strspn(rest + 1, "0123456789")] == '\0')
		return "statefulset/";
	return strchr(rest + 1, '-') ? "deploy/" : "daemonset/";
}

void workload_put_argument(const json_t *record, struct prose *command)
{
	const char *pod = fact_text(record, "kubernetes.pod"), *kind;
	char stable[STABLE_NAME_SIZE];

	stable_name_of_pod(pod, fact_text(record, "node"), stable, sizeof(stable));
	kind = kind_of(pod, stable);
	if (!kind)
		command->refused = true;
	else
		shell_put_argument_with(command, kind, stable, "");
}

static void put_pod(const json_t *record, struct prose *command)
{
	char stable[STABLE_NAME_SIZE], word[2 * STABLE_NAME_SIZE];

	stable_name_of_pod(fact_text(record, "kubernetes.pod"), fact_text(record, "node"), stable,
			   sizeof(stable));
	(void)snprintf(word, sizeof(word), "%s/%s", fact_text(record, "kubernetes.namespace"),
		       stable);
	shell_put_argument_with(command, "--pod=", word, "*");
}

void workload_put_history(const struct why *why, struct prose *command)
{
	const json_t *const record = why->record;
	bool is_user;
	const char *unit = who_unit(record, &is_user);
	const char *name = fact_text(record, "container.name");

	own_command_put(why, command, "history");
	prose_put(command, " ");
	if (fact_has_text(record, "kubernetes.pod"))
		put_pod(record, command);
	else if (unit)
		shell_put_argument_with(command, "--unit=", unit, "");
	else if (fact(record, "container"))
		shell_put_argument_with(command, "--container=",
					*name ? name : fact_text(record, "container.id"), "");
	else
		shell_put_argument_with(command, "--comm=", fact_text(record, "victim.comm"), "");
}
