// SPDX-License-Identifier: BSD-2-Clause
#include "sink/workloads.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Who has a longer name is counted with the others: cut, two could become one. */
#define LONGEST 256

/* One workload and cause. The key is the cause and the strings, each with its NUL. */
struct series {
	struct series *next;
	struct workload workload;
	enum cause cause;
	uint64_t kills;
	int64_t last_ns;
	size_t key_size;
	char key[];
};

struct workloads {
	void *by_key;
	struct series *all;
	unsigned int count;
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

/* U+FFFD in the place of one byte */
#define WIDEST 3

/* A string of the key, as it will be shown: else two series could look the same. Empty stands for none. */
static const char *append(char *key, size_t *used, const char *text)
{
	char *at = key + *used;

	text_valid_utf8(text ? text : "", at, WIDEST * length(text) + 1);
	*used += strlen(at) + 1;
	return *at ? at : NULL;
}

static struct series *new_series(const struct workload *workload, enum cause cause)
{
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

static void unlink_series(struct workloads *workloads, struct series **at)
{
	struct series *series = *at;

	*at = series->next;
	(void)tdelete(series, &workloads->by_key, compare);
	workloads->count--;
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
	/* by its uid, where nobody knows its name */
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

/* As it is shown and saved: else what was counted by its name would be one of the others after a restart. */
static bool is_too_long(const struct workload *shown)
{
	return length(shown->namespace) > LONGEST || length(shown->pod) > LONGEST ||
	       length(shown->container) > LONGEST || length(shown->unit) > LONGEST;
}

/* The series, found or made; NULL: no room, or its name is too long. */
static struct series *get(struct workloads *workloads, const struct workload *workload,
			  enum cause cause)
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
	/* those for all others always find room: they are few */
	if ((workloads->count >= WORKLOADS_MOST && workload->kind != WORKLOAD_OTHER) ||
	    !tsearch(wanted, &workloads->by_key, compare)) {
		free(wanted);
		return NULL;
	}
	wanted->next = workloads->all;
	workloads->all = wanted;
	workloads->count++;
	return wanted;
}

static void add(struct workloads *workloads, const struct workload *workload, enum cause cause,
		uint64_t kills, int64_t last_ns)
{
	static const struct workload other = { .kind = WORKLOAD_OTHER };
	struct series *series = get(workloads, workload, cause);

	if (!series)
		series = get(workloads, &other, cause);
	if (!series)
		return;
	series->kills += kills;
	if (last_ns > series->last_ns)
		series->last_ns = last_ns;
}

void workloads_count(struct workloads *workloads, const struct workload *workload, enum cause cause,
		     int64_t realtime_ns)
{
	add(workloads, workload, cause, 1, realtime_ns);
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

static void save_one(void *context, const struct workload *workload, enum cause cause,
		     uint64_t kills, int64_t last_ns)
{
	json_t *object = json_object();

	put(object, "kind", workload_kind_name(workload->kind));
	put(object, "namespace", workload->namespace);
	put(object, "pod", workload->pod);
	put(object, "container", workload->container);
	put(object, "unit", workload->unit);
	put(object, "cause", cause_name(cause));
	(void)json_object_set_new(object, "kills", json_integer((json_int_t)kills));
	(void)json_object_set_new(object, "last_ns", json_integer(last_ns));
	(void)json_array_append_new(context, object);
}

json_t *workloads_save(const struct workloads *workloads)
{
	json_t *array = json_array();

	if (array)
		workloads_each(workloads, save_one, array);
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

	for (int k = 0; k < WORKLOAD_KINDS && kind && cause && kills > 0; k++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			if (!strcmp(kind, kinds[k]) && !strcmp(cause, cause_name((enum cause)c))) {
				workload.kind = (enum workload_kind)k;
				add(workloads, &workload, (enum cause)c, (uint64_t)kills, last_ns);
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
