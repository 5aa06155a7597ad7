// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>

#include "why/common.h"
#include "why/fact.h"
#include "why/fault_words.h"
#include "why/stack.h"

void why_runtime(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	int64_t count;

	prose_put(&ret->answer, " because of a fault that its own handler took: ");
	if (fact(record, "fault"))
		fault_put(&ret->answer, why);
	else
		prose_put(&ret->answer, "which one could not be recorded");
	prose_put(&ret->answer, ". The kernel killed nothing, so neither its log nor the service "
				"manager shows a signal.");
	if (fact_number(record, "exit.status") == 2)
		explanation_say(ret, SECTION_EVIDENCE, "runtime",
				"status 2 after a fault is how a Go program ends that panics "
				"(inferred)");
	if (fact_find_number(record, "fault.handled_count", &count) && count > 1)
		explanation_say(ret, SECTION_EVIDENCE, "faults",
				"it had handled %" PRId64 " faults before, and lived on",
				count - 1);
	if (common_add_log(why, ret))
		explanation_say(
			ret, SECTION_NEXT, "note",
			"a runtime writes the error and its stacks to the standard error of "
			"the program");
	stack_add(why, ret);
}
