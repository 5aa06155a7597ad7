// SPDX-License-Identifier: BSD-2-Clause
/*
 * The answer to the agent from the process that parses files: an attacker may control that process.
 */
#include "attribute/file_question.h"
#include "demand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 0xa5

/* A text, without anything behind its end that could be copied along. */
static void demand_text(const char *text, size_t size)
{
	const size_t length = strnlen(text, size);

	demand(length < size, "a text ends within its field");
	for (size_t i = length; i < size; i++)
		demand(!text[i], "nothing stands behind a text");
}

#define DEMAND_TEXT(member) demand_text(member, sizeof(member))

static void demand_clean_answer(const struct file_answer *answer)
{
	const struct names *names = &answer->names;

	demand(answer->error <= 0 && answer->error >= -4095, "an error is a negative errno");
	DEMAND_TEXT(names->name);
	DEMAND_TEXT(names->image);
	DEMAND_TEXT(names->namespace);
	DEMAND_TEXT(names->pod);
	DEMAND_TEXT(names->pod_uid);
	DEMAND_TEXT(names->container);
	DEMAND_TEXT(names->sandbox);
	DEMAND_TEXT(names->unit);
	DEMAND_TEXT(names->cgroup);
	DEMAND_TEXT(answer->cgroups.unified);
	DEMAND_TEXT(answer->cgroups.memory);
	DEMAND_TEXT(answer->path);
	demand(!names->id[0] && !names->runtime[0], "whose names they are is the agent's to say");
	demand(!container_cgroups_have(&answer->cgroups, ""), "no path is nobody's");
}

static bool is_untouched(const struct file_answer *answer)
{
	for (size_t i = 0; i < sizeof(*answer); i++)
		if (((const unsigned char *)answer)[i] != UNTOUCHED)
			return false;
	return true;
}

/* Shorter inputs leave the rest empty: a message of another size is rejected (parser.c). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_answer answer = { 0 }, taken, again;

	memcpy(&answer, data, size < sizeof(answer) ? size : sizeof(answer));
	memset(&taken, UNTOUCHED, sizeof(taken));
	if (!file_answer_check(&answer, &taken)) {
		demand(is_untouched(&taken), "nothing is taken of what is no answer");
		return 0;
	}
	demand_clean_answer(&taken);
	demand(file_answer_check(&taken, &again), "what was taken is an answer");
	demand(!memcmp(&taken, &again, sizeof(taken)), "and the same one, to the last byte");
	return 0;
}
