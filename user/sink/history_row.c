// SPDX-License-Identifier: BSD-2-Clause
#include "sink/history_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "" if it is not there. `key` NULL: `object` is a member of the record itself. */
static const char *text(const json_t *record, const char *object, const char *key)
{
	const json_t *at = json_object_get(record, object);
	const char *value = json_string_value(key ? json_object_get(at, key) : at);

	return value ? value : "";
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	if (*a)
		return a;
	return *b ? b : c;
}

/* NULL: no memory. */
static char *pod_of(const json_t *json)
{
	const char *namespace = text(json, "kubernetes", "namespace");
	const char *pod = text(json, "kubernetes", "pod");
	char *both = NULL;

	if (!*pod)
		return strdup("");
	return asprintf(&both, "%s/%s", namespace, pod) < 0 ? NULL : both;
}

bool history_row_read(const char *line, size_t size, struct history_row *ret)
{
	json_t *json = json_loadb(line, size, 0, NULL);
	char *pod = json_is_object(json) ? pod_of(json) : NULL;
	const char *name, *inner, *id;

	if (!pod) {
		json_decref(json);
		return false;
	}
	id = text(json, "container", "id");
	name = text(json, "container", "name");
	inner = text(json, "kubernetes", "container");
	*ret = (struct history_row){
		.json = json,
		.is_death = json_is_string(json_object_get(json, "cause")),
		.id = text(json, "id", NULL),
		.summary = text(json, "summary", NULL),
		.container = first_of(name, inner, id),
		.pod = pod,
		.told = {
			.routine = json_is_true(json_object_get(json, "routine")),
			.pid = (uint32_t)json_integer_value(
				json_object_get(json_object_get(json, "victim"), "pid")),
			.cause = text(json, "cause", NULL),
			.units = { text(json, "systemd", "unit"), text(json, "systemd", "user_unit") },
			.pod = pod,
			.containers = { id, text(json, "container", "enclosing_id"),
					text(json, "systemd", "machine"),
					first_of(name, text(json, "container", "enclosing_name"), ""),
					inner },
			.comm = text(json, "victim", "comm"),
			.cgroups = { text(json, "cgroup", "path"),
				     text(json, "cgroup", "memory_path"),
				     text(json, "cgroup", "systemd_path") },
		},
	};
	return true;
}

void history_row_done(struct history_row *row)
{
	json_decref(row->json);
	free(row->pod);
}
