/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands; each prints its own messages and returns an exit code. */
#ifndef KT_COMMANDS_H
#define KT_COMMANDS_H

#include "options.h"

int cmd_trace(const struct options *options);
int cmd_daemon(const struct options *options);
int cmd_arm(const struct options *options);
int cmd_disarm(const struct options *options);
int cmd_history(const struct options *options);
int cmd_record(const struct options *options);
int cmd_replay(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_provoke(const struct options *options);
int cmd_why(const struct options *options);
int cmd_schema(const struct options *options);

#endif
