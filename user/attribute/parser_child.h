/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processes of attribute/parser.h: "killtrace-start" and, as its child, "killtrace-parse".
 *
 * Invariants: both have a user of their own, no capability, no file except their sockets and the
 * one that is being read, only the system calls that they need, and little memory. They end when
 * the agent's end of their socket is closed, even if the agent is killed or they are stopped; the
 * worker also ends by itself if a file takes too much processor time. The signals that end the
 * agent do not end them: it may still have a question.
 */
#ifndef KT_ATTRIBUTE_PARSER_CHILD_H
#define KT_ATTRIBUTE_PARSER_CHILD_H

#include <sys/types.h>

/* In the child of a fork(). `control` is its end of the socket. Does not return. */
void parser_child_run(int control, pid_t agent) __attribute__((noreturn));

#endif
