/* SPDX-License-Identifier: BSD-2-Clause */
/* What `killtrace why` prints for people: text for a terminal, or Markdown. */
#ifndef KT_CMD_WHY_TEXT_H
#define KT_CMD_WHY_TEXT_H

#include "options.h"
#include "why/explanation.h"

/* As wide as the options say, else as standard output, if that is a terminal. To be freed; NULL
 * when out of memory. */
char *why_text_of(const struct options *options, const struct explanation *explanation);

#endif
