// SPDX-License-Identifier: BSD-2-Clause
#include "sink/otlp_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sink/json_tree.h"

#define OWN "killtrace."
#define LONGEST_NAME 128

/* SeverityNumber of the log data model */
enum severity { SEVERITY_INFO = 9, SEVERITY_WARN = 13, SEVERITY_ERROR = 17 };

/* Where the semantic conventions have the very same thing. NULL: it is told in another place. */
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

static json_t *wrapped(const char *kind, json_t *value)
{
	json_t *object = json_object();

	json_tree_put(object, kind, value);
	return object;
}

/* AnyValue: 64 bits are a string in the JSON form of Protocol Buffers. */
static json_t *any_scalar(json_t *value)
{
	char number[24];

	switch (json_typeof(value)) {
	case JSON_STRING:
		return wrapped("stringValue", json_incref(value));
	case JSON_INTEGER:
		(void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
		return wrapped("intValue", json_string(number));
	case JSON_REAL:
		return wrapped("doubleValue", json_incref(value));
	case JSON_TRUE:
	case JSON_FALSE:
		return wrapped("boolValue", json_incref(value));
	case JSON_ARRAY:
	case JSON_OBJECT:
	case JSON_NULL:
		break;
	}
	return json_object(); /* deeper than any record */
}

/* Takes the reference to what was made of a value. */
static json_t *key_value(const char *key, json_t *any)
{
	json_t *attribute = json_object();

	json_tree_put(attribute, "key", json_string_nocheck(key));
	json_tree_put(attribute, "value", any);
	return attribute;
}

static json_t *any_map(json_t *object)
{
	json_t *values = json_array(), *value;
	const char *key;

	json_object_foreach(object, key, value)
		(void)json_array_append_new(values, key_value(key, any_scalar(value)));
	return wrapped("kvlistValue", wrapped("values", values));
}

static json_t *any_list(json_t *array)
{
	json_t *values = json_array(), *value;
	size_t i;

	json_array_foreach(array, i, value)
		(void)json_array_append_new(values, json_is_object(value) ? any_map(value)
									  : any_scalar(value));
	return wrapped("arrayValue", wrapped("values", values));
}

json_t *otlp_attribute(const char *key, json_t *value)
{
	return key_value(key, json_is_array(value) ? any_list(value) : any_scalar(value));
}

/* A value that is not there adds nothing. */
static void add(json_t *attributes, const char *key, json_t *value)
{
	if (value)
		(void)json_array_append_new(attributes, otlp_attribute(key, value));
}

/* Takes the reference. */
static void add_new(json_t *attributes, const char *key, json_t *value)
{
	add(attributes, key, value);
	json_decref(value);
}

static void add_member(json_t *attributes, const char *path, json_t *value)
{
	char own[LONGEST_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].path, path)) {
			if (known[i].name)
				add(attributes, known[i].name, value);
			return;
		}
	(void)snprintf(own, sizeof(own), OWN "%s", path);
	add(attributes, own, value);
}

/* Objects in objects, as deep as the schema has them and no deeper: a record can come from a file. */
#define DEEPEST 4

// NOLINTNEXTLINE(misc-no-recursion): bounded
static void add_members(json_t *attributes, const char *prefix, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		char path[LONGEST_NAME - sizeof(OWN)];

		(void)snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_object(value) && depth < DEEPEST)
			add_members(attributes, path, value, depth + 1);
		else
			add_member(attributes, path, value);
	}
}

static json_t *at(json_t *record, const char *object, const char *member)
{
	return json_object_get(json_object_get(record, object), member);
}

static void add_exit(json_t *attributes, json_t *record)
{
	if (!json_object_get(record, "exit")) /* it has not died yet */
		return;
	/* the status of a process that a signal ended is none */
	if (!at(record, "exit", "signal"))
		add(attributes, "process.exit.code", at(record, "exit", "status"));
	if (!at(record, "exit", "thread_only"))
		add(attributes, "process.exit.time", json_object_get(record, "time"));
}

/* As the line of /proc/PID/cgroup; on v1 the number before it is not known. */
static void add_cgroup(json_t *attributes, json_t *record)
{
	json_t *path = at(record, "cgroup", "path");

	if (path && json_integer_value(at(record, "cgroup", "version")) == 2)
		add_new(attributes, "process.linux.cgroup",
			json_sprintf("0::%s", json_string_value(path)));
}

