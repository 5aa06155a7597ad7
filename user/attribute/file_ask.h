/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks about a file of another program: opens it here, and lets files->parser read it.
 *
 * Invariants: as node_files.h; waits for an answer no longer than parser.h says.
 */
#ifndef KT_ATTRIBUTE_FILE_ASK_H
#define KT_ATTRIBUTE_FILE_ASK_H

#include "attribute/file_question.h"
#include "attribute/node_files.h"

/* The question's size is filled in. 0 or -errno: of opening, of the answer, or of parser_ask(). */
int file_ask(const struct node_files *files, const char *path, struct file_question *question,
	     struct file_answer *ret);

/* "'FILE' ...", for a file that is there and was not read. */
const char *file_ask_failure(int error);

#endif
