// SPDX-License-Identifier: BSD-2-Clause
#include "metrics/workloads.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "metrics/transient.h"

/* A workload with a longer name is counted with the others: if names were cut, two could become
 * one. */
#define LONGEST 256

/* How many series a holder has, or one workload of a holder; for the holder, the workload is empty.
 */
struct part {
	struct share share;
	unsigned int series;
};

/* One workload and cause. The key is the cause and the strings, each with its NUL. */
struct series {
	struct series *next;
	struct part *of_holder, *of_workload;
	struct workload workload;
	enum cause cause;
	uint64_t kills;
	int64_t last_ns;
	size_t key_size;
	char key[];
};

struct workloads {
	void *by_key;
	void *parts;
	struct series *all;
	unsigned int own; /* except those of all others */
	uint64_t trimmed;
};

static const char *const kinds[] = {
	[WORKLOAD_KUBERNETES] = "kubernetes", [WORKLOAD_CONTAINER] = "container",
	[WORKLOAD_SYSTEMD] = "systemd",       [WORKLOAD_CGROUP] = "cgroup",
	[WORKLOAD_OTHER] = "other",
};

const char *workload_kind_name(enum workload_kind kind)
{
	return kinds[kind];
}

struct workloads *workloads_new(void)
{
	return calloc(1, sizeof(struct workloads));
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static int compare(const void *a, const void *b)
{
	const struct series *one = a, *other = b;
	size_t shorter = one->key_size < other->key_size ? one->key_size : other->key_size;
	int order = memcmp(one->key, other->key, shorter);

	return order ? order
		     : (one->key_size > other->key_size) - (one->key_size < other->key_size);
}

/* "\x1b" in the place of one byte */
#define WIDEST 4

/* A string of the key, as it is shown: otherwise two series could look the same. Empty means none.
 */
static const char *append(char *key, size_t *used, const char *text)
{
	char *at = key + *used;

	text_for_terminal_again(text ? text : "", at, WIDEST * length(text) + 1);
	*used += strlen(at) + 1;
	return *at ? at : NULL;
}

static const char *template_of(void (*make)(const char *name, char *ret, size_t size),
			       const char *name, char *ret, size_t size)
{
	/* a longer name is not the name of a run, and is counted with the others */
	if (!name || strlen(name) >= size)
		return name;
	make(name, ret, size);
	return ret;
}

/* Runs are counted under the name for all runs. */
static struct series *new_series(const struct workload *whole, enum cause cause)
{
	char unit[LONGEST], user_unit[LONGEST], pod[LONGEST];
	const struct workload *workload = &(struct workload){
		.kind = whole->kind,
		.namespace = whole->namespace,
		.pod = template_of(transient_pod, whole->pod, pod, sizeof(pod)),
		.container = whole->container,
		.unit = whole->kind == WORKLOAD_SYSTEMD
				? template_of(transient_unit, whole->unit, unit, sizeof(unit))
				: whole->unit,
		.user_unit =
			template_of(transient_unit, whole->user_unit, user_unit, sizeof(user_unit)),
	};
	size_t room = 2 +
		      WIDEST * (length(workload->namespace) + length(workload->pod) +
				length(workload->container) + length(workload->unit) +
				length(workload->user_unit)) +
		      5;
	struct series *series = calloc(1, sizeof(*series) + room);

	if (!series)
		return NULL;
	series->key[0] = (char)('a' + workload->kind);
	series->key[1] = (char)cause;
	series->key_size = 2;
	series->cause = cause;
	series->workload.kind = workload->kind;
	series->workload.namespace = append(series->key, &series->key_size, workload->namespace);
	series->workload.pod = append(series->key, &series->key_size, workload->pod);
	series->workload.container = append(series->key, &series->key_size, workload->container);
	series->workload.unit = append(series->key, &series->key_size, workload->unit);
	if (workload->user_unit) {
		series->key[series->key_size - 1] = '/';
		(void)append(series->key, &series->key_size, workload->user_unit);
	}
	return series;
}

static int compare_parts(const void *a, const void *b)
{
	const struct share *one = &((const struct part *)a)->share;
	const struct share *other = &((const struct part *)b)->share;

	if (one->holder != other->holder)
		return one->holder < other->holder ? -1 : 1;
	return (one->workload > other->workload) - (one->workload < other->workload);
}

/* Counts one more series. NULL: no memory. */
static struct part *take_part(struct workloads *workloads, const struct share *share)
{
	struct part *part = malloc(sizeof(*part)), **found;

