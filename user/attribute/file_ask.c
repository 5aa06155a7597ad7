// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/file_ask.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/parser.h"
#include "base/cleanup.h"

int file_ask(const struct node_files *files, const char *path, struct file_question *question,
	     struct file_answer *ret)
{
	AUTO_CLOSE int fd = node_files_open_file(files, path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	question->size = (uint64_t)st.st_size;
	if (files->parser)
		return parser_ask(files->parser, question, fd, ret);
	file_question_answer(question, fd, ret);
	return ret->error;
}

const char *file_ask_failure(int error)
{
	switch (error) {
	case -EBADMSG:
		return "is not in the expected form";
	case -ETIMEDOUT:
		return "takes too long to read";
	case -EOWNERDEAD:
		return "was being read when its reader died";
	case -ENOTCONN:
		return "could not get a reader";
	case -ETOOMANYREFS:
		return "cannot be handed over: too many descriptors are on their way";
	default:
		return strerror(-error);
	}
}
