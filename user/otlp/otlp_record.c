// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define OWN "killtrace."
#define LONGEST_PATH 118

/* SeverityNumber of the log data model */
enum severity { SEVERITY_INFO = 9, SEVERITY_WARN = 13, SEVERITY_ERROR = 17 };

/* Members for which the semantic conventions have the same thing. NULL: it is written elsewhere. */
static const struct {
	const char *path, *name;
} known[] = {
	{ "id", "log.record.uid" },
	{ "time", NULL },
	{ "node", NULL },
	{ "summary", NULL },
	{ "victim.pid", "process.pid" },
	{ "victim.ppid", "process.parent_pid" },
	{ "victim.ns_pid", "process.vpid" },
	{ "victim.uid", "process.real_user.id" }, /* process.user.id is the effective one */
	{ "victim.exe", "process.executable.name" },
	{ "victim.start_time", "process.creation.time" },
	{ "exit.status", NULL },
	{ "container.id", "container.id" },
	{ "container.name", "container.name" },
	{ "container.runtime", "container.runtime.name" },
	{ "container.image", NULL },
	{ "kubernetes.namespace", "k8s.namespace.name" },
	{ "kubernetes.pod", "k8s.pod.name" },
	{ "kubernetes.pod_uid", "k8s.pod.uid" },
	{ "kubernetes.container", "k8s.container.name" },
};

void otlp_parts_find(const struct json_walk_value *record, struct otlp_parts *ret)
{
	const struct {
		const char *key;
		struct json_walk_value *ret;
	} wanted[] = {
		{ "node", &ret->node },       { "repeats", &ret->repeats },
		{ "time", &ret->time },       { "routine", &ret->routine },
		{ "summary", &ret->summary }, { "stuck", &ret->stuck },
		{ "lost", &ret->lost },       { "exit", &ret->exit },
		{ "victim", &ret->victim },   { "fault", &ret->fault },
		{ "cgroup", &ret->cgroup },   { "container", &ret->container },
	};
	struct json_walk walk = json_walk_into(record);
	struct json_walk_value key, value;

	*ret = (struct otlp_parts){ 0 };
	while (json_walk_next(&walk, &key, &value))
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
			if (json_walk_is(&key, wanted[i].key))
				*wanted[i].ret = value;
}

static void put_raw(struct buffer *out, const struct json_walk_value *value)
{
	buffer_add(out, value->at, value->size);
}

/* AnyValue: in the JSON form of Protocol Buffers, 64-bit numbers are strings. A value that is
 * nested deeper than any record is empty. */
static void put_scalar(struct buffer *out, const struct json_walk_value *value)
{
	static const struct {
		const char *before, *after;
	} forms[] = {
		[JSON_WALK_TEXT] = { "{\"stringValue\":\"", "\"}" },
		[JSON_WALK_INTEGER] = { "{\"intValue\":\"", "\"}" },
		[JSON_WALK_REAL] = { "{\"doubleValue\":", "}" },
		[JSON_WALK_TRUE] = { "{\"boolValue\":", "}" },
		[JSON_WALK_FALSE] = { "{\"boolValue\":", "}" },
	};

	if (value->kind >= ARRAY_SIZE(forms) || !forms[value->kind].before) {
		buffer_text(out, "{}");
		return;
	}
	buffer_text(out, forms[value->kind].before);
	put_raw(out, value);
	buffer_text(out, forms[value->kind].after);
}

/* `begin` is where the first one of a list is. */
static void separate(struct buffer *out, size_t begin)
{
	if (out->size > begin)
		buffer_add(out, ",", 1);
}

/* Objects in objects, as deep as in the schema and no deeper: a record can come from a file. */
#define DEEPEST 4

// NOLINTBEGIN(misc-no-recursion): bounded
static void put_map(struct buffer *out, const struct json_walk_value *object, int depth)
{
	struct json_walk walk = json_walk_into(object);
	struct json_walk_value key, value;
	size_t begin;

	buffer_text(out, "{\"kvlistValue\":{\"values\":[");
	begin = out->size;
	while (json_walk_next(&walk, &key, &value)) {
		separate(out, begin);
		buffer_text(out, "{\"key\":\"");
		put_raw(out, &key);
		buffer_text(out, "\",\"value\":");
		if (value.kind == JSON_WALK_OBJECT && depth < DEEPEST)
			put_map(out, &value, depth + 1);
		else
			put_scalar(out, &value);
		buffer_add(out, "}", 1);
	}
	buffer_text(out, "]}}");
}

static void put_list(struct buffer *out, const struct json_walk_value *list)
{
	struct json_walk walk = json_walk_into(list);
	struct json_walk_value key, value;
	size_t begin;

	buffer_text(out, "{\"arrayValue\":{\"values\":[");
	begin = out->size;
	while (json_walk_next(&walk, &key, &value)) {
		separate(out, begin);
		if (value.kind == JSON_WALK_OBJECT)
			put_map(out, &value, 1);
		else
			put_scalar(out, &value);
	}
	buffer_text(out, "]}}");
}

