/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands; each prints its own messages and returns an exit code. */
#ifndef KT_COMMANDS_H
#define KT_COMMANDS_H

#include <stddef.h>

#include "options.h"

#define COMMANDS_MOST 32

/* The commands in the order in which they are listed; the first one is the default. The name of the
 * one behind the last is NULL. */
const struct command *command_at(size_t index);

int cmd_trace(const struct options *options);
int cmd_daemon(const struct options *options);
int cmd_arm(const struct options *options);
int cmd_disarm(const struct options *options);
int cmd_history(const struct options *options);
int cmd_record(const struct options *options);
int cmd_replay(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_provoke(const struct options *options);
int cmd_report(const struct options *options);
int cmd_top(const struct options *options);
int cmd_why(const struct options *options);
int cmd_completion(const struct options *options);
int cmd_schema(const struct options *options);

#endif
