// SPDX-License-Identifier: BSD-2-Clause
/* killtrace doctor: what this kernel and host offer, hook by hook, and what its absence costs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attribute/parser.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "commands.h"
#include "source/pins.h"
#include "source/kallsyms.h"

#define PARSER "a process that reads container files"

/* No names wait for it. */
#define PATIENCE_MS 10000

enum { DOCTOR_FULL = 0, DOCTOR_DEGRADED = 1, DOCTOR_CANNOT = 2 };

static void line(const char *state, const char *what, const char *note)
{
	say_data("%-9s %-38s %s", state, what, note ? note : "");
}

static int show_hooks(const struct tracer *tracer)
{
	int result = DOCTOR_FULL;

	for (int i = 0; i < HOOK_COUNT; i++) {
		int error = tracer_hook_error(tracer, (enum hook)i);
		char note[256];

		if (tracer_is_attached(tracer, (enum hook)i)) {
			line("attached", hook_name((enum hook)i), NULL);
			continue;
		}
		(void)snprintf(note, sizeof(note), "%s: %s",
			       error < 0 ? strerror(-error) : "switched off",
			       hook_cost((enum hook)i));
		line("missing", hook_name((enum hook)i), note);
		result = DOCTOR_DEGRADED;
	}
	return result;
}

static void show_features(const struct probe *probe)
{
	for (int i = 0; i < FEATURE_COUNT; i++) {
		const char *cost = probe_cost((enum feature)i);

		if (probe->has[i])
			line("yes", probe_name((enum feature)i), NULL);
		else
			line("no", probe_name((enum feature)i),
			     cost ? cost : "not needed: the same is found in another way");
	}
}

static int show_symbols(void)
{
	struct kallsyms *symbols = NULL;
	int error = kallsyms_load("/proc/kallsyms", &symbols);
	char note[128];

	if (error) {
		(void)snprintf(note, sizeof(note), "%s: kernel paths have no names",
			       error == -EACCES ? "hidden: kernel.kptr_restrict, or no CAP_SYSLOG"
						: strerror(-error));
		line("missing", "/proc/kallsyms", note);
		return DOCTOR_DEGRADED;
	}
	(void)snprintf(note, sizeof(note), "%zu functions", kallsyms_count(symbols));
	line("yes", "/proc/kallsyms", note);
	kallsyms_free(symbols);
	return DOCTOR_FULL;
}

static void show_lockdown(void)
{
	AUTO_FCLOSE FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char text[128];

	if (!file || !fgets(text, sizeof(text), file)) {
		line("unknown", "lockdown", "securityfs is not mounted");
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	line("state", "lockdown", text);
}

static void show_pins(void)
{
	pid_t reader;
	int error = pins_look(PINS_DEFAULT, &reader);
	char note[256];

	if (!error && reader > 0)
		(void)snprintf(note, sizeof(note), "read by killtrace (pid %d)", (int)reader);
	else if (!error)
		(void)snprintf(note, sizeof(note), "deaths wait for the next reader");
	else if (error == -ENOENT)
		(void)snprintf(note, sizeof(note), "nothing is pinned at %s", PINS_DEFAULT);
	else
		(void)snprintf(note, sizeof(note), "cannot pin at %s: %s", PINS_DEFAULT,
			       pins_error_text(-error));
	line(error ? "no" : "yes", "armed", note);
}

static int show_parser(void)
{
	struct parser *parser = NULL;
	struct powerless state;
	char note[512];
	int error = parser_start(&parser);

	if (!error) {
		parser_set_patience(parser, PATIENCE_MS);
		error = parser_state(parser, &state);
	}
	if (error) {
		(void)snprintf(note, sizeof(note), "%s: containers and pods have no names",
			       error == -ENOTCONN ? "it ended" : strerror(-error));
		line("missing", PARSER, note);
		parser_stop(parser);
		return DOCTOR_DEGRADED;
	}
	/* a fence that is missing costs no evidence */
	(void)snprintf(
		note, sizeof(note), "uid %u, no capabilities%s%s%s", state.uid,
		state.refused & POWERLESS_OWN_UID
			? "; a user of its own needs CAP_SETUID and CAP_SETGID"
			: "",
		state.refused & POWERLESS_NO_FILES
			? "; no Landlock: a parser that was taken over could be able to read files"
			: "",
		state.refused & POWERLESS_FEW_CALLS
			? "; no seccomp filter: a parser that was taken over could use any system call"
			: "");
	line("yes", PARSER, note);
	parser_stop(parser);
	return DOCTOR_FULL;
}

int cmd_doctor(const struct options *options)
{
	struct tracer *tracer = NULL;
	int failure, reason, result, symbols, reader;

	errno = 0;
	failure = tracer_start(&options->tracer, &tracer);
	reason = errno;
	if (failure) {
		line("missing", "tracing", tracer_failure_text(failure));
		show_lockdown();
		say("cannot trace%s%s: %s", reason ? ", " : "", reason ? strerror(reason) : "",
		    tracer_failure_text(failure));
		return DOCTOR_CANNOT;
	}
	result = show_hooks(tracer);
	show_features(tracer_probe(tracer));
	symbols = show_symbols();
	show_lockdown();
	show_pins();
	reader = show_parser();
	tracer_free(tracer);
	if (symbols > result)
		result = symbols;
	if (reader > result)
		result = reader;
	say_data("%s", result == DOCTOR_FULL
			       ? "full: every verdict with all its evidence"
			       : "degraded: every death is reported, some with less evidence");
	return result;
}
