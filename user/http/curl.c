// SPDX-License-Identifier: BSD-2-Clause
#include "http/curl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* The ABI has had this number since 2006; the second name is Debian's for the one with GnuTLS. */
static const char *const files[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

#define FUNCTION(member)                                               \
	{                                                              \
		"curl_" #member, offsetof(struct curl_library, member) \
	}

static const struct {
	const char *name;
	size_t place;
} functions[] = {
	FUNCTION(global_init),         FUNCTION(easy_init),     FUNCTION(easy_cleanup),
	FUNCTION(easy_setopt),         FUNCTION(easy_getinfo),  FUNCTION(easy_strerror),
	FUNCTION(multi_init),          FUNCTION(multi_cleanup), FUNCTION(multi_add_handle),
	FUNCTION(multi_remove_handle), FUNCTION(multi_perform), FUNCTION(multi_poll),
	FUNCTION(multi_info_read),     FUNCTION(slist_append),  FUNCTION(slist_free_all),
};

_Static_assert(sizeof(struct curl_library) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

static bool resolve(void *library, struct curl_library *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		/* a function's address in a void *, as dlsym(3) returns it */
		memcpy((char *)ret + functions[i].place, &function, sizeof(function));
	}
	return true;
}

const struct curl_library *curl_load(void)
{
	static struct curl_library loaded;
	static bool is_loaded;

	for (size_t i = 0; !is_loaded && i < ARRAY_SIZE(files); i++) {
		void *library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

		is_loaded = library && resolve(library, &loaded) &&
			    !loaded.global_init(CURL_GLOBAL_DEFAULT);
	}
	return is_loaded ? &loaded : NULL;
}
