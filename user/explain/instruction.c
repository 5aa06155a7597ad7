// SPDX-License-Identifier: BSD-2-Clause
#include "explain/instruction.h"

#include <signal.h>
#include <stddef.h>

#include "base/cleanup.h"

#define COMPILED_IN "compiled in, such as an assertion, a sanitizer or __builtin_trap()"
/* Known by its first bytes. The rest may not be an instruction of any CPU, such as after a wild
 * jump into data. */
#define NOT_HERE "which this CPU or its system may not have"

static const struct {
	const char *name, *words;
} instructions[] = {
	[KT_INSTRUCTION_OTHER] = { "other", NULL },
	[KT_INSTRUCTION_UD2] = { "ud2", "ud2: a trap that was " COMPILED_IN },
	[KT_INSTRUCTION_UD1] = { "ud1", "ud1: a trap that was " COMPILED_IN },
	[KT_INSTRUCTION_UD0] = { "ud0", "ud0: a trap that was " COMPILED_IN },
	[KT_INSTRUCTION_INT3] = { "int3", "int3: compiled in, or set by a debugger" },
	[KT_INSTRUCTION_HLT] = { "hlt", "hlt: how a C library ends a program that cannot go on" },
	[KT_INSTRUCTION_PRIVILEGED] = { "privileged",
					"an instruction that only the kernel may execute" },
	[KT_INSTRUCTION_LEGACY] = { "legacy",
				    "encoded as an instruction that not every x86-64 CPU has, such as "
				    "of SSE4, and " NOT_HERE },
	[KT_INSTRUCTION_VEX] = { "vex", "encoded as an AVX, FMA or BMI instruction, " NOT_HERE },
	[KT_INSTRUCTION_EVEX] = { "evex", "encoded as an AVX-512 instruction, " NOT_HERE },
	[KT_INSTRUCTION_XOP] = { "xop", "encoded as an XOP instruction, " NOT_HERE },
	[KT_INSTRUCTION_AMX] = { "amx", "encoded as an AMX instruction, " NOT_HERE
					", or which the program may not use" },
	[KT_INSTRUCTION_BRK] = { "brk", "brk: " COMPILED_IN ", or set by a debugger" },
	[KT_INSTRUCTION_UDF] = { "udf", "udf: an instruction that no CPU has" },
	[KT_INSTRUCTION_SVE] = { "sve", "encoded as an SVE instruction, " NOT_HERE },
	[KT_INSTRUCTION_SME] = { "sme", "encoded as an SME instruction, " NOT_HERE
					", or which was used outside of streaming mode" },
};

/* The kernel side looked at the instruction if the signal and the thread's remembered trap allowed
 * it. If SIGSEGV is no general protection fault, that trap can be an older one. */
static unsigned int instruction_of(const struct death *death, const struct verdict *verdict)
{
	unsigned int instruction = death->fault.instruction;

	if (!death->has_fault || instruction >= ARRAY_SIZE(instructions) ||
	    (death->fault.number == SIGSEGV && !verdict->trap_is_fresh))
		return KT_INSTRUCTION_UNKNOWN;
	return instruction;
}

const char *instruction_name(const struct death *death, const struct verdict *verdict)
{
	return instructions[instruction_of(death, verdict)].name;
}

const char *instruction_words(const struct death *death, const struct verdict *verdict)
{
	unsigned int instruction = instruction_of(death, verdict);

	/* an error code refers to a segment selector or a gate (Intel SDM volume 3, Error Code) */
	if (instruction == KT_INSTRUCTION_OTHER && death->fault.number == SIGSEGV &&
	    !death->fault.error_code)
		return "often a pointer that is no valid address";
	return instructions[instruction].words;
}
