// SPDX-License-Identifier: BSD-2-Clause
#include "listen/microhttpd.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define LIBRARY "libmicrohttpd.so.12"

#define FUNCTION(member)                                            \
	{                                                           \
		"MHD_" #member, offsetof(struct microhttpd, member) \
	}

static const struct {
	const char *name;
	size_t place;
} functions[] = {
	FUNCTION(start_daemon),
	FUNCTION(stop_daemon),
	FUNCTION(run),
	FUNCTION(get_timeout),
	FUNCTION(get_daemon_info),
	FUNCTION(get_connection_info),
	FUNCTION(lookup_connection_value),
	FUNCTION(create_response_from_buffer),
	FUNCTION(add_response_header),
	FUNCTION(queue_response),
	FUNCTION(destroy_response),
};

_Static_assert(sizeof(struct microhttpd) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

static bool resolve(void *library, struct microhttpd *ret)
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

const struct microhttpd *microhttpd_load(void)
{
	static struct microhttpd loaded;
	static bool is_loaded;

	if (!is_loaded) {
		void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

		is_loaded = library && resolve(library, &loaded);
	}
	return is_loaded ? &loaded : NULL;
}
