// SPDX-License-Identifier: BSD-2-Clause
#include "sink/history_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* As a URI: so no name is one by chance, or ":memory:". */
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
	AUTO_FREE char *uri = uri_of(path, query);
	int result = SQLITE_NOMEM;

	*ret = NULL;
	if (uri)
		result = sqlite3_open_v2(uri, ret, how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
					 NULL);
	if (result)
		return result;
	(void)sqlite3_extended_result_codes(*ret, 1);
	/* a database that was tampered with runs nothing of its own */
	(void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return SQLITE_OK;
}

int history_sqlite_open(const char *path, int how, sqlite3 **ret)
{
	return open_uri(path, "", how, ret);
}

int history_sqlite_open_copy(const char *path, sqlite3 **ret)
{
	return open_uri(path, "?immutable=1", SQLITE_OPEN_READONLY, ret);
}
