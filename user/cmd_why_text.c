// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_text.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "why/as_markdown.h"
#include "why/as_text.h"

static unsigned int width_of_output(const struct options *options)
{
	struct winsize size;

	if (options->width)
		return options->width;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col
								       : AS_TEXT_WIDTH;
}

char *why_text_of(const struct options *options, const struct explanation *explanation)
{
	struct buffer text = { 0 };

	if (options->output == OUTPUT_MARKDOWN)
		as_markdown(explanation, &text);
	else
		as_text(explanation, width_of_output(options), &text);
	buffer_add(&text, "", 1);
	if (text.failed) {
		free(text.text);
		return NULL;
	}
	return text.text;
}
