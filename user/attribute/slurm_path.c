// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/slurm_path.h"

#include "attribute/owner.h"
#include "attribute/span.h"

#define JOB_LONGEST 20

static bool is_word(struct span a)
{
	for (size_t i = 0; i < a.n; i++)
		if (!(a.s[i] >= '0' && a.s[i] <= '9') && !(a.s[i] >= 'a' && a.s[i] <= 'z'))
			return false;
	return a.n > 0;
}

static bool is_number(struct span a)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.s[i] < '0' || a.s[i] > '9')
			return false;
	return a.n > 0 && a.n <= JOB_LONGEST;
}

static bool take_after(struct span component, const char *prefix, struct span *ret)
{
	*ret = span_drop(component, strlen(prefix));
	return span_starts(component, prefix);
}

/* Skips to the cgroup below which the jobs are. */
static bool skip_to_jobs(const char **at)
{
	struct span first, second, uid;

	if (!span_next_component(at, &first) || !span_next_component(at, &second))
		return false;
	if (span_is(first, "system.slice"))
		return span_is(second, "slurmstepd.scope") ||
		       span_ends(second, "_slurmstepd.scope");
	return (span_is(first, "slurm") || span_starts(first, "slurm_")) &&
	       take_after(second, "uid_", &uid) && is_number(uid);
}

void slurm_path_read(const char *path, struct owner *ret)
{
	struct span component, part;
	const char *at = path;

	if (!skip_to_jobs(&at) || !span_next_component(&at, &component) ||
	    !take_after(component, "job_", &part) || !is_number(part) ||
	    !span_copy(part, ret->slurm_job, sizeof(ret->slurm_job)))
		return;
	if (!span_next_component(&at, &component) || !take_after(component, "step_", &part) ||
	    !is_word(part) || !span_copy(part, ret->slurm_step, sizeof(ret->slurm_step)))
		return;
	/* v2 has one more level, for the user's part and Slurm's own */
	if (!span_next_component(&at, &component) ||
	    (span_is(component, "user") && !span_next_component(&at, &component)) ||
	    !take_after(component, "task_", &part) || !is_word(part))
		return;
	(void)span_copy(part, ret->slurm_task, sizeof(ret->slurm_task));
}
