// SPDX-License-Identifier: BSD-2-Clause
#include "listen/listen_address.h"

#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

#define LOOPBACK "127.0.0.1"

/* Splits it at the last colon. Returns the port's text; NULL: the address is too long, or its
 * brackets do not match. */
static const char *split(const char *word, char *ret_host, size_t size)
{
	const char *colon = strrchr(word, ':');
	size_t length = colon ? (size_t)(colon - word) : 0;
	const bool brackets = length && *word == '[';

	if (brackets && (length < 3 || word[length - 1] != ']'))
		return NULL;
	if (brackets) {
		word++;
		length -= 2;
	} else if (memchr(word, ':', length)) {
		return NULL; /* IPv6 without brackets: which colon is before the port? */
	}
	if (length >= size)
		return NULL;
	memcpy(ret_host, word, length);
	ret_host[length] = '\0';
	if (!length || !strcmp(ret_host, "localhost"))
		(void)snprintf(ret_host, size, "%s", LOOPBACK);
	return colon ? colon + 1 : word;
}

bool listen_address_parse(const char *word, struct listen_address *ret)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char host[64];
	const char *port = split(word, host, sizeof(host));
	uint64_t number;

	if (!port || !number_parse(port, &number) || !number || number > UINT16_MAX)
		return false;
	if (getaddrinfo(host, port, &hints, &found))
		return false;
	memset(ret, 0, sizeof(*ret));
	memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
	ret->size = found->ai_addrlen;
	(void)snprintf(ret->text, sizeof(ret->text),
		       found->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	freeaddrinfo(found);
	return true;
}
