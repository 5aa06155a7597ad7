// SPDX-License-Identifier: BSD-2-Clause
#include "line/what.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"

/* "nginx" is "nginx.service" */
static bool is_unit(const char *what, const char *unit)
{
	static const char suffix[] = ".service";
	const size_t length = strlen(what);

	return *unit && (!strcmp(what, unit) ||
			 (!strncmp(what, unit, length) && !strcmp(unit + length, suffix)));
}

/* "shop/web" is "shop/web-6d4cf56db6-x7k2p" */
static bool is_pod(const char *what, const char *pod)
{
	const size_t length = strlen(what);

	return *pod && strchr(what, '/') && !strncmp(what, pod, length) &&
	       (!pod[length] || pod[length] == '-');
}

#define SHORTEST_ID 4 /* of a container */

static bool is_id(const char *what, const char *id)
{
	const size_t length = strlen(what);

	return length >= SHORTEST_ID && !strncmp(what, id, length);
}

/* What follows "BEFORE:". NULL: it is another word. */
static const char *part_after(const char *before, const char *what)
{
	const size_t length = strlen(before);

	return length && !strncmp(what, before, length) && what[length] == ':' ? what + length + 1
									       : NULL;
}

static bool is_container(const char *what, const struct reported *reported)
{
	return what && *what &&
	       (!strcmp(what, reported_text(reported, REPORTED_CONTAINER_NAME)) ||
		!strcmp(what, reported_text(reported, REPORTED_POD_CONTAINER)) ||
		is_id(what, reported_text(reported, REPORTED_CONTAINER_ID)));
}

/* As line/owner_name.h writes them. */
static bool is_owner_of_row(const char *what, const struct reported *reported)
{
	const char *runtime = reported_text(reported, REPORTED_CONTAINER_RUNTIME);
	const char *machine = part_after("machine", what);

	return is_container(part_after(reported_text(reported, REPORTED_POD), what), reported) ||
	       is_container(part_after(*runtime ? runtime : "container", what), reported) ||
	       (machine && *machine && !strcmp(machine, reported_text(reported, REPORTED_MACHINE)));
}

bool what_is(const char *what, const struct reported *reported)
{
	static const enum reported_text units[] = { REPORTED_UNIT, REPORTED_USER_UNIT,
						    REPORTED_CONTAINER_UNIT };
	static const enum reported_text names[] = { REPORTED_COMM,          REPORTED_FINGERPRINT,
						    REPORTED_MACHINE,       REPORTED_CONTAINER_NAME,
						    REPORTED_POD_CONTAINER, REPORTED_CGROUP };
	uint64_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (is_unit(what, reported_text(reported, units[i])))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(what, reported_text(reported, names[i])))
			return true;
	return is_pod(what, reported_text(reported, REPORTED_POD)) ||
	       is_id(what, reported_text(reported, REPORTED_CONTAINER_ID)) ||
	       is_owner_of_row(what, reported) ||
	       (reported->has_pid && number_parse(what, &pid) && pid == reported->pid);
}
