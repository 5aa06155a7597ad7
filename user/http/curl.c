// SPDX-License-Identifier: BSD-2-Clause
#include "http/curl.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "base/library.h"

/* The ABI has had this number since 2006; the second name is Debian's for the one with GnuTLS. */
static const char *const files[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

#define FUNCTION(member)                                               \
	{                                                              \
		"curl_" #member, offsetof(struct curl_library, member) \
	}

static const struct library_function functions[] = {
	FUNCTION(global_init),         FUNCTION(easy_init),     FUNCTION(easy_cleanup),
	FUNCTION(easy_setopt),         FUNCTION(easy_getinfo),  FUNCTION(easy_strerror),
	FUNCTION(multi_init),          FUNCTION(multi_cleanup), FUNCTION(multi_add_handle),
	FUNCTION(multi_remove_handle), FUNCTION(multi_perform), FUNCTION(multi_poll),
	FUNCTION(multi_info_read),     FUNCTION(slist_append),  FUNCTION(slist_free_all),
};

_Static_assert(sizeof(struct curl_library) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

const struct curl_library *curl_load(void)
{
	static struct curl_library loaded;
	static bool is_loaded;

	for (size_t i = 0; !is_loaded && i < ARRAY_SIZE(files); i++)
		is_loaded = library_load(files[i], functions, ARRAY_SIZE(functions), &loaded) &&
			    !loaded.global_init(CURL_GLOBAL_DEFAULT);
	return is_loaded ? &loaded : NULL;
}
