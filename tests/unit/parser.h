/* SPDX-License-Identifier: BSD-2-Clause */
/* A file to ask a parser about, and the right answer. */
#ifndef KT_PARSER_TEST_H
#define KT_PARSER_TEST_H

#include "attribute/parser.h"
#include "base/cleanup.h"
#include "tree.h"

#define CONFIG "{\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\"}}"

static struct parser *parser;
static struct file_answer answer;

static inline int parser_ask_fd(int fd, enum file_kind kind, uint64_t size)
{
	struct file_question question;

	assert_true(file_question_make(kind, "", NULL, &question));
	question.size = size;
	memset(&answer, 0, sizeof(answer));
	return parser_ask(parser, &question, fd, &answer);
}

static inline int parser_ask_text(const char *text, size_t size)
{
	AUTO_CLOSE int fd = -1;

	tree_write_bytes("/file", text, size);
	fd = open(tree_path("/file"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return parser_ask_fd(fd, FILE_DOCKER, size);
}

#define PATIENT_MS 20000

static inline int parser_ask_config(void)
{
	int error = parser_ask_text(CONFIG, strlen(CONFIG));

	if (!error)
		assert_string_equal(answer.names.name, "web");
	return error;
}

#endif