/* The attributes so far. */
struct attributes {
	struct buffer *out;
	size_t begin;
};

static void begin_attribute(struct attributes *attributes, const char *prefix, const char *key)
{
	separate(attributes->out, attributes->begin);
	buffer_text(attributes->out, "{\"key\":\"");
	buffer_text(attributes->out, prefix);
	buffer_text(attributes->out, key);
	buffer_text(attributes->out, "\",\"value\":");
}

static void add_as(struct attributes *attributes, const char *prefix, const char *key,
		   const struct json_walk_value *value)
{
	begin_attribute(attributes, prefix, key);
	if (value->kind == JSON_WALK_LIST)
		put_list(attributes->out, value);
	else
		put_scalar(attributes->out, value);
	buffer_add(attributes->out, "}", 1);
}

/* A missing value adds nothing. */
static void add(struct attributes *attributes, const char *key, const struct json_walk_value *value)
{
	if (value->kind)
		add_as(attributes, "", key, value);
}

static void add_member(struct attributes *attributes, const char *path,
		       const struct json_walk_value *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].path[0] == path[0] && !strcmp(known[i].path, path)) {
			if (known[i].name)
				add(attributes, known[i].name, value);
			return;
		}
	add_as(attributes, OWN, path, value);
}

/* `path` has room for LONGEST_PATH. A member that does not fit, or has a name that no record has,
 * is left out. */
static void add_members(struct attributes *attributes, char *path, size_t length,
			const struct json_walk_value *object, int depth)
{
	struct json_walk walk = json_walk_into(object);
	struct json_walk_value key, value;

	while (json_walk_next(&walk, &key, &value)) {
		const size_t begin = length + (length != 0), end = begin + key.size;

		if (!json_walk_is_name(&key) || end >= LONGEST_PATH)
			continue;
		if (length)
			path[length] = '.';
		memcpy(path + begin, key.at, key.size);
		path[end] = '\0';
		if (value.kind == JSON_WALK_OBJECT && depth < DEEPEST)
			add_members(attributes, path, end, &value, depth + 1);
		else
			add_member(attributes, path, &value);
	}
}
// NOLINTEND(misc-no-recursion)

static struct json_walk_value at(const struct json_walk_value *object, const char *member)
{
	return json_walk_member(object, member);
}

static void add_exit(struct attributes *attributes, const struct otlp_parts *parts)
{
	const struct json_walk_value status = at(&parts->exit, "status");

	if (!parts->exit.kind) /* it has not died yet */
		return;
	/* a process that a signal ended has no exit status */
	if (!at(&parts->exit, "signal").kind)
		add(attributes, "process.exit.code", &status);
	if (!at(&parts->exit, "thread_only").kind)
		add(attributes, "process.exit.time", &parts->time);
}

/* Like the line of /proc/PID/cgroup; on v1 the number before it is not known. */
static void add_cgroup(struct attributes *attributes, const struct otlp_parts *parts)
{
	const struct json_walk_value path = at(&parts->cgroup, "path"),
				     version = at(&parts->cgroup, "version");

	if (path.kind != JSON_WALK_TEXT || version.kind != JSON_WALK_INTEGER || version.size != 1 ||
	    *version.at != '2')
		return;
	begin_attribute(attributes, "", "process.linux.cgroup");
	buffer_text(attributes->out, "{\"stringValue\":\"0::");
	put_raw(attributes->out, &path);
	buffer_text(attributes->out, "\"}}");
}

static bool is_same(const struct json_walk_value *a, const struct json_walk_value *b)
{
	return a->kind && a->kind == b->kind && a->size == b->size &&
	       !memcmp(a->at, b->at, a->size);
}

/* If the program itself failed, and not one of its libraries. */
static void add_build_id(struct attributes *attributes, const struct otlp_parts *parts)
{
	const struct json_walk_value module = at(&parts->fault, "module"),
				     exe = at(&parts->victim, "exe"),
				     build_id = at(&parts->fault, "build_id");

	if (is_same(&module, &exe))
		add(attributes, "process.executable.build_id.gnu", &build_id);
}

/* An image that was started by its id has no name: "sha256:…". */
static bool is_image_id(const struct json_walk_value *image)
{
	static const char algorithm[] = "sha256:";
	const size_t begin = strlen(algorithm);

	if (image->size <= begin || memcmp(image->at, algorithm, begin) != 0)
		return false;
	for (size_t i = begin; i < image->size; i++)
		if (!strchr("0123456789abcdef", image->at[i])) /* a line has no NUL in it */
			return false;
	return true;
}

static struct json_walk_value text_of(const char *begin, const char *end)
{
	return (struct json_walk_value){ JSON_WALK_TEXT, begin, (size_t)(end - begin) };
}

