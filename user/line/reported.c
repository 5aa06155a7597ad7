// SPDX-License-Identifier: BSD-2-Clause
#include "line/reported.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "line/json_record.h"

/* ASCII is valid as it is, and most texts are ASCII. */
static bool is_ascii(const char *text, size_t length)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < length; i++)
		seen |= (unsigned char)text[i];
	return seen < 0x80;
}

struct extent {
	size_t length;
	bool ascii;
};

/* With its NUL. Each byte that is not UTF-8 is replaced by three. */
static size_t room_of(const char *text, struct extent *ret)
{
	ret->length = strlen(text);
	ret->ascii = is_ascii(text, ret->length);
	return ret->ascii ? ret->length + 1 : 3 * ret->length + 1;
}

/* `head` has the numbers; texts are NULL or "" if unknown. */
static struct reported *finish(const struct reported *head, const char *const *texts)
{
	struct extent extents[REPORTED_TEXTS];
	struct reported *reported;
	size_t room = 1, used = 1;

	for (int i = 0; i < REPORTED_TEXTS; i++)
		if (texts[i])
			room += room_of(texts[i], &extents[i]);
	reported = malloc(sizeof(*reported) + room);
	if (!reported)
		return NULL;
	*reported = *head;
	reported->size = sizeof(*reported) + room;
	reported->text[0] = '\0';
	for (int i = 0; i < REPORTED_TEXTS; i++) {
		reported->at[i] = 0;
		if (!texts[i] || !*texts[i])
			continue;
		reported->at[i] = (uint32_t)used;
		if (extents[i].ascii) {
			memcpy(reported->text + used, texts[i], extents[i].length + 1);
			used += extents[i].length + 1;
		} else {
			text_valid_utf8(texts[i], reported->text + used, room - used);
			used += strlen(reported->text + used) + 1;
		}
	}
	return reported;
}

static void take_owner(const struct attribution *whose, const char **texts)
{
	const struct owner *owner = &whose->owner;

	texts[REPORTED_UNIT] = owner->unit;
	texts[REPORTED_USER_UNIT] = owner->user_unit;
	texts[REPORTED_INVOCATION] = whose->invocation;
	texts[REPORTED_MACHINE] = owner->machine;
	texts[REPORTED_POD_CONTAINER] = whose->names.container;
}

/* As json_put_container(). */
static void take_container(const struct attribution *whose, const char **texts)
{
	const struct owner *owner = &whose->owner;
	const struct names *names = &whose->names;

	if (!owner->container_id[0])
		return;
	texts[REPORTED_CONTAINER_ID] = owner->container_id;
	texts[REPORTED_CONTAINER_RUNTIME] = owner->runtime;
	texts[REPORTED_ENCLOSING_ID] = owner->enclosing_id;
	if (attribution_names_innermost(owner, names)) {
		texts[REPORTED_CONTAINER_NAME] = names->name;
		texts[REPORTED_CONTAINER_IMAGE] = names->image;
		texts[REPORTED_CONTAINER_UNIT] = names->unit;
		if (!owner->runtime[0])
			texts[REPORTED_CONTAINER_RUNTIME] = names->runtime;
	} else {
		texts[REPORTED_ENCLOSING_NAME] = names->name;
	}
}

static struct reported_repeats single(int64_t realtime_ns, uint32_t pid)
{
	return (struct reported_repeats){
		.count = 1,
		.first_ns = realtime_ns,
		.last_ns = realtime_ns,
		.last_pid = pid,
	};
}

struct reported *reported_of_report(const struct report *report)
{
	const struct attribution *whose = report->whose;
	const struct death *death = report->death;
	const struct kt_record *record = &death->record;
	char summary[SUMMARY_SIZE], id[JSON_RECORD_ID_SIZE],
		pod[sizeof(whose->names.namespace) + sizeof(whose->names.pod)];
	struct reported head = {
		.realtime_ns = clock_realtime_ns(record->time_ns, death->realtime_offset_ns),
		.is_death = true,
		.routine = report->verdict.routine,
		.stuck = report->verdict.stuck,
		.has_pid = true,
		.pid = record->tgid,
		.has_uid = record->valid & KT_VALID_UID,
		.has_owner_uid = whose->owner.have_owner_uid,
	};
	const char *texts[REPORTED_TEXTS] = {
		[REPORTED_CAUSE] = cause_name(report->verdict.cause),
		[REPORTED_CLASS] = cause_class(report->verdict.cause),
		[REPORTED_SUMMARY] = report_summary(report, summary),
		[REPORTED_FINGERPRINT] = report->fingerprint,
		[REPORTED_COMM] = death->comm,
		[REPORTED_CGROUP] = attribution_cgroup(death),
		[REPORTED_MEMORY_CGROUP] = death->memory_path,
		[REPORTED_SYSTEMD_CGROUP] = death->systemd_path,
	};

	head.repeats = single(head.realtime_ns, head.pid);
	if (head.has_uid)
		head.uid = record->uid;
	if (head.has_owner_uid)
		head.owner_uid = whose->owner.owner_uid;
	if (death->sequence)
		texts[REPORTED_ID] = json_record_id(report->origin, death->sequence, id);
	take_owner(whose, texts);
	take_container(whose, texts);
	if (whose->names.pod[0]) {
		(void)snprintf(pod, sizeof(pod), "%s/%s", whose->names.namespace, whose->names.pod);
		texts[REPORTED_POD] = pod;
	}
	return finish(&head, texts);
}

