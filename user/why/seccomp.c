// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <string.h>

#include "why/common.h"
#include "why/fact.h"
#include "why/shell.h"
#include "why/stack.h"
#include "why/who.h"

static void put_call(const json_t *record, struct prose *answer)
{
	int64_t number;

	if (fact_has_text(record, "seccomp.syscall_name"))
		prose_put(answer, "the system call %s, which its seccomp filter forbids.",
			  NAME(fact_text(record, "seccomp.syscall_name")));
	else if (fact_find_number(record, "seccomp.syscall", &number))
		prose_put(answer, "the system call %" PRId64 ", which its seccomp filter forbids.",
			  number);
	else
		prose_put(answer, "a system call that its seccomp filter forbids; which one was "
				  "not recorded.");
}

static void add_call(const json_t *record, struct explanation *ret)
{
	int64_t number;

	if (fact_find_number(record, "seccomp.syscall", &number))
		explanation_say(ret, SECTION_EVIDENCE, "call", "system call %" PRId64 " of %s",
				number, fact_text(record, "seccomp.arch"));
}

/* A program can make its own filter. A SystemCallFilter= beside that would forbid all other calls,
 * so what is there already decides. */
static void add_unit_next(const char *unit, bool is_user, const char *call, struct explanation *ret)
{
	struct prose command = { 0 };

	prose_put(&command, "systemctl %sshow -p SystemCallFilter -- ", is_user ? "--user " : "");
	shell_put_argument(&command, unit);
	explanation_add_command(ret, "filter", &command);
	if (*call)
		explanation_say(ret, SECTION_NEXT, "allow",
				"only if that is not empty: add %s to SystemCallFilter= of the "
				"unit; if it is empty, the program made the filter itself",
				NAME(call));
	else
		explanation_say(ret, SECTION_NEXT, "note",
				"if that is empty, the program made the filter itself");
}

static void add_next(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	const char *call = fact_text(record, "seccomp.syscall_name");
	bool is_user;
	const char *unit = who_unit(record, &is_user);

	if (unit)
		add_unit_next(unit, is_user, call, ret);
	if (!*call)
		return;
	if (!unit && fact(record, "kubernetes"))
		explanation_say(ret, SECTION_NEXT, "allow",
				"add the call to the profile that spec.securityContext."
				"seccompProfile of the pod names");
	else if (!unit && fact(record, "container"))
		explanation_say(ret, SECTION_NEXT, "allow",
				"add the call to the runtime's profile: docker run --security-opt "
				"seccomp=profile.json");
	explanation_say(ret, SECTION_NEXT, "note",
			"allow the call only if the program needs it: an attacker's code would "
			"call it as well");
}

void why_seccomp(const struct why *why, struct explanation *ret)
{
	prose_put(&ret->answer, " because it made ");
	put_call(why->record, &ret->answer);
	add_call(why->record, ret);
	add_next(why, ret);
	stack_add(why, ret);
	(void)common_add_log(why, ret);
}
