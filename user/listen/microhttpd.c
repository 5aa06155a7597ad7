// SPDX-License-Identifier: BSD-2-Clause
#include "listen/microhttpd.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/library.h"

#define FUNCTION(member)                                            \
	{                                                           \
		"MHD_" #member, offsetof(struct microhttpd, member) \
	}

static const struct library_function functions[] = {
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

const struct microhttpd *microhttpd_load(void)
{
	static struct microhttpd loaded;
	static bool is_loaded;

	if (!is_loaded)
		is_loaded = library_load("libmicrohttpd.so.12", functions, ARRAY_SIZE(functions),
					 &loaded);
	return is_loaded ? &loaded : NULL;
}
