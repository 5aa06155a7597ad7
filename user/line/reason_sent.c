// SPDX-License-Identifier: BSD-2-Clause
#include "line/reason_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

static bool same_text(const struct json_walk_value *a, const char *a_key,
		      const struct json_walk_value *b, const char *b_key)
{
	const struct json_walk_value one = json_walk_member(a, a_key);
	const struct json_walk_value other = json_walk_member(b, b_key);

	return one.kind == JSON_WALK_TEXT && other.kind == JSON_WALK_TEXT &&
	       one.size == other.size && !memcmp(one.at, other.at, one.size);
}

static bool is_same_place(const struct reason *reason, const struct json_walk_value *sender)
{
	const struct json_walk_value cgroup = json_walk_member(reason->record, "cgroup");
	const struct json_walk_value systemd = json_walk_member(reason->record, "systemd");

	return json_peek_is(sender, "cgroup", "/") ||
	       same_text(sender, "cgroup", &cgroup, "path") ||
	       (!json_peek_has(sender, "container_id") && !json_peek_has(sender, "user_unit") &&
		same_text(sender, "unit", &systemd, "unit"));
}

/* " of cron.service", unless it is where the victim was. */
static void put_place(struct reason *reason, const struct json_walk_value *sender)
{
	static const char *const keys[] = { "container_name", "container_id", "machine",
					    "user_unit",      "unit",         "cgroup" };
	const struct json_walk_value pod = json_walk_member(sender, "kubernetes");

	if (is_same_place(reason, sender))
		return;
	if (json_peek_has(&pod, "pod")) {
		words_put(&reason->out, " of ");
		(void)reason_put_name(reason, &pod, "namespace");
		words_put(&reason->out, "/");
		(void)reason_put_name(reason, &pod, "pod");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO_FREE char *name = json_peek_text(sender, keys[i]);

		if (!name)
			continue;
		words_put(&reason->out, " of ");
		if (!strcmp(keys[i], "container_id"))
			words_put(&reason->out, "container %.12s", name);
		else
			words_put_name(&reason->out, name);
		return;
	}
}

bool reason_put_sender(struct reason *reason, bool kinship)
{
	const struct json_walk_value sender = json_walk_member(reason->record, "sender");
	const struct json_walk_value victim = json_walk_member(reason->record, "victim");
	const uint64_t pid = json_peek_number(&sender, "pid");

	if (sender.kind != JSON_WALK_OBJECT)
		return false;
	if (pid && pid == json_peek_number(&victim, "pid")) {
		words_put(&reason->out, "itself");
		return true;
	}
	if (kinship && json_peek_bool(&sender, "parent"))
		words_put(&reason->out, "its parent ");
	if (!reason_put_name(reason, &sender, "comm"))
		words_put(&reason->out, "?");
	words_put(&reason->out, "[%" PRIu64 "]", pid);
	if (pid != 1)
		put_place(reason, &sender);
	return true;
}

static bool asks_to_end(const struct json_walk_value *prior)
{
	static const char *const names[] = { "SIGTERM", "SIGABRT", "SIGINT", "SIGQUIT", "SIGHUP" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (json_peek_is(prior, "name", names[i]))
			return true;
	return false;
}

/* By the rule of the summary: the same process, or another one of its cgroup, if that is not the
 * victim's own. */
static bool is_same_sender(const struct reason *reason, const struct json_walk_value *prior)
{
	const struct json_walk_value sender = json_walk_member(reason->record, "sender");
	const struct json_walk_value before = json_walk_member(prior, "sender");
	const struct json_walk_value victim = json_walk_member(reason->record, "victim");
	const struct json_walk_value cgroup = json_walk_member(reason->record, "cgroup");
	const uint64_t pid = json_peek_number(&before, "pid");

	if (before.kind != JSON_WALK_OBJECT || pid == json_peek_number(&victim, "pid"))
		return false;
	return pid == json_peek_number(&sender, "pid") ||
	       (same_text(&before, "cgroup", &sender, "cgroup") &&
		!json_peek_is(&before, "cgroup", "/") &&
		!same_text(&before, "cgroup", &cgroup, "path"));
}

/* ", 90 s after SIGTERM": the first request of the same sender. */
/* A foreign record can have any number there: more than thirty years, or less than nothing, is no
 * time. */
#define MOST_SECONDS 1e9

static void put_asked_before(struct reason *reason)
{
	const struct json_walk_value list = json_walk_member(reason->record, "prior_signals");
	const struct json_walk_value signal = json_walk_member(reason->record, "signal");
	struct json_walk walk = json_walk_into(&list);
	struct json_walk_value key, prior;

	while (json_peek_is(&signal, "name", "SIGKILL") && json_walk_next(&walk, &key, &prior)) {
		const double seconds = json_peek_real(&prior, "seconds_before");

		if (!asks_to_end(&prior) || !is_same_sender(reason, &prior) ||
		    !(seconds >= 0 && seconds < MOST_SECONDS))
			continue;
		words_put(&reason->out, ", ");
		words_put_seconds(&reason->out, (uint64_t)(seconds * (double)NS_PER_S));
		words_put(&reason->out, " after ");
		(void)reason_put_name(reason, &prior, "name");
		if (json_peek_bool(&prior, "ignored"))
			words_put(&reason->out, ", which was ignored");
		else if (json_peek_bool(&prior, "blocked"))
			words_put(&reason->out, ", which was blocked");
		return;
	}
}

/* A process that handled it and then left has a status of its own. */
static void put_signal(struct reason *reason)
{
	const struct json_walk_value signal = json_walk_member(reason->record, "signal");
	const struct json_walk_value exit = json_walk_member(reason->record, "exit");

	if (exit.kind == JSON_WALK_OBJECT && !json_peek_has(&exit, "signal"))
		words_put(&reason->out, "exit status %" PRIu64 " after ",
			  json_peek_number(&exit, "status"));
	if (reason->cause == CAUSE_CGROUP_KILL)
		words_put(&reason->out, "cgroup.kill");
	else if (!reason_put_name(reason, &signal, "name"))
		words_put(&reason->out, "a signal");
}

void reason_put_sent(struct reason *reason)
{
	if (!json_peek_has(reason->record, "signal") && !json_peek_has(reason->record, "sender")) {
		reason_put_summary(reason);
		return;
	}
	put_signal(reason);
	if (!json_peek_has(reason->record, "sender")) {
		words_put(&reason->out, "; its sender was not recorded");
		return;
	}
	words_put(&reason->out, reason->cause == CAUSE_CGROUP_KILL ? " by " : " from ");
	(void)reason_put_sender(reason, true);
	put_asked_before(reason);
}
