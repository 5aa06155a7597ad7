/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of other programs are parsed by a process that can do nothing else: the agent opens them,
 * and hands over the descriptor (SCM_RIGHTS).
 *
 * There are two processes (attribute/parser_child.h). The starter forks a worker on request, since
 * the agent may no longer fork; it never sees a file. The worker reads and answers. If a worker is
 * late, answers nonsense or dies, only the file that it read is lost, and the next file gets the
 * next worker.
 *
 * Ownership: parser_start() gives an object to be freed with parser_stop(). One thread may ask.
 * Invariants: no wait is longer than PARSER_PATIENCE_MS, unless another patience is set. Neither
 * process outlives this one, however it ends. The content of an answer is as hostile as the file.
 */
#ifndef KT_ATTRIBUTE_PARSER_H
#define KT_ATTRIBUTE_PARSER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attribute/file_question.h"
#include "base/powerless.h"

#define PARSER_PATIENCE_MS 1000

struct parser;

/* Forks: to be called while this process has one thread, and before it gives up its capabilities
 * (which are needed to change the user) and fork(). 0 or -errno. */
int parser_start(struct parser **ret);

/* NULL is fine. Waits a second at most for the starter's end, also while a descriptor of
 * parser_end_fd() is open. */
void parser_stop(struct parser *parser);

/* 0 or -errno: of the answer; -ETIMEDOUT: no answer in time; -EOWNERDEAD: the worker died or
 * answered nonsense; -ENOTCONN: there is no worker; -ETOOMANYREFS: the file could not be handed
 * over, which is reported once. */
int parser_ask(struct parser *parser, const struct file_question *question, int fd,
	       struct file_answer *ret);

/* How long a question waits from now on: for callers that need the answer, however busy the machine
 * is. */
void parser_set_patience(struct parser *parser, int ms);

/* Questions without an answer; it only grows. */
uint64_t parser_lost(const struct parser *parser);

/* What the starter could not give up; to be asked once. 0, -ETIMEDOUT, or -ENOTCONN: it is gone. */
int parser_state(struct parser *parser, struct powerless *ret);

/* A descriptor of the caller's that hangs up when the starter has ended: there will be no more
 * workers. -errno if there is none. */
int parser_end_fd(const struct parser *parser);

/* The parent of all workers, as in the kernel's records; 0: not known. */
pid_t parser_starter(const struct parser *parser);

#endif