	if (!part)
		return NULL;
	*part = (struct part){ .share = *share };
	found = tsearch(part, &workloads->parts, compare_parts);
	if (!found || *found != part)
		free(part);
	if (!found)
		return NULL;
	(*found)->series++;
	return *found;
}

static void leave_part(struct workloads *workloads, struct part *part)
{
	if (!part || --part->series)
		return;
	(void)tdelete(part, &workloads->parts, compare_parts);
	free(part);
}

static bool take_parts(struct workloads *workloads, struct series *series,
		       const struct share *share)
{
	series->of_holder = take_part(workloads, &(struct share){ .holder = share->holder });
	series->of_workload = take_part(workloads, share);
	return series->of_holder && series->of_workload;
}

static void leave_parts(struct workloads *workloads, struct series *series)
{
	leave_part(workloads, series->of_holder);
	leave_part(workloads, series->of_workload);
}

static void unlink_series(struct workloads *workloads, struct series **at)
{
	struct series *series = *at;

	*at = series->next;
	leave_parts(workloads, series);
	(void)tdelete(series, &workloads->by_key, compare);
	workloads->own -= series->workload.kind != WORKLOAD_OTHER;
	free(series);
}

void workloads_free(struct workloads *workloads)
{
	if (!workloads)
		return;
	while (workloads->all)
		unlink_series(workloads, &workloads->all);
	free(workloads);
}

struct workload workload_of(const struct attribution *whose, const char *cgroup)
{
	const struct owner *owner = &whose->owner;
	const struct names *names = &whose->names;

	if (names->pod[0])
		return (struct workload){ .kind = WORKLOAD_KUBERNETES,
					  .namespace = names->namespace,
					  .pod = names->pod,
					  .container = names->container };
	/* by its uid, if its name is not known */
	if (owner->pod_uid[0])
		return (struct workload){ .kind = WORKLOAD_KUBERNETES, .pod = owner->pod_uid };
	if (owner->container_id[0])
		return (struct workload){
			.kind = WORKLOAD_CONTAINER,
			.container = names->name[0] && attribution_names_innermost(owner, names)
					     ? names->name
					     : owner->container_id
		};
	if (owner->unit[0])
		return (struct workload){ .kind = WORKLOAD_SYSTEMD,
					  .unit = owner->unit,
					  .user_unit = owner->user_unit[0] ? owner->user_unit
									   : NULL };
	return (struct workload){ .kind = WORKLOAD_CGROUP, .unit = cgroup };
}

/* As it is shown and saved: otherwise a workload counted by its name would be one of the others
 * after a restart. */
static bool is_too_long(const struct workload *shown)
{
	return length(shown->namespace) > LONGEST || length(shown->pod) > LONGEST ||
	       length(shown->container) > LONGEST || length(shown->unit) > LONGEST;
}

/* The series, found or made; NULL: no memory, or its name is too long. */
static struct series *get(struct workloads *workloads, const struct workload *workload,
			  const struct share *share, enum cause cause)
{
	struct series *wanted = new_series(workload, cause), **found;

	if (!wanted)
		return NULL;
	if (is_too_long(&wanted->workload)) {
		free(wanted);
		return NULL;
	}
	found = tfind(wanted, &workloads->by_key, compare);
	if (found) {
		free(wanted);
		return *found;
	}
	if (!take_parts(workloads, wanted, share) ||
	    !tsearch(wanted, &workloads->by_key, compare)) {
		leave_parts(workloads, wanted);
		free(wanted);
		return NULL;
	}
	wanted->next = workloads->all;
	workloads->all = wanted;
	workloads->own += wanted->workload.kind != WORKLOAD_OTHER;
	return wanted;
}

static void count_in(struct series *series, uint64_t kills, int64_t last_ns)
{
	series->kills += kills;
	if (last_ns > series->last_ns)
		series->last_ns = last_ns;
}

static const struct share nobodys;

/* NULL: no memory. These are few, and are never removed. */
static struct series *get_other(struct workloads *workloads, enum cause cause)
{
	static const struct workload other = { .kind = WORKLOAD_OTHER };

