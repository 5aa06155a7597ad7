// SPDX-License-Identifier: BSD-2-Clause
/* killtrace history --group-by: how many deaths have something in common. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd_history_parts.h"
#include "history/history_group.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "stdout/groups.h"

/* Rows with the same columns are in the same group. */
static const char *const *columns_of(enum group_by by)
{
	static const char *const columns[GROUP_BY_COUNT][6] = {
		[GROUP_BY_CAUSE] = { "cause" },
		[GROUP_BY_OWNER] = { "unit", "user_unit", "pod", "container", "workload" },
		[GROUP_BY_COMM] = { "comm" },
		[GROUP_BY_WHERE] = { "cause", "fingerprint" },
		[GROUP_BY_FINGERPRINT] = { "fingerprint" },
	};

	return columns[by];
}

/* A database can be foreign: a line counts if it is a record. */
static int take_group(void *context, const char *line, uint64_t deaths, int64_t first_ns,
		      int64_t last_ns)
{
	json_t *record = record_read(line);
	AUTO_FREE char *again = record ? json_tree_line(record) : NULL;
	int error = record && !again ? -ENOMEM : 0;

	if (again)
		error = groups_add(context, again, deaths, first_ns, last_ns);
	json_decref(record);
	return error == -EINVAL ? 0 : error;
}

static int take_line(void *context, const char *line, int64_t realtime_ns)
{
	json_t *record = record_read(line);
	AUTO_FREE struct reported *reported = record ? reported_of_json(record, realtime_ns) : NULL;
	int error = 0;

	if (reported && reported->is_death)
		error = take_group(context, line, reported->repeats.count, realtime_ns,
				   reported->repeats.last_ns > realtime_ns
					   ? reported->repeats.last_ns
					   : realtime_ns);
	json_decref(record);
	return error;
}

/* The database counts, unless each line has to be looked at. */
static int fill(struct groups *groups, struct history_reader *reader,
		const struct history_query *query, enum group_by by)
{
	struct history_query all = *query;

	all.limit = 0;
	if (selection_is_open(query->selection) && !query->also)
		return history_group(reader, &all, columns_of(by), take_group, groups);
	return history_read(reader, &all, take_line, groups);
}

int history_show_groups(struct history_reader *reader, const struct options *options,
			const struct history_query *query, const struct screen *screen,
			uint64_t *ret_deaths)
{
	struct groups *groups = groups_new(options->group_by);
	int result = groups ? fill(groups, reader, query, options->group_by) : -ENOMEM;

	if (!result && options->output == OUTPUT_JSON)
		result = groups_print_json(groups, STDOUT_FILENO, options->limit);
	else if (!result)
		result = groups_print(groups, screen, options->limit);
	if (groups)
		*ret_deaths = groups_deaths(groups);
	groups_free(groups);
	return result;
}
