// SPDX-License-Identifier: BSD-2-Clause
#include "why/fault_words.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "why/fact.h"
#include "why/stack.h"

struct words {
	const char *name, *words;
};

static const char *find(const struct words *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(table[i].name, name))
			return table[i].words;
	return NULL;
}

/* "read", "wrote to", "jumped to" */
static const char *verb(const json_t *record)
{
	if (fact_is(record, "fault.access", "write"))
		return "wrote to";
	if (fact_is(record, "fault.access", "exec"))
		return "jumped to";
	return fact_is(record, "fault.access", "read") ? "read" : "used";
}

static void put_address(struct prose *prose, const json_t *record)
{
	if (fact_has_text(record, "fault.address"))
		prose_put(prose, " (%s)", fact_text(record, "fault.address"));
}

/* A page fault by its kind. False: the kind is not known. */
static bool put_kind(struct prose *prose, const json_t *record)
{
	static const struct words kinds[] = {
		{ "unmapped", "an address where nothing is mapped" },
		{ "write-to-read-only", "memory that is read-only" },
		{ "exec-of-non-executable", "memory that is no code" },
		{ "kernel-address", "an address of the kernel" },
		{ "protection-key", "memory that its protection key forbids" },
		{ "permission", "memory that it may not use in this way" },
	};
	const char *kind = fact_text(record, "fault.kind");
	const char *words = find(kinds, ARRAY_SIZE(kinds), kind);

	if (!strcmp(kind, "stack-overflow"))
		prose_put(prose, "its stack overflowed, by endless recursion or a very large "
				 "local variable");
	else if (!strcmp(kind, "null-dereference"))
		prose_put(prose, "it %s a null pointer",
			  fact_is(record, "fault.access", "exec")    ? "called"
			  : fact_is(record, "fault.access", "write") ? "wrote through"
								     : "read through");
	else if (!words)
		return false;
	else
		prose_put(prose, "it %s %s", verb(record), words);
	/* a plain null pointer needs no number, and that of a stack says nothing */
	if (!fact_is(record, "fault.address", "0x0") && strcmp(kind, "stack-overflow") != 0)
		put_address(prose, record);
	if (!strcmp(kind, "kernel-address"))
		prose_put(prose, ", so the pointer was corrupt,");
	return true;
}

static bool put_bus_error(struct prose *prose, const json_t *record)
{
	static const struct words reasons[] = {
		{ "beyond-end",
		  "it used a mapped file beyond its end, since the file is shorter than the "
		  "mapping" },
		{ "full", "its tmpfs has no room left" },
		{ "no-free-huge-page", "no huge page was free" },
		{ "userfaultfd",
		  "a page was missing, and it had asked userfaultfd for SIGBUS then" },
		{ "daemon-gone", "the FUSE daemon of a mapped file is gone" },
		{ "daemon-error", "the FUSE daemon of a mapped file answered with an error" },
		{ "read-failed", "a page of a mapped file could not be read" },
		{ "write-failed", "there was no room or no disk for a page of a mapped file" },
	};
	const char *words =
		find(reasons, ARRAY_SIZE(reasons), fact_text(record, "fault.bus_error"));
	int64_t size;

	if (!words)
		return false;
	prose_put(prose, "%s", words);
	if (fact_find_number(record, "fault.size_bytes", &size))
		prose_put(prose, " (%s in all)", BYTES(size));
	if (fact_find_number(record, "fault.huge_page_bytes", &size))
		prose_put(prose, " (of %s; the node has %" PRId64 " of them)", BYTES(size),
			  fact_number(record, "fault.huge_pages"));
	return true;
}

static const char *instruction_words(const json_t *record)
{
	static const struct words classes[] = {
		{ "ud2", "a trap that was compiled in: an assertion, a sanitizer, or code that "
			 "must not be reached (ud2)" },
		{ "ud1", "a trap that was compiled in: an assertion or a sanitizer (ud1)" },
		{ "ud0", "a trap that was compiled in: an assertion or a sanitizer (ud0)" },
		{ "udf", "a trap that was compiled in: an assertion or a sanitizer (udf)" },
		{ "brk", "a trap that was compiled in, or a debugger's breakpoint (brk)" },
		{ "int3", "a breakpoint that was compiled in, or a debugger's (int3)" },
		{ "hlt", "an instruction of the kernel's (hlt), so it ran into data or a trap" },
		{ "privileged", "an instruction that only the kernel may use" },
		{ "legacy", "an instruction that this CPU may lack (such as SSE4)" },
		{ "vex", "an AVX, FMA or BMI instruction, which this CPU or its system may lack" },
		{ "evex", "an AVX-512 instruction, which this CPU or its system may lack" },
		{ "xop", "an XOP instruction, which this CPU lacks" },
		{ "amx", "an AMX instruction, which this CPU or its system may lack" },
		{ "sve", "an SVE instruction, which this CPU or its system may lack" },
		{ "sme", "an SME instruction, which this CPU or its system may lack" },
	};

	return find(classes, ARRAY_SIZE(classes), fact_text(record, "fault.instruction"));
}

