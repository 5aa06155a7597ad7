// SPDX-License-Identifier: BSD-2-Clause
#include "why/common.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "explain/evidence.h"
#include "why/fact.h"
#include "why/own_command.h"
#include "why/settings.h"
#include "why/shell.h"
#include "why/who.h"

#define AROUND_SECONDS 10
#define LONGEST_STORY_SECONDS 3600

void common_put_stamp(struct prose *command, const char *option, int64_t time_ns)
{
	const time_t seconds = (time_t)(time_ns / NS_PER_S);
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	prose_put(command, " %s ", option);
	shell_put_argument(command, text);
}

/* What was asked before the end belongs to it, unless that is long ago. */
static int64_t seconds_of_story(const json_t *record)
{
	const json_t *priors = fact(record, "prior_signals"), *prior;
	double most = 0;
	size_t i;

	json_array_foreach(priors, i, prior) {
		const double before = fact_real(prior, "seconds_before");

		if (before > most && before <= LONGEST_STORY_SECONDS)
			most = before;
	}
	return (int64_t)most;
}

void common_put_journalctl(const struct why *why, struct prose *command)
{
	const int64_t before = seconds_of_story(why->record) + AROUND_SECONDS;

	prose_put(command, "journalctl");
	common_put_stamp(command, "-S", why->time_ns - before * NS_PER_S);
	common_put_stamp(command, "-U", why->time_ns + AROUND_SECONDS * NS_PER_S);
}

static void put_pod_log(const json_t *record, struct prose *command)
{
	prose_put(command, "kubectl -n ");
	shell_put_argument(command, fact_text(record, "kubernetes.namespace"));
	prose_put(command, " logs ");
	shell_put_argument(command, fact_text(record, "kubernetes.pod"));
	if (fact_has_text(record, "kubernetes.container")) {
		prose_put(command, " -c ");
		shell_put_argument(command, fact_text(record, "kubernetes.container"));
	}
	/* with process 1 the whole container ended */
	if (fact_number(record, "victim.ns_pid") == 1)
		prose_put(command, " --previous");
}

static bool put_container_log(const json_t *record, struct prose *command)
{
	const char *runtime = fact_text(record, "container.runtime");
	const char *name = fact_text(record, "container.name");

	if (strcmp(runtime, "docker") != 0 && strcmp(runtime, "podman") != 0)
		return false;
	prose_put(command, "%s logs --timestamps --tail 100 ", runtime);
	shell_put_argument(command, *name ? name : fact_text(record, "container.id"));
	return true;
}

bool common_add_log(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };
	bool is_user, known = true;
	const char *unit = who_unit(why->record, &is_user);

	if (fact_has_text(why->record, "kubernetes.pod")) {
		put_pod_log(why->record, &command);
	} else if (unit) {
		common_put_journalctl(why, &command);
		prose_put(&command, is_user ? " --user-unit=" : " -u ");
		shell_put_argument(&command, unit);
	} else {
		known = put_container_log(why->record, &command);
	}
	explanation_add_command(ret, "log", &command);
	return known;
}

void common_add_prior(const struct why *why, struct explanation *ret)
{
	const json_t *priors = fact(why->record, "prior_signals"), *prior;
	size_t i;

	json_array_foreach(priors, i, prior) {
		struct prose text = { 0 };
		const json_t *sender = fact(prior, "sender");
		const double before = fact_real(prior, "seconds_before");

		prose_put(&text, "%s before: %s", DURATION(before), fact_text(prior, "name"));
		if (sender) {
			prose_put(&text, " by ");
			who_put_process(&text, sender);
		}
		prose_put(&text, fact_is_true(prior, "ignored")   ? "; it was ignored"
				 : fact_is_true(prior, "blocked") ? "; it was blocked"
				 : fact_is_true(prior, "handled") ? "; it has a handler for it"
								  : "");
		explanation_add(ret, SECTION_BEFORE, NULL, &text);
	}
}

void common_add_stuck(const struct why *why, struct explanation *ret)
{
	const int64_t pid = fact_number(why->record, "victim.pid");
	struct prose command = { 0 };

	if (!fact(why->record, "stuck"))
		return;
	prose_put(&command, "ps -o pid,stat,wchan:32 -p %" PRId64, pid);
	explanation_add_command(ret, "held", &command);
	prose_put(&command, "cat /proc/%" PRId64 "/stack    # as root", pid);
	explanation_add_command(ret, "stack", &command);
}

/* As nouns, for they stand after "missing". */
static const char *gap_words(const char *name)
{
	static const struct {
		enum evidence_gap gap;
		const char *words;
	} gaps[] = {
		{ EVIDENCE_DOSSIER, "the notes about what ended it" },
		{ EVIDENCE_STACKS, "the stacks" },
		{ EVIDENCE_SENDER, "the cgroup of the sender" },
		{ EVIDENCE_CGROUP, "the end of a cgroup's path" },
		{ EVIDENCE_OOM, "a part of what is known about an OOM kill" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++)
		if (!strcmp(evidence_name(gaps[i].gap), name))
			return gaps[i].words;
	return name;
}

static void add_gaps(const struct why *why, struct explanation *ret)
{
	const json_t *gaps = fact(why->record, "evidence.incomplete"), *gap;
	struct prose text = { 0 };
	size_t i;

	json_array_foreach(gaps, i, gap)
		prose_put(&text, "%s%s", i ? ", " : "", gap_words(json_string_value(gap)));
	explanation_add(ret, SECTION_EVIDENCE, "missing", &text);
}

static void add_repeats(const struct why *why, struct explanation *ret)
{
	int64_t count;

	if (fact_find_number(why->record, "repeats.count", &count) && count > 1)
		explanation_say(ret, SECTION_ALSO, NULL,
				"%" PRId64 " equal deaths of this owner in the same time; this is "
				"the first of them",
				count - 1);
}

/* The kernel kills all processes of a pid namespace with its first one. */
static void add_container_end(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	int64_t inner;

	if (!fact(record, "container") || !fact_find_number(record, "victim.ns_pid", &inner) ||
	    fact_is_true(record, "exit.thread_only") || fact(record, "stuck"))
		return;
	if (inner == 1)
		explanation_say(ret, SECTION_ALSO, NULL,
				"the whole container: this was its process 1");
	else if (why->cause != CAUSE_PIDNS_TEARDOWN)
		explanation_say(ret, SECTION_ALSO, NULL,
				"not the container itself: this was process %" PRId64
				" in it, and only process 1 takes the others with it",
				inner);
}

/* Settings of now that bear on it. */
static void add_settings(const struct why *why, struct explanation *ret)
{
	struct prose text = { 0 };

	for (unsigned int i = 0; why->settings && i < why->settings->count; i++)
		prose_put(&text, "%s%s=%s", i ? ", " : "", why->settings->list[i].name,
			  NAME(why->settings->list[i].value));
	if (text.size)
		prose_put(&text, " (read now, not then)");
	explanation_add(ret, SECTION_EVIDENCE, "set to", &text);
}

static void add_same(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	if (!fact_has_text(why->record, "fingerprint"))
		return;
	own_command_put(why, &command, "history");
	/* all of them, also at a terminal */
	prose_put(&command, " -n all%s --fingerprint ",
		  fact_is_true(why->record, "routine") ? " --all" : "");
	shell_put_argument(&command, fact_text(why->record, "fingerprint"));
	explanation_add_command(ret, "again", &command);
}

void common_add_rest(const struct why *why, struct explanation *ret)
{
	add_settings(why, ret);
	add_gaps(why, ret);
	add_repeats(why, ret);
	add_container_end(why, ret);
	add_same(why, ret);
}
