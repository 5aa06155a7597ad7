/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between the agent and its parser: one send is one receive, with at most one descriptor
 * each. */
#ifndef KT_ATTRIBUTE_PARSER_WIRE_H
#define KT_ATTRIBUTE_PARSER_WIRE_H

#include <stddef.h>
#include <sys/types.h>

/* 0 or -errno; does not wait and raises no signal. -1: no descriptor. */
int parser_wire_send(int socket, const void *data, size_t size, int fd);

/* Waits. The number of bytes, 0 if the other side is gone, or -errno. *ret_fd belongs to the
 * receiver, or is -1; a descriptor that was not requested (NULL) is closed. */
ssize_t parser_wire_receive(int socket, void *data, size_t size, int *ret_fd);

#endif
