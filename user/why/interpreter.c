// SPDX-License-Identifier: BSD-2-Clause
#include "why/interpreter.h"

#include <string.h>

#include "base/cleanup.h"
#include "why/fact.h"

struct runtime {
	const char *program; /* its name, without a version */
	const char *what;
	const char *advice;
};

static const struct runtime runtimes[] = {
	{ "python", "an interpreter: its frames are those of the interpreter, not of the script",
	  "PYTHONFAULTHANDLER=1 in its environment prints the script's stack at the next crash" },
	{ "node", "JavaScript runs as generated code, which only a perf map names",
	  "node --perf-basic-prof --interpreted-frames-native-stack writes one" },
	{ "nodejs", "JavaScript runs as generated code, which only a perf map names",
	  "node --perf-basic-prof --interpreted-frames-native-stack writes one" },
	{ "java", "Java runs as generated code, which only a perf map names",
	  "the JVM itself writes the Java stack to hs_err_pid*.log in its working folder" },
	{ "ruby", "an interpreter: its frames are those of the interpreter, not of the script",
	  "Ruby itself prints the script's stack on its standard error" },
	{ "php", "an interpreter: its frames are those of the interpreter, not of the script",
	  NULL },
	{ "perl", "an interpreter: its frames are those of the interpreter, not of the script",
	  NULL },
	{ "dotnet", "C# runs as generated code, which only a perf map names",
	  "DOTNET_PerfMapEnabled=1 in its environment writes one" },
};

/* "python3.11", "php8.2": but not "node_exporter" */
static bool is_called(const char *program, const char *name)
{
	const size_t length = strlen(name);

	return !strncmp(program, name, length) &&
	       !program[length + strspn(program + length, "0123456789.")];
}

static const struct runtime *find(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (is_called(program, runtimes[i].program))
			return &runtimes[i];
	return NULL;
}

static bool is_generated(const json_t *record)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(fact(record, "user_stack"), i, frame)
		if (fact_has_text(frame, "address"))
			return true;
	return false;
}

static bool is_named(const struct symbols *symbols)
{
	for (size_t i = 0; symbols && i < symbols->count; i++)
		if (symbols->frames[i].is_generated && symbols->frames[i].state == SYMBOLS_NAMED)
			return true;
	return symbols && symbols->fault.is_generated && symbols->fault.state == SYMBOLS_NAMED;
}

/* By the name of its program only. */
void interpreter_add(const struct why *why, struct explanation *ret)
{
	const char *program = fact_text(why->record, "victim.exe");
	const struct runtime *runtime = find(program);

	if (is_named(why->symbols))
		return;
	if (runtime)
		explanation_say(ret, SECTION_EVIDENCE, "runtime",
				"%s: %s%s%s (by its name: inferred)", NAME(program), runtime->what,
				runtime->advice ? "; " : "",
				runtime->advice ? runtime->advice : "");
	else if (is_generated(why->record))
		explanation_say(ret, SECTION_EVIDENCE, "runtime",
				"it ran generated code, of a compiler at run time: only a perf map "
				"(/tmp/perf-PID.map) names that");
}
