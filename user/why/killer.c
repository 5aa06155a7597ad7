// SPDX-License-Identifier: BSD-2-Clause
#include "why/killer.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "why/asked.h"
#include "why/common.h"
#include "why/fact.h"
#include "why/settings.h"
#include "why/shell.h"
#include "why/who.h"

static int64_t number_of(const json_t *signal)
{
	return fact_number(signal, "number");
}

static void add_unit_setting(const struct why *why, struct explanation *ret, const char *setting,
			     const char *example)
{
	struct prose command = { 0 };
	bool is_user;
	const char *unit = who_unit(why->record, &is_user);

	if (!unit)
		return;
	prose_put(&command, "systemctl %sedit ", is_user ? "--user " : "");
	shell_put_argument(&command, unit);
	prose_put(&command, "    # [Service] %s=%s", setting, example);
	explanation_add_command(ret, "longer", &command);
}

static void add_who_asked(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	common_put_journalctl(why, &command);
	prose_put(&command, " _COMM=sudo _COMM=systemctl");
	explanation_add_command(ret, "who", &command);
}

/* " (1min 30s now)": it may have been another one then. */
static void put_setting(const struct why *why, const char *name, struct prose *answer)
{
	const char *value = settings_find(why->settings, name);

	if (value)
		prose_put(answer, " (%s now)", NAME(value));
}

static void put_sender(const json_t *record, struct prose *answer)
{
	if (fact_is_true(record, "sender.parent"))
		prose_put(answer, "its own parent ");
	who_put_process(answer, fact(record, "sender"));
}

/* The service manager sends SIGABRT for nothing else of its own. */
static void explain_watchdog(const struct why *why, const json_t *asked, struct explanation *ret)
{
	struct prose *answer = &ret->answer;

	prose_put(answer, " because its watchdog expired (inferred): ");
	put_sender(why->record, answer);
	if (asked && number_of(fact(why->record, "signal")) != SIGABRT)
		asked_put(answer, why->record, asked);
	else
		prose_put(answer, " sent it SIGABRT");
	prose_put(answer, ". It had not reported to the service manager for the time of "
			  "WatchdogSec=");
	put_setting(why, "WatchdogUSec", answer);
	prose_put(answer, ".");
	add_unit_setting(why, ret, "WatchdogSec", "5min");
}

/* A signal that a process ignores is not recorded, so its absence proves nothing. */
static void explain_sudden(const struct why *why, struct prose *answer)
{
	const char *kill_signal = settings_find(why->settings, "KillSignal");

	prose_put(answer, " sent it SIGKILL. No request to stop is recorded before: it ignored "
			  "that and TimeoutStopSec=");
	put_setting(why, "TimeoutStopUSec", answer);
	prose_put(answer, " ran out, ");
	/* systemctl shows the number */
	if (!kill_signal)
		prose_put(answer, "KillSignal= is SIGKILL, ");
	else if (!strcmp(kill_signal, "9"))
		prose_put(answer, "KillSignal= was SIGKILL, as it is now, ");
	prose_put(answer, "it was left over when its unit had stopped, or it was 'systemctl kill' "
			  "(inferred).");
}

static bool explain_manager(const struct why *why, struct explanation *ret)
{
	const json_t *asked = asked_before(why->record);
	const int64_t number = number_of(fact(why->record, "signal"));
	struct prose *answer = &ret->answer;

	if (number == SIGABRT || (asked && number_of(asked) == SIGABRT)) {
		explain_watchdog(why, asked, ret);
	} else if (number == SIGKILL && asked) {
		prose_put(answer, " because it did not stop in time: ");
		put_sender(why->record, answer);
		asked_put(answer, why->record, asked);
		prose_put(answer, ", when TimeoutStopSec=");
		put_setting(why, "TimeoutStopUSec", answer);
		prose_put(answer, " ran out (inferred).");
		add_unit_setting(why, ret, "TimeoutStopSec", "5min");
		add_who_asked(why, ret);
	} else if (number == SIGKILL) {
		prose_put(answer, " because ");
		put_sender(why->record, answer);
		explain_sudden(why, answer);
		add_who_asked(why, ret);
	} else {
		prose_put(answer, " because ");
		put_sender(why->record, answer);
		prose_put(answer, " stopped its unit with %s: on request, or after a timeout.",
			  fact_text(why->record, "signal.name"));
		add_who_asked(why, ret);
	}
	return true;
}

static void add_pod_events(const json_t *record, struct explanation *ret)
{
	struct prose command = { 0 };

	prose_put(&command, "kubectl -n ");
	shell_put_argument(&command, fact_text(record, "kubernetes.namespace"));
	prose_put(&command, " get events ");
	shell_put_argument_with(&command, "--field-selector=involvedObject.name=",
				fact_text(record, "kubernetes.pod"), "");
	explanation_add_command(ret, "events", &command);
}

static void add_docker_events(const struct why *why, struct explanation *ret)
{
	const char *name = fact_text(why->record, "container.name");
	struct prose command = { 0 };
	const int64_t second = why->time_ns / 1000000000;

	prose_put(&command, "%s events --since %" PRId64 " --until %" PRId64 " --filter ",
		  fact_is(why->record, "container.runtime", "podman") ? "podman" : "docker",
		  second - 60, second + 10);
	shell_put_argument_with(
		&command, "container=", *name ? name : fact_text(why->record, "container.id"), "");
	explanation_add_command(ret, "events", &command);
}

