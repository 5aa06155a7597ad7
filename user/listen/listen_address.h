/* SPDX-License-Identifier: BSD-2-Clause */
/* Where to listen: ADDR:PORT, as it stands on the command line. */
#ifndef KT_LISTEN_LISTEN_ADDRESS_H
#define KT_LISTEN_LISTEN_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage address;
	socklen_t size;
	char text[80]; /* "127.0.0.1:9435", "[::1]:9435" */
};

/*
 * A number of IPv4, one of IPv6 in brackets, or "localhost"; without an address ("9435", ":9435")
 * it is the loopback. Names are not looked up. False: it has another form, or the port is not
 * within 1 and 65535.
 */
bool listen_address_parse(const char *word, struct listen_address *ret);

#endif
