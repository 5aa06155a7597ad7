/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of other programs are parsed by a process that can do nothing else: the agent opens them,
 * and hands over the descriptor (SCM_RIGHTS).
 *
 * There are two processes (attribute/parser_child.h). The starter forks a worker when it is told
 * to, for what the agent may not do any more; it never sees a file. The worker reads and answers. A
 * worker that is late, answers nonsense or dies costs the file that it read, and the next file has
 * the next worker.
 *
 * Ownership: parser_start() gives an object to be freed with parser_stop(). One thread may ask.
 * Invariants: no wait is longer than PARSER_PATIENCE_MS, if nobody sets another patience. Neither
 * process is there when this one is not, however it ends. What an answer says is as hostile as the
 * file.
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
 * (which it takes to change the user) and fork(). 0 or -errno. */
int parser_start(struct parser **ret);

/* NULL is fine. Waits for the starter's end for a second at most. */
void parser_stop(struct parser *parser);

/* 0 or -errno: of the answer; -ETIMEDOUT for none in time, -EOWNERDEAD for a worker that died or
 * answered nonsense, -ENOTCONN where there is no worker. That there will be none any more is said
 * once, and so is -ETOOMANYREFS: the file could not be handed over. */
int parser_ask(struct parser *parser, const struct file_question *question, int fd,
	       struct file_answer *ret);

/* How long a question waits from now on: for who has to have the answer, however busy the machine
 * is. */
void parser_set_patience(struct parser *parser, int ms);

/* Questions that had no answer; it only grows. */
uint64_t parser_lost(const struct parser *parser);

/* What the starter could not give up; to be asked once. 0, -ETIMEDOUT, or -ENOTCONN: it is gone. */
int parser_state(struct parser *parser, struct powerless *ret);

/* The parent of all workers, as the kernel's records have it; 0: not known. */
pid_t parser_starter(const struct parser *parser);

#endif
