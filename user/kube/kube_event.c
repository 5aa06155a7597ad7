// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_event.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kube/kube_message.h"
#include "kube/kube_name.h"
#include "kube/kube_reason.h"
#include "line/json_peek.h"

/* Events about nodes, which have no namespace, are in this one. */
#define NODE_SPACE "default"

/* What is read of a record. */
struct record {
	const struct event *event;
	enum cause cause;
	struct json_walk_value root, kubernetes, victim;
};

static bool read_record(const struct event *event, struct record *ret)
{
	*ret = (struct record){ .event = event };
	if (!json_walk_line(event->line, event->size, &ret->root))
		return false;
	ret->kubernetes = json_walk_member(&ret->root, "kubernetes");
	ret->victim = json_walk_member(&ret->root, "victim");
	ret->cause = cause_by_name(reported_text(event->reported, REPORTED_CAUSE));
	return ret->cause != CAUSE_COUNT;
}

/* "": there is none. NULL: out of memory. */
static char *text_of(const struct json_walk_value *object, const char *key)
{
	return json_peek_has(object, key) ? json_peek_text(object, key) : strdup("");
}

/* What Events on a pod and on a node have in common. False: out of memory. */
static bool begin_event(const struct record *record, struct kube_event *ret)
{
	const struct reported *reported = record->event->reported;
	const struct reported_repeats *repeats = &reported->repeats;

	ret->count = repeats->count ? repeats->count : 1;
	ret->first_ns = repeats->first_ns ? repeats->first_ns : reported->realtime_ns;
	ret->last_ns = repeats->last_ns ? repeats->last_ns : reported->realtime_ns;
	ret->id = strdup(reported_text(reported, REPORTED_ID));
	ret->fingerprint = strdup(reported_text(reported, REPORTED_FINGERPRINT));
	ret->node = text_of(&record->root, "node");
	return ret->id && ret->fingerprint && ret->node;
}

/* The container that holds the namespaces of a pod is killed whenever a pod ends, and people know
 * nothing of it. */
static bool is_end_of_sandbox(const struct record *record)
{
	return (record->cause == CAUSE_SIGKILL || record->cause == CAUSE_PIDNS_TEARDOWN) &&
	       json_peek_has(&record->kubernetes, "pod") &&
	       !json_peek_has(&record->kubernetes, "container");
}

/* False: out of memory. */
static bool make_of_pod(const struct record *record, struct kube_event *ret)
{
	const struct json_walk_value *kubernetes = &record->kubernetes;

	ret->reason = kube_reason_of_pod(record->cause,
					 json_peek_number(&record->victim, "ns_pid") == 1,
					 record->event->reported->stuck);
	ret->space = text_of(kubernetes, "namespace");
	ret->name = text_of(kubernetes, "pod");
	ret->uid = text_of(kubernetes, "pod_uid");
	ret->container = text_of(kubernetes, "container");
	return ret->space && ret->name && ret->uid && ret->container && begin_event(record, ret);
}

static bool make_of_node(const struct record *record, struct kube_event *ret)
{
	ret->of_node = true;
	ret->reason = kube_reason_of_node(record->cause);
	ret->space = strdup(NODE_SPACE);
	ret->name = text_of(&record->root, "node");
	ret->uid = text_of(&record->root, "node");
	ret->container = strdup("");
	return ret->space && ret->name && ret->uid && ret->container && begin_event(record, ret);
}

static bool is_of_pod(const struct record *record)
{
	return json_peek_has(&record->root, "kubernetes") && !is_end_of_sandbox(record);
}

static bool is_of_node(const struct record *record)
{
	return kube_reason_of_node(record->cause) && !record->event->reported->stuck &&
	       json_peek_has(&record->root, "node");
}

