// SPDX-License-Identifier: BSD-2-Clause
#include "why/asked.h"

#include <string.h>

#include "why/fact.h"

static bool is_same_sender(const json_t *record, const json_t *prior)
{
	const char *path = fact_text(prior, "sender.cgroup");
	int64_t pid;

	if (!fact_find_number(prior, "sender.pid", &pid) ||
	    pid == fact_number(record, "victim.pid"))
		return false;
	return pid == fact_number(record, "sender.pid") ||
	       (strlen(path) > 1 && fact_is(record, "sender.cgroup", path) &&
		!fact_is(record, "cgroup.path", path));
}

const json_t *asked_before(const json_t *record)
{
	const json_t *prior;
	size_t i;

	if (!fact(record, "sender"))
		return NULL;
	json_array_foreach(fact(record, "prior_signals"), i, prior)
		if (is_same_sender(record, prior))
			return prior;
	return NULL;
}

void asked_put(struct prose *prose, const json_t *record, const json_t *asked)
{
	prose_put(prose, " sent it %s%s, and %s %s later", fact_text(asked, "name"),
		  fact_is_true(asked, "ignored")   ? ", which was ignored"
		  : fact_is_true(asked, "blocked") ? ", which it had blocked"
						   : "",
		  fact_text(record, "signal.name"), DURATION(fact_real(asked, "seconds_before")));
}
