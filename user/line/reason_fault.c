// SPDX-License-Identifier: BSD-2-Clause
#include "line/reason_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"

/* The names of explain/bus_error.h. */
static const char *bus_words(const struct json_walk_value *fault)
{
	static const struct {
		const char *name, *words;
	} known[] = {
		{ "beyond-end", "beyond the end of a mapped file" },
		{ "full", "its tmpfs is full" },
		{ "no-free-huge-page", "no free huge page" },
		{ "userfaultfd", "its userfaultfd has no page" },
		{ "daemon-gone", "the daemon of its FUSE file system is gone" },
		{ "daemon-error", "the daemon of its FUSE file system failed" },
		{ "read-failed", "a page could not be read from the disk" },
		{ "write-failed", "a page could not be written to the disk" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (json_peek_is(fault, "bus_error", known[i].name))
			return known[i].words;
	return NULL;
}

void reason_put_module(struct reason *reason, const char *before)
{
	const struct json_walk_value fault = json_walk_member(reason->record, "fault");

	if (!json_peek_has(&fault, "module"))
		return;
	words_put(&reason->out, "%s", before);
	(void)reason_put_name(reason, &fault, "module");
	words_put(&reason->out, "+");
	(void)reason_put_name(reason, &fault, "module_offset");
}

/* "null-dereference", "invalid-opcode (ud2)" */
static void put_kind(struct reason *reason, const struct json_walk_value *fault)
{
	const struct json_walk_value signal = json_walk_member(reason->record, "signal");
	const char *bus = bus_words(fault);

	if (bus)
		words_put(&reason->out, "%s", bus);
	else if (!reason_put_name(reason, fault, "kind") &&
		 !reason_put_name(reason, fault, "trap") &&
		 !reason_put_name(reason, &signal, "name"))
		words_put(&reason->out, "a fault");
	if (json_peek_has(fault, "instruction") && !json_peek_is(fault, "instruction", "other")) {
		words_put(&reason->out, " (");
		(void)reason_put_name(reason, fault, "instruction");
		words_put(&reason->out, ")");
	}
}

static void put_thread(struct reason *reason)
{
	const struct json_walk_value victim = json_walk_member(reason->record, "victim");

	if (!json_peek_has(&victim, "thread_comm"))
		return;
	words_put(&reason->out, ", thread ");
	(void)reason_put_name(reason, &victim, "thread_comm");
	words_put(&reason->out, "[%" PRIu64 "]", json_peek_number(&victim, "tid"));
}

void reason_put_fault(struct reason *reason)
{
	const struct json_walk_value fault = json_walk_member(reason->record, "fault");

	put_kind(reason, &fault);
	if (json_peek_has(&fault, "access")) {
		words_put(&reason->out, bus_words(&fault) ? ", " : " ");
		(void)reason_put_name(reason, &fault, "access");
	}
	if (json_peek_has(&fault, "address")) {
		words_put(&reason->out, json_peek_has(&fault, "access") ? " " : " at ");
		(void)reason_put_name(reason, &fault, "address");
	}
	reason_put_module(reason, " in ");
	put_thread(reason);
}
