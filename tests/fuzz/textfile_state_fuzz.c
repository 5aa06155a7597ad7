// SPDX-License-Identifier: BSD-2-Clause
/* killtrace.state, from which the counters continue after a restart. */
#include "exposition.h"

#define MOST_INPUT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *saved_text(struct metrics *metrics)
{
	json_t *saved = metrics_save(metrics);
	char *text = json_dumps(saved, JSON_COMPACT | JSON_SORT_KEYS);

	demand(text != NULL, "what is saved can be written");
	json_decref(saved);
	return text;
}

/* Saving and loading once more changes nothing. */
static void demand_same_again(struct metrics *metrics)
{
	struct metrics *other = metrics_new("boot");
	char *text = saved_text(metrics), *again;
	json_t *saved = json_loads(text, 0, NULL);

	demand(metrics_load(other, saved), "what was saved is taken");
	demand_exposition(other);
	again = saved_text(other);
	demand(strlen(text) == strlen(again), "and is as much");
	json_decref(saved);
	metrics_free(other);
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metrics *metrics;
	json_t *saved;

	if (size > MOST_INPUT)
		return 0;
	saved = json_loadb((const char *)data, size, 0, NULL);
	metrics = metrics_new("boot");
	(void)metrics_load(metrics, saved);
	demand_exposition(metrics);
	demand_same_again(metrics);
	metrics_free(metrics);
	json_decref(saved);
	return 0;
}