/* Where the program itself failed, and not a library of its. */
static void add_build_id(json_t *attributes, json_t *record)
{
	json_t *module = at(record, "fault", "module"), *exe = at(record, "victim", "exe");

	if (module && exe && json_equal(module, exe))
		add(attributes, "process.executable.build_id.gnu", at(record, "fault", "build_id"));
}

/* What was started by its id has no name: "sha256:…". */
static bool is_image_id(const char *text)
{
	static const char algorithm[] = "sha256:";
	const char *digits = text + strlen(algorithm);

	return !strncmp(text, algorithm, strlen(algorithm)) && *digits &&
	       !digits[strspn(digits, "0123456789abcdef")];
}

/* "registry:5000/shop/web:1.2@sha256:…" in its parts; a digest is told with the name alone. */
static void add_image(json_t *attributes, json_t *record)
{
	json_t *image = at(record, "container", "image");
	const char *text = json_string_value(image), *slash, *tag, *digest;
	size_t length;

	if (!text)
		return;
	if (is_image_id(text)) {
		add(attributes, "container.image.id", image);
		return;
	}
	length = strcspn(text, "@");
	digest = text + length;
	slash = memrchr(text, '/', length);
	tag = memrchr(text, ':', length);
	if (tag && (!slash || tag > slash)) {
		add_new(attributes, "container.image.tags",
			json_pack("[s#]", tag + 1, (int)(text + length - tag - 1)));
		length = (size_t)(tag - text);
	}
	if (*digest)
		add_new(attributes, "container.image.repo_digests",
			json_pack("[s#+]", text, (int)length, digest));
	add_new(attributes, "container.image.name", json_stringn(text, length));
}

static json_t *death_attributes(json_t *record)
{
	json_t *attributes = json_array();

	add_members(attributes, "", record, 1);
	add_exit(attributes, record);
	add_cgroup(attributes, record);
	add_build_id(attributes, record);
	add_image(attributes, record);
	return attributes;
}

static json_t *loss_attributes(json_t *record)
{
	json_t *attributes = json_array();

	add_members(attributes, "", record, 1);
	return attributes;
}

/* "lost 3 ring_full, 1 undecodable" */
static json_t *loss_words(json_t *lost)
{
	char words[512] = "lost";
	size_t used = strlen(words);
	const char *reason;
	json_t *count;

	json_object_foreach(lost, reason, count)
		if (used < sizeof(words))
			used += (size_t)snprintf(words + used, sizeof(words) - used,
						 "%s %" JSON_INTEGER_FORMAT " %s",
						 used > strlen("lost") ? "," : "",
						 json_integer_value(count), reason);
	return json_string(words);
}

/* fixed64: a string. The kernel side is what observes, at the death itself. */
static void put_times(json_t *log, json_t *record)
{
	int64_t realtime_ns = 0;
	char text[24];

	if (!clock_parse_rfc3339(json_string_value(json_object_get(record, "time")),
				 &realtime_ns) ||
	    realtime_ns < 0)
		realtime_ns = 0; /* unknown */
	(void)snprintf(text, sizeof(text), "%" PRId64, realtime_ns);
	json_tree_put(log, "timeUnixNano", json_string(text));
	json_tree_put(log, "observedTimeUnixNano", json_string(text));
}

static void put_severity(json_t *log, enum severity severity)
{
	const char *text = "INFO";

	if (severity == SEVERITY_ERROR)
		text = "ERROR";
	else if (severity == SEVERITY_WARN)
		text = "WARN";
	json_tree_put(log, "severityNumber", json_integer(severity));
	json_tree_put(log, "severityText", json_string(text));
}

json_t *otlp_log_record(json_t *record)
{
	json_t *log = json_object(), *lost = json_object_get(record, "lost");
	json_t *summary = json_object_get(record, "summary");

	put_times(log, record);
	if (lost) {
		json_t *words = loss_words(lost);

		put_severity(log, SEVERITY_WARN);
		json_tree_put(log, "eventName", json_string("killtrace.loss"));
		json_tree_put(log, "body", any_scalar(words));
		json_tree_put(log, "attributes", loss_attributes(record));
		json_decref(words);
		return log;
	}
	put_severity(log, json_is_true(json_object_get(record, "routine")) ? SEVERITY_INFO
									   : SEVERITY_ERROR);
	json_tree_put(log, "eventName",
		      json_string(json_object_get(record, "stuck") ? "killtrace.stuck"
								   : "killtrace.kill"));
	if (summary)
		json_tree_put(log, "body", any_scalar(summary));
	json_tree_put(log, "attributes", death_attributes(record));
	return log;
}
