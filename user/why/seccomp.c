// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <string.h>

#include "why/common.h"
#include "why/fact.h"
#include "why/shell.h"
#include "why/stack.h"
#include "why/who.h"

static void put_call(const json_t *record, struct prose *prose)
{
	int64_t number;

	if (fact_has_text(record, "seccomp.syscall_name"))
		prose_put(prose, "the system call %s",
			  NAME(fact_text(record, "seccomp.syscall_name")));
	else if (fact_find_number(record, "seccomp.syscall", &number))
		prose_put(prose, "the system call %" PRId64, number);
	else
		prose_put(prose, "a system call");
}

static void add_call(const json_t *record, struct explanation *ret)
{
	int64_t number;

	if (fact_find_number(record, "seccomp.syscall", &number))
		explanation_say(ret, SECTION_EVIDENCE, "call", "system call %" PRId64 " of %s",
				number, fact_text(record, "seccomp.arch"));
}

static void add_next(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	const char *call = fact_text(record, "seccomp.syscall_name");
	struct prose command = { 0 };
	bool is_user;
	const char *unit = who_unit(record, &is_user);

	if (unit) {
		prose_put(&command, "systemctl %sedit ", is_user ? "--user " : "");
		shell_put_argument(&command, unit);
		prose_put(&command, "    # [Service] SystemCallFilter=");
		shell_put_argument(&command, call);
		explanation_add_command(ret, "allow", &command);
	} else if (fact(record, "kubernetes")) {
		explanation_say(ret, SECTION_NEXT, "allow",
				"add the call to the profile that spec.securityContext."
				"seccompProfile of the pod names");
	} else if (fact(record, "container")) {
		explanation_say(ret, SECTION_NEXT, "allow",
				"add the call to the runtime's profile: docker run --security-opt "
				"seccomp=profile.json");
	}
	explanation_say(ret, SECTION_NEXT, "note",
			"allow the call only if the program needs it: an attacker's code would "
			"call it as well");
}

void why_seccomp(const struct why *why, struct explanation *ret)
{
	prose_put(&ret->answer, " because it made ");
	put_call(why->record, &ret->answer);
	prose_put(&ret->answer,
		  fact_is_true(why->record, "exit.thread_only")
			  ? ", which its seccomp filter answers by killing the thread."
			  : ", which its seccomp filter answers by killing it.");
	add_call(why->record, ret);
	add_next(why, ret);
	stack_add(why, ret);
	(void)common_add_log(why, ret);
}