/* A list with one text, which comes in two parts. */
static void add_list_of_one(struct attributes *attributes, const char *key,
			    const struct json_walk_value *first,
			    const struct json_walk_value *second)
{
	begin_attribute(attributes, "", key);
	buffer_text(attributes->out, "{\"arrayValue\":{\"values\":[{\"stringValue\":\"");
	put_raw(attributes->out, first);
	put_raw(attributes->out, second);
	buffer_text(attributes->out, "\"}]}}}");
}

/* "registry:5000/shop/web:1.2@sha256:…" in its parts; a digest is given together with the name.
 * Escapes contain none of the bytes at which it is cut. */
static void add_image(struct attributes *attributes, const struct otlp_parts *parts)
{
	static const struct json_walk_value none = { JSON_WALK_TEXT, "", 0 };
	const struct json_walk_value image = at(&parts->container, "image");
	const char *end, *name_end, *digest, *slash, *tag;
	struct json_walk_value name, rest;

	if (image.kind != JSON_WALK_TEXT)
		return;
	if (is_image_id(&image)) {
		add(attributes, "container.image.id", &image);
		return;
	}
	end = image.at + image.size;
	digest = memchr(image.at, '@', image.size);
	name_end = digest ? digest : end;
	slash = memrchr(image.at, '/', (size_t)(name_end - image.at));
	tag = memrchr(image.at, ':', (size_t)(name_end - image.at));
	if (tag && (!slash || tag > slash)) {
		rest = text_of(tag + 1, name_end);
		add_list_of_one(attributes, "container.image.tags", &rest, &none);
		name_end = tag;
	}
	name = text_of(image.at, name_end);
	if (digest) {
		rest = text_of(digest, end);
		add_list_of_one(attributes, "container.image.repo_digests", &name, &rest);
	}
	add(attributes, "container.image.name", &name);
}

static void put_attributes(struct buffer *out, const struct json_walk_value *record,
			   const struct otlp_parts *parts)
{
	char path[LONGEST_PATH];
	struct attributes attributes;

	buffer_text(out, ",\"attributes\":[");
	attributes = (struct attributes){ out, out->size };
	add_members(&attributes, path, 0, record, 1);
	if (!parts->lost.kind) {
		add_exit(&attributes, parts);
		add_cgroup(&attributes, parts);
		add_build_id(&attributes, parts);
		add_image(&attributes, parts);
	}
	buffer_text(out, "]}");
}

/* "lost 3 ring_full, 1 undecodable" */
static void put_loss_words(struct buffer *out, const struct json_walk_value *lost)
{
	struct json_walk walk = json_walk_into(lost);
	struct json_walk_value reason, count;
	const char *before = " ";

	buffer_text(out, ",\"body\":{\"stringValue\":\"lost");
	while (json_walk_next(&walk, &reason, &count)) {
		if (!json_walk_is_name(&reason) || count.kind != JSON_WALK_INTEGER)
			continue;
		buffer_text(out, before);
		put_raw(out, &count);
		buffer_text(out, " ");
		put_raw(out, &reason);
		before = ", ";
	}
	buffer_text(out, "\"}");
}

/* fixed64: a string. The kernel side observes, at the death itself. */
static void put_times(struct buffer *out, const struct json_walk_value *time)
{
	char word[CLOCK_RFC3339_SIZE] = "", text[96];
	int64_t realtime_ns = 0;

	if (time->kind == JSON_WALK_TEXT && time->size < sizeof(word))
		(void)json_walk_decode(time, word);
	if (!clock_parse_rfc3339(word, &realtime_ns) || realtime_ns < 0)
		realtime_ns = 0; /* unknown */
	(void)snprintf(text, sizeof(text),
		       "\"timeUnixNano\":\"%" PRId64 "\",\"observedTimeUnixNano\":\"%" PRId64 "\"",
		       realtime_ns, realtime_ns);
	buffer_text(out, text);
}

static void put_kind(struct buffer *out, enum severity severity, const char *event)
{
	const char *text = "INFO";
	char fields[128];

	if (severity == SEVERITY_ERROR)
		text = "ERROR";
	else if (severity == SEVERITY_WARN)
		text = "WARN";
	(void)snprintf(
		fields, sizeof(fields),
		",\"severityNumber\":%d,\"severityText\":\"%s\",\"eventName\":\"killtrace.%s\"",
		(int)severity, text, event);
	buffer_text(out, fields);
}

void otlp_log_record(const struct json_walk_value *record, const struct otlp_parts *parts,
		     struct buffer *out)
{
	buffer_add(out, "{", 1);
	put_times(out, &parts->time);
	if (parts->lost.kind) {
		put_kind(out, SEVERITY_WARN, "loss");
		put_loss_words(out, &parts->lost);
	} else {
		put_kind(out,
			 parts->routine.kind == JSON_WALK_TRUE ? SEVERITY_INFO : SEVERITY_ERROR,
			 parts->stuck.kind ? "stuck" : "kill");
		if (parts->summary.kind) {
			buffer_text(out, ",\"body\":");
			put_scalar(out, &parts->summary);
		}
	}
	put_attributes(out, record, parts);
}