/* Only the API server and the runtime have it, for as long as there is the pod or the container. */
static void add_stop_setting(const json_t *record, struct explanation *ret)
{
	const char *runtime = fact_text(record, "container.runtime");
	const char *name = fact_text(record, "container.name");
	struct prose command = { 0 };

	if (fact(record, "kubernetes")) {
		prose_put(&command, "kubectl -n ");
		shell_put_argument(&command, fact_text(record, "kubernetes.namespace"));
		prose_put(&command, " get pod ");
		shell_put_argument(&command, fact_text(record, "kubernetes.pod"));
		prose_put(&command, " -o jsonpath='{.spec.terminationGracePeriodSeconds}'");
	} else if (!strcmp(runtime, "docker") || !strcmp(runtime, "podman")) {
		prose_put(&command, "%s inspect -f '{{.Config.StopTimeout}}' ", runtime);
		shell_put_argument(&command, *name ? name : fact_text(record, "container.id"));
	}
	explanation_add_command(ret, "setting", &command);
}

static void add_longer_stop(const json_t *record, struct explanation *ret)
{
	const char *runtime = fact_text(record, "container.runtime");

	add_stop_setting(record, ret);
	if (fact(record, "kubernetes"))
		explanation_say(ret, SECTION_NEXT, "longer",
				"terminationGracePeriodSeconds in the pod's spec (default 30 s)");
	else if (!strcmp(runtime, "docker") || !strcmp(runtime, "podman"))
		explanation_say(ret, SECTION_NEXT, "longer",
				"a longer timeout for stopping (%s stop -t SECONDS, default 10), "
				"or handle the signal",
				runtime);
	else
		explanation_say(ret, SECTION_NEXT, "longer",
				"a longer timeout for stopping, or handle the signal");
}

static bool explain_runtime(const struct why *why, struct explanation *ret)
{
	const json_t *asked = asked_before(why->record);
	const bool is_pod = fact(why->record, "kubernetes") != NULL;
	struct prose *answer = &ret->answer;

	if (number_of(fact(why->record, "signal")) == SIGKILL && asked) {
		prose_put(answer, " because it did not stop in time: the container runtime, ");
		put_sender(why->record, answer);
		prose_put(answer, ",");
		asked_put(answer, why->record, asked);
		prose_put(answer, ", when %s ran out (inferred).",
			  is_pod ? "the pod's grace period" : "the stop timeout");
		add_longer_stop(why->record, ret);
	} else {
		prose_put(answer, " because the container runtime, ");
		put_sender(why->record, answer);
		prose_put(answer, ", sent it %s", fact_text(why->record, "signal.name"));
		prose_put(answer, is_pod ? " by order of the kubelet: a probe that failed, an "
					   "eviction, a deletion or an exec (inferred)."
					 : " by order: a stop, or a command such as 'docker kill' "
					   "(inferred).");
	}
	if (is_pod)
		add_pod_events(why->record, ret);
	else
		add_docker_events(why, ret);
	return true;
}

/* gunicorn's arbiter: SIGABRT to a worker that was silent for --timeout, SIGKILL a second later. */
static bool is_gunicorn(const json_t *record, const json_t *asked)
{
	return fact_is_true(record, "sender.parent") && asked && number_of(asked) == SIGABRT &&
	       fact_real(asked, "seconds_before") < 10 &&
	       (!strncmp(fact_text(record, "sender.comm"), "gunicorn", 8) ||
		!strncmp(fact_text(record, "sender.exe"), "python", 6) ||
		!strncmp(fact_text(record, "sender.comm"), "python", 6));
}

static bool explain_asked(const struct why *why, const json_t *asked, struct explanation *ret)
{
	const bool has_timeout = is_gunicorn(why->record, asked);
	struct prose *answer = &ret->answer;

	if (!asked || number_of(fact(why->record, "signal")) != SIGKILL)
		return false;
	prose_put(answer, has_timeout ? " because it did not answer in time (inferred): "
				      : " because it did not end when it was asked to: ");
	put_sender(why->record, answer);
	asked_put(answer, why->record, asked);
	prose_put(answer, ".");
	if (!has_timeout)
		return true;
	prose_put(answer, " gunicorn does this with a worker that was silent for --timeout "
			  "seconds.");
	explanation_say(
		ret, SECTION_NEXT, "request",
		"look for WORKER TIMEOUT (pid:%" PRId64
		") in its log; raise --timeout (default 30 s; killtrace reads no arguments, "
		"so not its value now), or find what blocks",
		fact_number(why->record, "victim.ns_pid"));
	return true;
}

static void add_sender_log(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	if (!fact(why->record, "sender") ||
	    fact_number(why->record, "sender.pid") == fact_number(why->record, "victim.pid"))
		return;
	common_put_journalctl(why, &command);
	prose_put(&command, " _PID=%" PRId64, fact_number(why->record, "sender.pid"));
	explanation_add_command(ret, "sender", &command);
}

bool killer_explain(const struct why *why, struct explanation *ret)
{
	const char *role = fact_text(why->record, "sender.role");

	if (!strcmp(role, "service-manager"))
		return explain_manager(why, ret);
	if (!strcmp(role, "container-runtime"))
		return explain_runtime(why, ret);
	add_sender_log(why, ret);
	return explain_asked(why, asked_before(why->record), ret);
}
