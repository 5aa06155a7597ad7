// SPDX-License-Identifier: BSD-2-Clause
#include "report/wording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "history/history_scan.h"
#include "line/json_peek.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "stdout/row.h"
#include "why/fact.h"
#include "why/past.h"
#include "why/why.h"

/* A newest death. All zero: its line is gone, or not of a form that this version knows. */
struct newest {
	json_t *record;
	char *line; /* made again from the record */
	struct row row;
};

static void newest_done(struct newest *newest)
{
	row_done(&newest->row);
	free(newest->line);
	json_decref(newest->record);
	*newest = (struct newest){ 0 };
}

static int read_newest(struct history_reader *reader, struct findings *findings, int64_t number,
		       struct newest *ret)
{
	AUTO_FREE char *line = NULL;
	struct newest newest = { 0 };
	int64_t time_ns = 0;
	int error = history_line(reader, number, &line, &time_ns);

	*ret = newest;
	if (error || !line)
		return error;
	newest.record = record_read(line);
	newest.line = newest.record ? json_tree_line(newest.record) : NULL;
	if (newest.line)
		error = row_of_line(newest.line, strlen(newest.line), &newest.row);
	if (!newest.line || error) {
		newest_done(&newest);
		findings->damaged++;
		return error == -ENOMEM ? error : 0;
	}
	*ret = newest;
	return 0;
}

static bool copy(const char *text, char **ret)
{
	*ret = strdup(text);
	return *ret != NULL;
}

static int take_node(struct findings *findings, const json_t *record)
{
	const char *node = fact_text(record, "node");

	if (*node && findings->node && strcmp(node, findings->node) != 0)
		findings->nodes = true;
	return !*node || findings->node || copy(node, &findings->node) ? 0 : -ENOMEM;
}

/* A set with the name of its owner. */
struct named {
	struct set *set;
	char *name, *newest, *id;
};

static void named_done(struct named *named)
{
	free(named->name);
	free(named->newest);
	free(named->id);
}

static int name_set(struct history_reader *reader, struct findings *findings, struct set *set,
		    struct named *ret)
{
	struct newest newest;
	int error = read_newest(reader, findings, set->newest, &newest);

	if (error)
		return error;
	*ret = (struct named){ .set = set };
	error = take_node(findings, newest.record);
	if (!copy(newest.record ? newest.row.owner : "?", &ret->name) ||
	    !copy(fact_text(newest.record, "summary"), &ret->newest) ||
	    !copy(fact_text(newest.record, "id"), &ret->id))
		error = -ENOMEM;
	newest_done(&newest);
	return error;
}

/* By name; of one name the newest first. */
static int compare_names(const void *a, const void *b)
{
	const struct named *one = a, *other = b;
	const int order = strcmp(one->name, other->name);

	if (order)
		return order;
	return one->set->last_ns < other->set->last_ns ? 1 : -1;
}

/* The largest first; of equal ones the latest. */
static int compare_sizes(const void *a, const void *b)
{
	const struct named *one = a, *other = b;

	if (one->set->deaths != other->set->deaths)
		return one->set->deaths < other->set->deaths ? 1 : -1;
	if (one->set->last_ns != other->set->last_ns)
		return one->set->last_ns < other->set->last_ns ? 1 : -1;
	return strcmp(one->name, other->name);
}

/* Returns how many are left. */
static size_t merge(struct named *named, size_t count)
{
	size_t used = 0;

	qsort(named, count, sizeof(*named), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (used && !strcmp(named[used - 1].name, named[i].name)) {
			set_merge(named[used - 1].set, named[i].set);
			named_done(&named[i]);
		} else {
			named[used++] = named[i];
		}
	}
	qsort(named, used, sizeof(*named), compare_sizes);
	return used;
}

int wording_owners(struct history_reader *reader, struct findings *findings)
{
	struct sets *sets = &findings->owner_sets;
	AUTO_FREE struct named *named = calloc(sets->count + 1, sizeof(*named));
	size_t count = 0;
	int error = named ? 0 : -ENOMEM;

	for (; count < sets->count && !error; count++)
		error = name_set(reader, findings, sets->list[count], &named[count]);
	if (error) {
		for (size_t i = 0; i < count; i++)
			named_done(&named[i]);
		return error;
	}
	count = merge(named, count);
	findings->owner_total = count;
	for (size_t i = 0; i < count; i++)
		if (i < FINDINGS_OWNERS)
			findings->owners[findings->owner_count++] =
				(struct finding_owner){ named[i].set, named[i].name,
							named[i].newest, named[i].id };
		else
			named_done(&named[i]);
	return 0;
}

/* As `killtrace why` does, without what only a person who asks now should see. */
static int explain(struct history_reader *reader, const char *history, struct finding_crash *crash)
{
	struct why_past past = { 0 };
	struct why why;
	int error;

	if (!why_of_record(crash->record, 0, &why))
		return 0;
	why.history = history;
	error = past_read(reader, &why, &past);
	if (error)
		return error;
	why.past = &past;
	why_explain(&why, &crash->why);
	past_done(&past);
	return crash->why.failed ? -ENOMEM : 0;
}

static int describe_crash(struct history_reader *reader, const char *history,
			  struct findings *findings, const struct set *set,
			  struct finding_crash *ret)
{
	struct newest newest;
	int error = read_newest(reader, findings, set->newest, &newest);

	*ret = (struct finding_crash){ .set = set };
	if (error)
		return error;
	if (!copy(newest.record ? newest.row.cause : "?", &ret->cause) ||
	    !copy(newest.record ? newest.row.owner : "?", &ret->owner) ||
	    !copy(newest.record ? newest.row.process : "?", &ret->process) ||
	    !copy(newest.record ? newest.row.reason : "", &ret->reason))
		error = -ENOMEM;
	ret->record = json_incref(newest.record);
	newest_done(&newest);
	if (!error && ret->record)
		error = explain(reader, history, ret);
	return error;
}

int wording_crashes(struct history_reader *reader, const char *history, struct findings *findings)
{
	struct sets *sets = &findings->crash_sets;
	int error = 0;

	sets_sort(sets);
	for (size_t i = 0; !error && i < sets->count && i < FINDINGS_CRASHES; i++) {
		struct finding_crash *crash = findings->crashes + i;

		error = describe_crash(reader, history, findings, sets->list[i], crash);
		findings->crash_count = i + 1;
	}
	return error;
}
