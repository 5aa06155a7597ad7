/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation for a ticket: Markdown. Names are code spans, so that none of them is markup, and
 * commands are code blocks. */
#ifndef KT_WHY_AS_MARKDOWN_H
#define KT_WHY_AS_MARKDOWN_H

#include "base/buffer.h"
#include "why/explanation.h"

void as_markdown(const struct explanation *explanation, struct buffer *ret);

#endif
