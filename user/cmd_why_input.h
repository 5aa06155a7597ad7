/* SPDX-License-Identifier: BSD-2-Clause */
/* Where `killtrace why` finds deaths: the history of an agent, a recording, or lines of JSON. */
#ifndef KT_CMD_WHY_INPUT_H
#define KT_CMD_WHY_INPUT_H

#include "history/history_read.h"
#include "options.h"

/* NULL: the exit code says how to end, after a message. */
struct history_reader *why_input_open(const struct options *options, int *ret_code);

/* Asks an agent for the deaths that it keeps, if it was named, or there is no history at the usual
 * place. To be called before the command is confined. False: it was named and could not be asked,
 * which was reported. */
bool why_input_ask_agent(const struct options *options);

/* Whether it is what an agent wrote in the course of time. */
bool why_input_is_history(const struct options *options);

/* After a failure of a function that reads from it. Returns the exit code. */
int why_input_failed(const struct options *options, const struct history_reader *reader, int error);

/* "the history '/var/lib/killtrace/history.db'", "the recording 'x'", "standard input"; not for a
 * terminal. Returns ret. */
#define WHY_INPUT_NAME_SIZE 512
const char *why_input_name(const struct options *options, char ret[WHY_INPUT_NAME_SIZE]);

#endif