	return get(workloads, &other, &nobodys, cause);
}

/* Whether this series gives way before the other: by its holder, its workload, and its last kill.
 */
static bool gives_way(const struct series *series, const struct series *other)
{
	if (series->of_holder->series != other->of_holder->series)
		return series->of_holder->series > other->of_holder->series;
	if (series->of_workload->series != other->of_workload->series)
		return series->of_workload->series > other->of_workload->series;
	return series->last_ns < other->last_ns;
}

/* Its kills count with those of the others from now on. */
static void trim_one(struct workloads *workloads)
{
	struct series **first = NULL, *other;

	for (struct series **at = &workloads->all; *at; at = &(*at)->next)
		if ((*at)->workload.kind != WORKLOAD_OTHER && (!first || gives_way(*at, *first)))
			first = at;
	if (!first)
		return;
	/* found before it is unlinked: new ones are inserted in front */
	other = get_other(workloads, (*first)->cause);
	if (other && first == &workloads->all && *first == other)
		first = &other->next;
	if (other)
		count_in(other, (*first)->kills, (*first)->last_ns);
	unlink_series(workloads, first);
	workloads->trimmed++;
}

static void add(struct workloads *workloads, const struct workload *workload,
		const struct share *share, enum cause cause, uint64_t kills, int64_t last_ns)
{
	struct series *series = get(workloads, workload, share, cause);

	if (!series)
		series = get_other(workloads, cause);
	if (!series)
		return;
	count_in(series, kills, last_ns);
	if (series->workload.kind != WORKLOAD_OTHER && workloads->own > WORKLOADS_MOST)
		trim_one(workloads);
}

void workloads_count(struct workloads *workloads, const struct workload *workload,
		     const struct share *share, enum cause cause, int64_t realtime_ns)
{
	add(workloads, workload, share, cause, 1, realtime_ns);
}

uint64_t workloads_trimmed(const struct workloads *workloads)
{
	return workloads->trimmed;
}

void workloads_expire(struct workloads *workloads, int64_t before_ns)
{
	struct series **at = &workloads->all;

	while (*at)
		if ((*at)->last_ns < before_ns && (*at)->workload.kind != WORKLOAD_OTHER)
			unlink_series(workloads, at);
		else
			at = &(*at)->next;
}

void workloads_each(const struct workloads *workloads,
		    void (*show)(void *context, const struct workload *workload, enum cause cause,
				 uint64_t kills, int64_t last_ns),
		    void *context)
{
	for (const struct series *series = workloads->all; series; series = series->next)
		show(context, &series->workload, series->cause, series->kills, series->last_ns);
}

static void put(json_t *object, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(object, key, json_string(text));
}

static void put_number(json_t *object, const char *key, int64_t number)
{
	(void)json_object_set_new(object, key, json_integer(number));
}

static json_t *save_one(const struct series *series)
{
	const struct workload *workload = &series->workload;
	json_t *object = json_object();

	put(object, "kind", workload_kind_name(workload->kind));
	put(object, "namespace", workload->namespace);
	put(object, "pod", workload->pod);
	put(object, "container", workload->container);
	put(object, "unit", workload->unit);
	put(object, "cause", cause_name(series->cause));
	put_number(object, "kills", (int64_t)series->kills);
	put_number(object, "last_ns", series->last_ns);
	put_number(object, "holder", (int64_t)series->of_workload->share.holder);
	put_number(object, "share", (int64_t)series->of_workload->share.workload);
	return object;
}

json_t *workloads_save(const struct workloads *workloads)
{
	json_t *array = json_array();

	for (const struct series *series = workloads->all; array && series; series = series->next)
		(void)json_array_append_new(array, save_one(series));
	return array;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void load_one(struct workloads *workloads, const json_t *saved)
{
	const char *kind = text_of(saved, "kind"), *cause = text_of(saved, "cause");
	json_int_t kills = json_integer_value(json_object_get(saved, "kills"));
	json_int_t last_ns = json_integer_value(json_object_get(saved, "last_ns"));
	struct workload workload = {
		.namespace = text_of(saved, "namespace"),
		.pod = text_of(saved, "pod"),
		.container = text_of(saved, "container"),
		.unit = text_of(saved, "unit"),
	};
	/* without a share in the saved state, it has no holder, and is the first to give way */
	const struct share share = {
		(uint64_t)json_integer_value(json_object_get(saved, "holder")),
		(uint64_t)json_integer_value(json_object_get(saved, "share")),
	};

	for (int k = 0; k < WORKLOAD_KINDS && kind && cause && kills > 0; k++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			if (!strcmp(kind, kinds[k]) && !strcmp(cause, cause_name((enum cause)c))) {
				workload.kind = (enum workload_kind)k;
				add(workloads, &workload, &share, (enum cause)c, (uint64_t)kills,
				    last_ns);
				return;
			}
}

void workloads_load(struct workloads *workloads, const json_t *saved)
{
	const json_t *one;
	size_t i;

	json_array_foreach(saved, i, one)
		load_one(workloads, one);
}