/* What the trap means by itself; also where the cause is what the program made of it. */
static const char *trap_words(const json_t *record)
{
	static const struct words traps[] = {
		{ "general-protection",
		  "the CPU refused an instruction (general protection), mostly because of a corrupt "
		  "pointer that is no valid address" },
		{ "invalid-opcode", "the CPU does not know the instruction that it tried to run" },
		{ "undefined-instruction",
		  "the CPU does not know the instruction that it tried to run" },
		{ "divide-error", "it divided an integer by zero, or the quotient did not fit" },
	};

	return find(traps, ARRAY_SIZE(traps), fact_text(record, "fault.trap"));
}

static const char *cause_words(const struct why *why)
{
	const char *words = trap_words(why->record);

	switch (why->cause) {
	case CAUSE_ILLEGAL_INSTRUCTION:
		return words ? words : "the CPU could not run an instruction of it";
	case CAUSE_FLOATING_POINT:
		return "a floating-point operation failed, and it had asked for a signal then";
	case CAUSE_BREAKPOINT:
		return "it ran into a breakpoint without a debugger";
	case CAUSE_ALIGNMENT_CHECK:
		return "it used an address that is not aligned";
	case CAUSE_CONTROL_PROTECTION:
		return "a return or jump did not lead where it may (control-flow protection), mostly "
		       "because its stack or a function pointer was overwritten";
	case CAUSE_MEMORY_FAILURE:
		return "the hardware found a damaged page in the memory that it used";
	case CAUSE_BUS_ERROR:
		return "a page of its memory could not be provided";
	case CAUSE_SIGFRAME_FAILED:
		return "its stack was unusable when the kernel had to deliver a signal, as it is "
		       "when it is full";
	default:
		return words ? words : "it did what the CPU does not allow";
	}
}

void fault_put(struct prose *prose, const struct why *why)
{
	const json_t *record = why->record;
	const char *instruction = instruction_words(record);
	const char *code = fact_text(record, "signal.code_name");

	if (why->cause == CAUSE_MEMORY_FAILURE || why->cause == CAUSE_SIGFRAME_FAILED) {
		prose_put(prose, "%s", cause_words(why));
	} else if (!strcmp(code, "SEGV_MTEAERR") || !strcmp(code, "SEGV_MTESERR")) {
		prose_put(prose, "its pointer had the wrong memory tag");
		put_address(prose, record);
	} else if (instruction) {
		prose_put(prose, "it ran %s", instruction);
	} else if (put_kind(prose, record)) {
		stack_put_place(prose, " in ", why);
		return;
	} else if (!put_bus_error(prose, record)) {
		prose_put(prose, "%s", cause_words(why));
		put_address(prose, record);
	}
	stack_put_place(prose, ", at ", why);
}

/* arch/x86/include/asm/trap_pf.h */
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_RESERVED = 8, PF_EXEC = 16, PF_KEY = 32 };

void fault_put_error_code(struct prose *prose, const json_t *record)
{
	int64_t code;

	if (!fact_find_number(record, "fault.error_code", &code) || fact(record, "fault.arch"))
		return;
	prose_put(prose, ", error code %" PRId64, code);
	if (!fact_is(record, "fault.trap", "page-fault"))
		return;
	prose_put(prose, ": the %s %s a page that %s", code & PF_USER ? "program" : "kernel",
		  code & PF_EXEC    ? "ran code of"
		  : code & PF_WRITE ? "wrote to"
				    : "read",
		  code & PF_KEY       ? "its protection key forbids"
		  : code & PF_PRESENT ? "is mapped, but not for that"
				      : "is not mapped");
}
