// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/journal_limit.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/owner.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"

/* journald's own: main() of 252 and 257. */
#define USUAL_INTERVAL_NS (30 * (uint64_t)NS_PER_S)
#define USUAL_BURST 10000

/* journald counts an entry when it reads it, which can be later than the sending. */
#define SLACK_NS ((uint64_t)NS_PER_S)

#define LINKS "/run/systemd/units/"
#define MOST_FILES 64

/* False: it is not a time span as systemd writes it. */
static bool read_span(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", 1000000000 },         { "s", 1000000000 },        { "sec", 1000000000 },
		{ "second", 1000000000 },   { "seconds", 1000000000 },  { "us", 1000 },
		{ "usec", 1000 },           { "ms", 1000000 },          { "msec", 1000000 },
		{ "m", 60000000000 },       { "min", 60000000000 },     { "minute", 60000000000 },
		{ "minutes", 60000000000 }, { "h", 3600000000000 },     { "hr", 3600000000000 },
		{ "hour", 3600000000000 },  { "hours", 3600000000000 }, { "d", 86400000000000 },
		{ "day", 86400000000000 },  { "days", 86400000000000 }
	};
	uint64_t sum = 0;

	text += strspn(text, " \t");
	if (!*text)
		return false;
	while (*text) {
		const char *unit = text + strspn(text, "0123456789."), *end;
		size_t length, i = 0;
		uint64_t ns;

		unit += strspn(unit, " \t");
		length = strspn(unit, "abcdefghijklmnopqrstuvwxyz");
		while (i < ARRAY_SIZE(units) && (strlen(units[i].name) != length ||
						 strncmp(units[i].name, unit, length) != 0))
			i++;
		end = i < ARRAY_SIZE(units) ? number_read_decimal(text, units[i].ns, &ns) : NULL;
		if (!end || end + strspn(end, " \t") != unit ||
		    __builtin_add_overflow(sum, ns, &sum))
			return false;
		text = unit + length + strspn(unit + length, " \t");
	}
	*ret_ns = sum;
	return true;
}

static bool read_number(const char *text, uint64_t *ret)
{
	uint64_t number;
	const char *end = number_read(text + strspn(text, " \t"), 10, &number);

	if (!end || end[strspn(end, " \t")])
		return false;
	*ret = number;
	return true;
}

/* The value after NAME=; NULL: it is another line. */
static const char *value_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, length) != 0)
		return NULL;
	line += length + strspn(line + length, " \t");
	return *line == '=' ? line + 1 : NULL;
}

static void read_file(const char *path, struct journal_limit *limit)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		const char *span = value_of(line, "RateLimitIntervalSec"),
			   *burst = value_of(line, "RateLimitBurst");

		line[strcspn(line, "\n")] = '\0';
		if (!span) /* its former name */
			span = value_of(line, "RateLimitInterval");
		if (span)
			(void)read_span(span, &limit->interval_ns);
		if (burst)
			(void)read_number(burst, &limit->burst);
	}
}

static const char *const folders[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib" };

static size_t rank_of(const char *path)
{
	char part[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		(void)snprintf(part, sizeof(part), "%s/systemd/journald.conf.d/", folders[i]);
		if (strstr(path, part))
			break;
	}
	return i;
}

static int by_base_name(const void *a, const void *b)
{
	const char *left = *(char *const *)a, *right = *(char *const *)b;
	const int order = strcmp(strrchr(left, '/'), strrchr(right, '/'));

	return order ? order : (int)rank_of(left) - (int)rank_of(right);
}

/* One main file, then all drop-ins by their names: if a name is in several folders, the first one
 * counts. */
static void read_configuration(const char *root, struct journal_limit *limit)
{
	glob_t found = { 0 };
	char path[PATH_MAX];
	const char *before = "/";

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s%s/systemd/journald.conf", root, folders[i]);
		if (access(path, F_OK))
			continue;
		read_file(path, limit);
		break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s%s/systemd/journald.conf.d/*.conf", root,
			       folders[i]);
		(void)glob(path, GLOB_NOSORT | (i ? GLOB_APPEND : 0), NULL, &found);
	}
	if (found.gl_pathc && found.gl_pathc <= MOST_FILES)
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), by_base_name);
	for (size_t i = 0; i < found.gl_pathc && i < MOST_FILES; i++) {
		if (strcmp(strrchr(found.gl_pathv[i], '/'), before) != 0)
			read_file(found.gl_pathv[i], limit);
		before = strrchr(found.gl_pathv[i], '/');
	}
	globfree(&found);
}

/* False: systemd says nothing about it. */
static bool read_link(const char *root, const char *what, const char *unit, uint64_t *ret)
{
	char path[PATH_MAX], target[32];
	ssize_t length;

	if (snprintf(path, sizeof(path), "%s" LINKS "%s:%s", root, what, unit) >= (int)sizeof(path))
		return false;
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	return read_number(target, ret);
}

void journal_limit_read(const char *root, const char *unit, struct journal_limit *ret)
{
	uint64_t us;

	*ret = (struct journal_limit){ 0 };
	if (!*unit)
		return;
	ret->interval_ns = USUAL_INTERVAL_NS;
	ret->burst = USUAL_BURST;
	read_configuration(root, ret);
	if (read_link(root, "log-rate-limit-interval", unit, &us))
		ret->interval_ns = us < UINT64_MAX / 1000 ? us * 1000 : UINT64_MAX / 4;
	(void)read_link(root, "log-rate-limit-burst", unit, &ret->burst);
}

void journal_limit_own_unit(char ret_unit[JOURNAL_UNIT_SIZE])
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];

	ret_unit[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		const char *path = strstr(line, ":/");
		struct owner owner;

		/* systemd's own hierarchy, of v2 or of v1 */
		if (!path || (!strstr(line, "::/") && !strstr(line, ":name=systemd:")))
			continue;
		line[strcspn(line, "\n")] = '\0';
		owner_from_path(path + 1, &owner);
		if (owner.unit[0])
			(void)snprintf(ret_unit, JOURNAL_UNIT_SIZE, "%s", owner.unit);
		else if (!path[2] && !ret_unit[0])
			(void)snprintf(ret_unit, JOURNAL_UNIT_SIZE, "-");
	}
}

/* Other messages of ours count against the limit, too. */
static uint64_t allowed(const struct journal_limit *limit)
{
	const uint64_t spare = limit->burst / 16 + 1;

	return limit->burst > spare ? limit->burst - spare : 1;
}

bool journal_pace_takes(struct journal_pace *pace, uint64_t now_ns)
{
	if (pace->begin_ns && now_ns > pace->begin_ns + pace->limit.interval_ns + SLACK_NS)
		pace->begin_ns = 0;
	if (!pace->begin_ns) {
		char unit[JOURNAL_UNIT_SIZE];

		journal_limit_own_unit(unit);
		journal_limit_read("", unit, &pace->limit);
		pace->begin_ns = now_ns;
		pace->sent = 0;
	}
	if (pace->limit.interval_ns && pace->limit.burst && pace->sent >= allowed(&pace->limit))
		return false;
	pace->sent++;
	return true;
}
