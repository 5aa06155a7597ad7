// SPDX-License-Identifier: BSD-2-Clause
/* killtrace doctor: what this kernel and host offer, hook by hook, and what its absence costs. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "attribute/parser.h"
#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "cmd_doctor.h"
#include "commands.h"
#include "line/json_tree.h"
#include "source/pins.h"
#include "source/kallsyms.h"

#define PARSER "a process that reads container files"

/* No names wait for it. */
#define PATIENCE_MS 10000

void doctor_row(const struct doctor *doctor, const char *state, const char *what,
		const char *format, ...)
{
	AUTO_FREE char *note = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&note, format, arguments) < 0)
		note = NULL;
	va_end(arguments);
	if (doctor->rows)
		(void)json_array_append_new(doctor->rows,
					    json_pack("{s:s,s:s,s:s*}", "state", state, "what",
						      what, "note", note && *note ? note : NULL));
	else
		say_data("%-9s %-38s %s", state, what, note ? note : "");
}

static void line(const struct doctor *doctor, const char *state, const char *what, const char *note)
{
	doctor_row(doctor, state, what, "%s", note ? note : "");
}

static int show_hooks(const struct doctor *doctor, const struct tracer *tracer)
{
	int result = DOCTOR_FULL;

	for (int i = 0; i < HOOK_COUNT; i++) {
		int error = tracer_hook_error(tracer, (enum hook)i);
		char note[256];

		if (tracer_is_attached(tracer, (enum hook)i)) {
			line(doctor, "attached", hook_name((enum hook)i), NULL);
			continue;
		}
		(void)snprintf(note, sizeof(note), "%s: %s",
			       error < 0 ? strerror(-error) : "switched off",
			       hook_cost((enum hook)i));
		line(doctor, "missing", hook_name((enum hook)i), note);
		result = DOCTOR_DEGRADED;
	}
	return result;
}

static void show_features(const struct doctor *doctor, const struct probe *probe)
{
	for (int i = 0; i < FEATURE_COUNT; i++) {
		const char *cost = probe_cost((enum feature)i);

		if (probe->has[i] && doctor->verbose)
			line(doctor, "yes", probe_name((enum feature)i), NULL);
		else if (!probe->has[i] && (cost || doctor->verbose))
			line(doctor, "no", probe_name((enum feature)i),
			     cost ? cost : "not needed: the same is found in another way");
	}
}

static int show_symbols(const struct doctor *doctor)
{
	struct kallsyms *symbols = NULL;
	int error = kallsyms_load("/proc/kallsyms", &symbols);
	char note[128];

	if (error) {
		(void)snprintf(note, sizeof(note), "%s: kernel paths have no names",
			       error == -EACCES ? "hidden: kernel.kptr_restrict, or no CAP_SYSLOG"
						: strerror(-error));
		line(doctor, "missing", "/proc/kallsyms", note);
		return DOCTOR_DEGRADED;
	}
	(void)snprintf(note, sizeof(note), "%zu functions", kallsyms_count(symbols));
	line(doctor, "yes", "/proc/kallsyms", note);
	kallsyms_free(symbols);
	return DOCTOR_FULL;
}

static void show_lockdown(const struct doctor *doctor)
{
	AUTO_FCLOSE FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char text[128];

	if (!file || !fgets(text, sizeof(text), file)) {
		line(doctor, "unknown", "lockdown", "securityfs is not mounted");
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	line(doctor, "state", "lockdown", text);
}

static void show_pins(const struct doctor *doctor)
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
	line(doctor, error ? "no" : "yes", "armed", note);
}

static int show_parser(const struct doctor *doctor)
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
		line(doctor, "missing", PARSER, note);
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
	line(doctor, "yes", PARSER, note);
	parser_stop(parser);
	return DOCTOR_FULL;
}

static void show_kernel(const struct doctor *doctor)
{
	struct utsname name;

	if (!uname(&name))
		doctor_row(doctor, "ok", "KERNEL", "%s %s", name.release, name.machine);
}

/* DOCTOR_CANNOT: the message was printed. */
static int examine(const struct doctor *doctor, const struct tracer_options *options)
{
	struct tracer *tracer = NULL;
	int failure, reason, results[3];

	errno = 0;
	failure = tracer_start(options, &tracer);
	reason = errno;
	if (failure) {
		line(doctor, "missing", "tracing", tracer_failure_text(failure));
		show_lockdown(doctor);
		say("cannot trace%s%s: %s", reason ? ", " : "", reason ? strerror(reason) : "",
		    tracer_failure_text(failure));
		return DOCTOR_CANNOT;
	}
	show_kernel(doctor);
	results[0] = show_hooks(doctor, tracer);
	show_features(doctor, tracer_probe(tracer));
	results[1] = show_symbols(doctor);
	show_lockdown(doctor);
	show_pins(doctor);
	results[2] = show_parser(doctor);
	tracer_free(tracer);
	doctor_host(doctor);
	doctor_events(doctor);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		if (results[i] != DOCTOR_FULL)
			return DOCTOR_DEGRADED;
	return DOCTOR_FULL;
}

static void print_json(json_t *rows, int result)
{
	static const char *const results[] = { "full", "degraded", "cannot trace" };
	json_t *all = json_pack("{s:s,s:O}", "result", results[result], "rows", rows);
	AUTO_FREE char *text = all ? json_tree_line(all) : NULL;

	if (!text || output_write(STDOUT_FILENO, text, strlen(text)))
		say("cannot write the output");
	json_decref(all);
}

int cmd_doctor(const struct options *options)
{
	struct doctor doctor = { .verbose = options->verbose };
	int result;

	if (options->output == OUTPUT_JSON)
		doctor.rows = json_array();
	result = examine(&doctor, &options->tracer);
	if (doctor.rows)
		print_json(doctor.rows, result);
	else if (result != DOCTOR_CANNOT)
		say_data("%s",
			 result == DOCTOR_FULL
				 ? "full: every verdict with all its evidence"
				 : "degraded: every death is reported, some with less evidence");
	json_decref(doctor.rows);
	return result;
}
