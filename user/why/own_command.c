// SPDX-License-Identifier: BSD-2-Clause
#include "why/own_command.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "history/history_limits.h"
#include "why/common.h"
#include "why/shell.h"

#define DAY_NS (86400 * NS_PER_S)

void own_command_put(const struct why *why, struct prose *command, const char *name)
{
	prose_put(command, "killtrace %s", name);
	if (!why->history) {
		command->refused = true;
	} else if (strcmp(why->history, HISTORY_PATH) != 0) {
		prose_put(command, " ");
		shell_put_argument_with(command, "--history=", why->history, "");
	}
}

void own_command_put_since(const struct why *why, struct prose *command, int days)
{
	common_put_stamp(command, "--since", why->time_ns - days * DAY_NS);
}

void own_command_add_first(const struct why *why, int64_t pid, struct explanation *ret)
{
	struct prose command = { 0 };

	own_command_put(why, &command, "why");
	prose_put(&command, " %" PRId64, pid);
	explanation_add_command(ret, "first", &command);
}
