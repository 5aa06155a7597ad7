// SPDX-License-Identifier: BSD-2-Clause
#include "metrics/transient.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "attribute/stable_name.h"

#define DIGITS "0123456789"

static bool is_of(const char *text, size_t length, const char *alphabet)
{
	return length && strspn(text, alphabet) >= length;
}

/* Instances of a socket unit with Accept=yes: "12-3456-0", "12-3456_7890-0",
 * "12-10.0.0.1:22-10.0.0.2:51234". */
static bool is_connection(const char *instance, size_t length)
{
	const size_t number = strspn(instance, DIGITS);
	const char *rest = instance + number + 1;

	if (!number || number + 2 > length || instance[number] != '-')
		return false;
	length -= number + 1;
	return is_of(rest, length, DIGITS "-_") ||
	       (memchr(rest, ':', length) && is_of(rest, length, DIGITS "abcdef.:-[]%"));
}

/* A random number of a desktop: 32 digits. */
static bool is_random(const char *instance, size_t length)
{
	return length == 32 && is_of(instance, length, DIGITS "abcdef");
}

/* Services that D-Bus starts for a bus name: "dbus-:1.2-org.example@0.service", with a new name at
 * each start. */
static bool of_dbus(const char *unit, const char *at, const char *end, char *ret, size_t size)
{
	static const char begin[] = "dbus-:";
	const char *number = unit + strlen(begin), *name = number;

	if (strncmp(unit, begin, strlen(begin)) != 0)
		return false;
	name += strspn(name, DIGITS ".");
	if (name == number || *name != '-' || name > at ||
	    !is_of(at + 1, (size_t)(end - at) - 1, DIGITS))
		return false;
	(void)snprintf(ret, size, "%s*%.*s%s", begin, (int)(at + 1 - name), name, end);
	return true;
}

static bool of_instance(const char *unit, const char *at, const char *end, char *ret, size_t size)
{
	const size_t length = (size_t)(end - at) - 1;

	if (of_dbus(unit, at, end, ret, size))
		return true;
	if (!is_connection(at + 1, length) && !is_random(at + 1, length))
		return false;
	(void)snprintf(ret, size, "%.*s%s", (int)(at + 1 - unit), unit, end);
	return true;
}

/* Scopes belong to programs that run, and so does what systemd-run starts without a name. The scope
 * of a machine has a name. */
static bool of_run(const char *unit, const char *end, char *ret, size_t size)
{
	char stable[STABLE_NAME_SIZE];
	const char *suffix;

	if (strcmp(end, ".scope") != 0 && strncmp(unit, "run-", strlen("run-")) != 0)
		return false;
	if (!strncmp(unit, "machine-", strlen("machine-")))
		return false;
	stable_name_of_unit(unit, stable, sizeof(stable));
	suffix = strrchr(stable, '.');
	if (!suffix || suffix == stable || !strcmp(stable, unit))
		return false;
	(void)snprintf(ret, size, "%.*s-*%s", (int)(suffix - stable), stable, suffix);
	return true;
}

void transient_unit(const char *unit, char *ret, size_t size)
{
	const char *at = strchr(unit, '@'), *end = strrchr(unit, '.');

	if (end &&
	    (at && at < end ? of_instance(unit, at, end, ret, size) : of_run(unit, end, ret, size)))
		return;
	(void)snprintf(ret, size, "%s", unit);
}

/* Minutes since 1970, or seconds before Kubernetes 1.21. */
static bool is_time(const char *text, size_t length)
{
	return length >= 8 && length <= 10 && is_of(text, length, DIGITS);
}

void transient_pod(const char *pod, char *ret, size_t size)
{
	const char *random = strrchr(pod, '-');
	const char *time = random ? memrchr(pod, '-', (size_t)(random - pod)) : NULL;

	if (time && time > pod && strlen(random + 1) == 5 &&
	    is_time(time + 1, (size_t)(random - time) - 1))
		(void)snprintf(ret, size, "%.*s-*", (int)(time - pod), pod);
	else
		(void)snprintf(ret, size, "%s", pod);
}
