// SPDX-License-Identifier: BSD-2-Clause
/* killtrace schema: the JSON Schema that every line of JSON output keeps to. */
#include <unistd.h>

#include "commands.h"
#include "pipeline.h"
#include "sink/output.h"
#include "watch.h"

static const unsigned char schema[] = {
#include "schema_json.h"
};

int cmd_schema(const struct options *options)
{
	(void)options;
	watch_catch_signals(false);
	return pipeline_exit_code(
		output_write(STDOUT_FILENO, (const char *)schema, sizeof(schema)));
}
