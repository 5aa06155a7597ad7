/* SPDX-License-Identifier: BSD-2-Clause */
/* Where `killtrace why` gets the record from. */
#ifndef KT_CMD_WHY_INPUT_H
#define KT_CMD_WHY_INPUT_H

#include <jansson.h>

/* The last death in the lines of JSON on standard input; a new reference. NULL: the exit code says
 * how to end, after a message. */
int why_input_stdin(json_t **ret);

#endif
