// SPDX-License-Identifier: BSD-2-Clause
/* killtrace schema: the JSON Schema to which every line of JSON output conforms. */
#include <unistd.h>

#include "commands.h"
#include "stdout/printing.h"
#include "base/output.h"
#include "line/schema.h"
#include "watch.h"

int cmd_schema(const struct options *options)
{
	(void)options;
	watch_catch_signals(false);
	return printing_exit_code(output_write(STDOUT_FILENO, schema_text, schema_size));
}
