/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands; each returns an exit code after saying whatever has to be said. */
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
int cmd_schema(const struct options *options);

#endif
