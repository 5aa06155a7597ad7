/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between the agent and its parser: one send is one receive, at most one descriptor with
 * each. */
#ifndef KT_ATTRIBUTE_PARSER_WIRE_H
#define KT_ATTRIBUTE_PARSER_WIRE_H

#include <stddef.h>
#include <sys/types.h>

/* 0 or -errno; does not wait and raises no signal. -1: no descriptor. */
int parser_wire_send(int socket, const void *data, size_t size, int fd);

/* Waits. How many bytes, 0 when the other side is gone, or -errno. *ret_fd is the receiver's, or
 * -1; what is sent without being asked for (NULL) is closed. */
ssize_t parser_wire_receive(int socket, void *data, size_t size, int *ret_fd);

#endif
