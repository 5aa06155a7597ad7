// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "why/common.h"
#include "why/core.h"
#include "why/fact.h"
#include "why/fault_words.h"
#include "why/shell.h"
#include "why/stack.h"

static void add_trap(const json_t *record, struct explanation *ret)
{
	struct prose text = { 0 };
	int64_t number;

	if (fact_find_number(record, "fault.trap_number", &number))
		prose_put(&text, "trap %" PRId64 " (%s)", number, fact_text(record, "fault.trap"));
	fault_put_error_code(&text, record);
	explanation_add(ret, SECTION_EVIDENCE, "trap", &text);
}

static void add_signal(const json_t *record, struct explanation *ret)
{
	struct prose text = { 0 };

	prose_put(&text, "%s", fact_text(record, "signal.name"));
	if (fact_has_text(record, "signal.code_name"))
		prose_put(&text, ", code %s", fact_text(record, "signal.code_name"));
	explanation_add(ret, SECTION_EVIDENCE, "signal", &text);
}

static void add_address(const json_t *record, struct explanation *ret)
{
	const char *address = fact_text(record, "fault.address");
	struct prose text = { 0 };
	uint64_t number;

	if (!fact_find_hex(record, "fault.address", &number))
		return;
	prose_put(&text, "%s", address);
	if (fact_is(record, "fault.kind", "null-dereference") && number)
		prose_put(&text,
			  ", so a member %" PRIu64
			  " bytes into a structure, or an element of an array, at a null pointer "
			  "(inferred)",
			  number);
	explanation_add(ret, SECTION_EVIDENCE, "address", &text);
}

static void add_thread(const json_t *record, struct explanation *ret)
{
	const int64_t tid = fact_number(record, "victim.tid");
	struct prose text = { 0 };

	if (!tid || tid == fact_number(record, "victim.pid"))
		return;
	prose_put(&text, "tid %" PRId64, tid);
	if (fact_has_text(record, "victim.thread_comm"))
		prose_put(&text, ", %s", NAME(fact_text(record, "victim.thread_comm")));
	explanation_add(ret, SECTION_EVIDENCE, "thread", &text);
}

void why_fault(const struct why *why, struct explanation *ret)
{
	prose_put(&ret->answer, ": ");
	fault_put(&ret->answer, why);
	prose_put(&ret->answer, ".");
	add_signal(why->record, ret);
	add_trap(why->record, ret);
	add_address(why->record, ret);
	add_thread(why->record, ret);
	core_add(why, ret);
	stack_add(why, ret);
	(void)common_add_log(why, ret);
}
