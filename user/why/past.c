// SPDX-License-Identifier: BSD-2-Clause
#include "why/past.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "why/fact.h"

#define MOST_LISTED 5

static void put_other(const struct why_past *past, struct prose *answer)
{
	if (past->other[0])
		prose_put(answer, "; the same happened in other units, such as %s",
			  NAME(past->other));
}

void past_put_often(const struct why *why, struct prose *answer)
{
	const struct why_past *past = why->past;
	uint64_t deaths;
	double every;

	if (!past || !past->same.deaths)
		return;
	deaths = past->same.deaths > past->kin ? past->same.deaths - past->kin : 1;
	if (deaths == 1) {
		prose_put(answer, " It is the first time in the history, which begins at %s.",
			  CLOCK(why, past->begins_ns));
		return;
	}
	if (deaths == 2) {
		prose_put(answer, " It is the second time; the first was at %s",
			  CLOCK(why, past->same.first_ns));
		put_other(past, answer);
		prose_put(answer, ".");
		return;
	}
	every = (double)(past->same.last_ns - past->same.first_ns) / NS_PER_S /
		(double)(deaths - 1);
	prose_put(answer, " It is the %s time since %s", ORDINAL(deaths),
		  CLOCK(why, past->same.first_ns));
	/* in a storm, a rate says nothing */
	if (every >= 1)
		prose_put(answer, ", about every %s", DURATION(every));
	put_other(past, answer);
	prose_put(answer, ".");
}

static double oldest(const struct why_past *past)
{
	double most = 0;

	for (unsigned int i = 0; i < past->age_count; i++)
		most = past->ages[i] > most ? past->ages[i] : most;
	return most;
}

/* Whether all ages lie within a sixth of their middle. */
static bool are_alike(const struct why_past *past, double *ret_middle)
{
	double least = past->ages[0], most = oldest(past);

	for (unsigned int i = 1; i < past->age_count; i++)
		least = past->ages[i] < least ? past->ages[i] : least;
	*ret_middle = (least + most) / 2;
	return most - *ret_middle <= *ret_middle / 6;
}

#define YOUNG_SECONDS 60

/* What it means that they all grew so old. */
static const char *conclusion(const struct why *why, double age)
{
	if (why->cause != CAUSE_OOM_MEMCG && why->cause != CAUSE_OOM_GLOBAL &&
	    why->cause != CAUSE_OOM_USERSPACE)
		return "";
	if (age >= YOUNG_SECONDS)
		return ": a leak, or a limit that is too small (inferred)";
	/* a leak takes longer */
	return why->cause == CAUSE_OOM_MEMCG && !fact_is_true(why->record, "oom.limit_lowered")
		       ? ": it needs more than its limit from the start (inferred)"
		       : "";
}

static void add_ages(const struct why *why, struct explanation *ret)
{
	const struct why_past *past = why->past;
	double middle;

	if (past->age_count < 3 || oldest(past) < 1)
		return;
	if (!are_alike(past, &middle)) {
		struct prose text = { 0 };

		prose_put(&text, "the newest were ");
		for (unsigned int i = 0; i < past->age_count; i++)
			prose_put(&text, "%s%s", i ? ", " : "", DURATION(past->ages[i]));
		prose_put(&text, " old (this one first)");
		explanation_add(ret, SECTION_BEFORE, "ages", &text);
		return;
	}
	explanation_say(ret, SECTION_BEFORE, "ages", "each of the newest %u was about %s old%s",
			past->age_count, DURATION(middle), conclusion(why, middle));
}

static bool have_same(const json_t *one, const json_t *other, const char *place)
{
	return fact_has_text(one, place) && fact_is(other, place, fact_text(one, place));
}

static bool is_same_owner(const json_t *one, const json_t *other)
{
	static const char *const places[] = { "container.id", "kubernetes.pod_uid",
					      "systemd.user_unit", "systemd.invocation_id" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (have_same(one, other, places[i]))
			return true;
	return have_same(one, other, "systemd.unit") && !fact(one, "systemd.user_unit") &&
	       !fact(one, "container") && !fact(other, "container");
}

bool past_is_kin(const json_t *one, const json_t *other)
{
	int64_t chosen = 0, pid = fact_number(one, "victim.pid");

	if (fact_find_number(one, "oom.chosen_pid", &chosen) &&
	    (chosen == fact_number(other, "victim.pid") ||
	     chosen == fact_number(other, "oom.chosen_pid")))
		return true;
	return pid && (pid == fact_number(other, "oom.chosen_pid") ||
		       pid == fact_number(other, "oom.shared_with_pid") ||
		       pid == fact_number(other, "sender.pid"));
}

static void add_other(const json_t *record, const json_t *other, struct explanation *ret)
{
	struct prose text = { 0 };

	prose_put(&text, "%s (pid %" PRId64 "): %s", NAME(fact_text(other, "victim.comm")),
		  fact_number(other, "victim.pid"), NAME(fact_text(other, "cause")));
	if (!is_same_owner(record, other) && fact_has_text(other, "systemd.unit"))
		prose_put(&text, ", of %s", NAME(fact_text(other, "systemd.unit")));
	explanation_add(ret, SECTION_ALSO, NULL, &text);
}

static void add_around(const struct why *why, struct explanation *ret)
{
	const json_t *other;
	unsigned int count = 0;
	size_t i;

	json_array_foreach(why->past->around, i, other) {
		if (!is_same_owner(why->record, other) && !past_is_kin(why->record, other) &&
		    !past_is_kin(other, why->record))
			continue;
		if (count++ < MOST_LISTED)
			add_other(why->record, other, ret);
	}
	if (count > MOST_LISTED)
		explanation_say(ret, SECTION_ALSO, NULL,
				"and %u more of the same owner within two seconds",
				count - MOST_LISTED);
}

void past_add(const struct why *why, struct explanation *ret)
{
	if (!why->past)
		return;
	if (why->past->before_ns && why->past->same.deaths > 2)
		explanation_say(ret, SECTION_BEFORE, "last", "the same at %s",
				CLOCK(why, why->past->before_ns));
	add_ages(why, ret);
	add_around(why, ret);
}