bool kube_events_of(const struct event *event, struct kube_events *ret)
{
	struct kube_event of_pod = { 0 }, of_node = { 0 };
	struct record record;

	*ret = (struct kube_events){ 0 };
	/* what is not a record of ours is about no pod */
	if (!event->is_death || event->reported->routine || !read_record(event, &record))
		return true;
	if ((is_of_pod(&record) && !make_of_pod(&record, &of_pod)) ||
	    (is_of_node(&record) && !make_of_node(&record, &of_node))) {
		kube_event_done(&of_pod);
		kube_event_done(&of_node);
		return false;
	}
	ret->nameless = of_pod.name &&
			(!kube_name_is_label(of_pod.space) || !kube_name_is_subdomain(of_pod.name));
	if (ret->nameless)
		kube_event_done(&of_pod);
	if (of_pod.name)
		ret->of[ret->count++] = of_pod;
	if (of_node.name)
		ret->of[ret->count++] = of_node;
	return true;
}

bool kube_event_write_message(const struct event *event, struct kube_event *ret)
{
	char message[KUBE_MESSAGE_MOST + 1];

	kube_message_write(event, message);
	ret->message = strdup(message);
	return ret->message;
}

void kube_event_done(struct kube_event *event)
{
	free(event->space);
	free(event->name);
	free(event->uid);
	free(event->container);
	free(event->fingerprint);
	free(event->id);
	free(event->node);
	free(event->message);
	*event = (struct kube_event){ 0 };
}

bool kube_event_is_same(const struct kube_event *a, const struct kube_event *b)
{
	return a->of_node == b->of_node && a->reason == b->reason && !strcmp(a->uid, b->uid) &&
	       !strcmp(a->fingerprint, b->fingerprint) && !strcmp(a->container, b->container) &&
	       !strcmp(a->name, b->name) && !strcmp(a->space, b->space);
}

char *kube_event_object_name(const struct kube_event *event)
{
	/* a death is reported twice if the process is stuck first, and on two objects if it is the
	 * node's matter too */
	const char *id = event->id;
	AUTO_FREE char *end = NULL;

	if (asprintf(&end, "%s-%s", id, event->reason) < 0) {
		end = NULL;
		return NULL;
	}
	return kube_name_join(event->name, end);
}

static void put_time(json_t *object, const char *key, int64_t realtime_ns)
{
	char text[CLOCK_RFC3339_SIZE];
	char *fraction;

	/* metav1.Time has whole seconds */
	clock_rfc3339(realtime_ns, text);
	fraction = strchr(text, '.');
	if (fraction)
		memcpy(fraction, "Z", 2);
	(void)json_object_set_new(object, key, json_string(text));
}

static json_t *about(const struct kube_event *event)
{
	AUTO_FREE char *path = NULL;

	if (event->of_node)
		return json_pack("{s:s,s:s,s:s}", "kind", "Node", "name", event->name, "uid",
				 event->uid);
	if (*event->container && asprintf(&path, "spec.containers{%s}", event->container) < 0)
		path = NULL;
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s*}", "apiVersion", "v1", "kind", "Pod",
			 "namespace", event->space, "name", event->name, "uid", event->uid,
			 "fieldPath", path);
}

char *kube_event_creation(const struct kube_event *event, const char *object_name)
{
	json_t *body = json_pack(
		"{s:s,s:s,s:{s:s,s:s,s:{s:s,s:s}},s:o,s:s,s:s,s:s,s:{s:s,s:s},s:I,s:s,s:s}",
		"apiVersion", "v1", "kind", "Event", "metadata", "name", object_name, "namespace",
		event->space, "annotations", "killtrace/id", event->id, "killtrace/fingerprint",
		event->fingerprint, "involvedObject", about(event), "reason", event->reason,
		"message", event->message, "type", "Warning", "source", "component", "killtrace",
		"host", event->node, "count", (json_int_t)event->count, "reportingComponent",
		"killtrace", "reportingInstance", event->node);
	char *text;

	put_time(body, "firstTimestamp", event->first_ns);
	put_time(body, "lastTimestamp", event->last_ns);
	text = json_dumps(body, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(body);
	return text;
}

char *kube_event_change(const struct kube_event *event)
{
	json_t *body = json_pack("{s:I}", "count", (json_int_t)event->count);
	char *text;

	put_time(body, "firstTimestamp", event->first_ns);
	put_time(body, "lastTimestamp", event->last_ns);
	text = json_dumps(body, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(body);
	return text;
}
