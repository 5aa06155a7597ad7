// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the static binary: libmicrohttpd needs GnuTLS, which has no static library in Debian.
 */
#include "listen/listener.h"

#include <errno.h>
#include <stddef.h>

const char *listener_missing(void)
{
	return "this binary is built without HTTP: use --textfile";
}

struct listener *listener_new(const struct listen_address *address, struct metrics *metrics)
{
	(void)address;
	(void)metrics;
	return NULL;
}

int listener_start(struct listener *listener)
{
	(void)listener;
	return -ENOSYS;
}

void listener_stop(struct listener *listener)
{
	(void)listener;
}
