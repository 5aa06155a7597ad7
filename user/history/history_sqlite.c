// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_sqlite.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FEWEST_STEPS (UINT64_C(2) << 20)
/* Some ten seconds, whatever the file's size is. */
#define MOST_STEPS (UINT64_C(1) << 29)

/* The path through the real path of its folder, to which links may lead; the file itself must not
 * be a link. False: there is no such folder. */
static bool without_links(const char *path, char ret_path[PATH_MAX + NAME_MAX])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX], real[PATH_MAX];
	int length = snprintf(folder, sizeof(folder), "%.*s", (int)(name - path), path);

	if (length >= (int)sizeof(folder) || strlen(name) >= NAME_MAX ||
	    !realpath(length ? folder : ".", real))
		return false;
	(void)snprintf(ret_path, PATH_MAX + NAME_MAX, "%s/%s", real, name);
	return true;
}

/* As a URI, so that no name is taken for a URI or for ":memory:" by chance. */
static char *uri_of(const char *path, const char *query)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
	char *uri = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&uri, &size);

	if (!file)
		return NULL;
	(void)fputs(*path == '/' ? "file://" : "file:./", file);
	for (const char *at = path; *at; at++)
		(void)fprintf(file, strchr(plain, *at) ? "%c" : "%%%02x", (unsigned char)*at);
	(void)fputs(query, file);
	if (fclose(file)) {
		free(uri);
		return NULL;
	}
	return uri;
}

static int open_uri(const char *path, const char *query, int how, sqlite3 **ret)
{
	char real[PATH_MAX + NAME_MAX];
	AUTO_FREE char *uri = uri_of(without_links(path, real) ? real : path, query);
	int result = SQLITE_NOMEM;

	*ret = NULL;
	if (uri)
		result = sqlite3_open_v2(
			uri, ret,
			how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (result)
		return result;
	(void)sqlite3_extended_result_codes(*ret, 1);
	sqlite_safe_set(*ret);
	return sqlite3_exec(*ret, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL,
			    NULL);
}

int history_sqlite_open(const char *path, int how, sqlite3 **ret)
{
	return open_uri(path, "", how, ret);
}

int history_sqlite_open_copy(const char *path, sqlite3 **ret)
{
	return open_uri(path, "?immutable=1", SQLITE_OPEN_READONLY, ret);
}

void history_sqlite_allow(struct sqlite_budget *budget, uint64_t file_bytes)
{
	budget->steps = FEWEST_STEPS + (file_bytes / 4 < MOST_STEPS ? file_bytes / 4 : MOST_STEPS);
}