struct reported *reported_of_losses(int64_t realtime_ns)
{
	const char *const nothing[REPORTED_TEXTS] = { NULL };

	return finish(&(struct reported){ .realtime_ns = realtime_ns }, nothing);
}

/* The pod has two of them, and is not in this table. */
static const struct {
	const char *object; /* NULL: the record itself */
	const char *key;
} places[REPORTED_TEXTS] = {
	[REPORTED_ID] = { NULL, "id" },
	[REPORTED_CAUSE] = { NULL, "cause" },
	[REPORTED_CLASS] = { NULL, "class" },
	[REPORTED_SUMMARY] = { NULL, "summary" },
	[REPORTED_FINGERPRINT] = { NULL, "fingerprint" },
	[REPORTED_COMM] = { "victim", "comm" },
	[REPORTED_CGROUP] = { "cgroup", "path" },
	[REPORTED_MEMORY_CGROUP] = { "cgroup", "memory_path" },
	[REPORTED_SYSTEMD_CGROUP] = { "cgroup", "systemd_path" },
	[REPORTED_UNIT] = { "systemd", "unit" },
	[REPORTED_USER_UNIT] = { "systemd", "user_unit" },
	[REPORTED_INVOCATION] = { "systemd", "invocation_id" },
	[REPORTED_MACHINE] = { "systemd", "machine" },
	[REPORTED_CONTAINER_ID] = { "container", "id" },
	[REPORTED_CONTAINER_NAME] = { "container", "name" },
	[REPORTED_CONTAINER_IMAGE] = { "container", "image" },
	[REPORTED_CONTAINER_UNIT] = { "container", "unit" },
	[REPORTED_CONTAINER_RUNTIME] = { "container", "runtime" },
	[REPORTED_ENCLOSING_ID] = { "container", "enclosing_id" },
	[REPORTED_ENCLOSING_NAME] = { "container", "enclosing_name" },
	[REPORTED_POD_CONTAINER] = { "kubernetes", "container" },
};

static const json_t *member(const json_t *record, const char *object, const char *key)
{
	return json_object_get(object ? json_object_get(record, object) : record, key);
}

/* False: there is none, or it does not fit. */
static bool read_number(const json_t *value, uint32_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > UINT32_MAX)
		return false;
	*ret = (uint32_t)json_integer_value(value);
	return true;
}

/* As kubectl writes it. NULL: there is none, or out of memory. */
static char *pod_of(const json_t *record)
{
	const char *namespace = json_string_value(member(record, "kubernetes", "namespace"));
	const char *name = json_string_value(member(record, "kubernetes", "pod"));
	char *pod = NULL;

	if (!name || !*name || asprintf(&pod, "%s/%s", namespace ? namespace : "", name) < 0)
		return NULL;
	return pod;
}

static int64_t time_of(const json_t *value, int64_t otherwise)
{
	int64_t realtime_ns;

	return clock_parse_rfc3339(json_string_value(value), &realtime_ns) ? realtime_ns
									   : otherwise;
}

static struct reported_repeats repeats_of(const json_t *record, int64_t realtime_ns, uint32_t pid)
{
	const json_t *stored = json_object_get(record, "repeats");
	const json_int_t count = json_integer_value(json_object_get(stored, "count"));
	struct reported_repeats repeats = single(realtime_ns, pid);

	if (count < 1)
		return repeats;
	repeats.count = (uint64_t)count;
	repeats.first_ns = time_of(json_object_get(stored, "first"), realtime_ns);
	repeats.last_ns = time_of(json_object_get(stored, "last"), realtime_ns);
	if (repeats.last_ns < repeats.first_ns)
		repeats.last_ns = repeats.first_ns;
	repeats.last_pid = 0;
	(void)read_number(json_object_get(stored, "last_pid"), &repeats.last_pid);
	repeats.differ = json_array_size(json_object_get(stored, "differ")) > 0;
	return repeats;
}

struct reported *reported_of_json(const json_t *record, int64_t realtime_ns)
{
	AUTO_FREE char *pod = pod_of(record);
	const char *texts[REPORTED_TEXTS] = { NULL };
	struct reported head = {
		.realtime_ns = realtime_ns,
		.is_death = json_is_string(json_object_get(record, "cause")),
		.routine = json_is_true(json_object_get(record, "routine")),
		.stuck = json_object_get(record, "stuck") != NULL,
	};

	head.has_pid = read_number(member(record, "victim", "pid"), &head.pid);
	head.has_uid = read_number(member(record, "victim", "uid"), &head.uid);
	head.has_owner_uid = read_number(member(record, "systemd", "owner_uid"), &head.owner_uid);
	for (int i = 0; i < REPORTED_TEXTS; i++)
		if (places[i].key)
			texts[i] =
				json_string_value(member(record, places[i].object, places[i].key));
	texts[REPORTED_POD] = pod;
	if (head.is_death)
		head.repeats = repeats_of(record, realtime_ns, head.pid);
	return finish(&head, texts);
}

void reported_losses(const json_t *record, struct losses *ret)
{
	const json_t *lost = json_object_get(record, "lost");

	for (int i = 0; i < LOSS_COUNT; i++)
		ret->count[i] = (uint64_t)json_integer_value(
			json_object_get(lost, loss_name((enum loss)i)));
}
