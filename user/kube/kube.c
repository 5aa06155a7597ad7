// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "http/http_client.h"
#include "kube/kube_answer.h"
#include "kube/kube_table.h"

/* Deaths at the same time are one request. */
#define GATHER_MS 1000
#define TIMEOUT_MS 10000

struct kube {
	struct outlet outlet;
	const struct kube_account *account;
	struct http_client *http;
	struct kube_table *table;
	/* Given up since the last complete flush: until that, they are no part of what the outlet
	 * has written, and cannot be taken from it. */
	struct kube_lost lost;
	char words[320];    /* outlet.trouble */
	bool said_nameless; /* that a pod has no name was reported */
	bool said_crowded;  /* that the table is full was reported */
	bool said_held;     /* that a rate was reached was reported */
	long refused;       /* the status that was reported; 0: none since the last success */
};

static void note_lost(struct kube *kube, const struct kube_lost *lost)
{
	kube->lost.deaths += lost->deaths;
	kube->lost.folded += lost->folded;
}

static void count_lost(struct kube *kube, const struct kube_lost *lost)
{
	kube->outlet.lost += lost->deaths;
	kube->outlet.lost_folded += lost->folded;
}

static int kube_deliver(struct outlet *outlet, const struct event *event)
{
	struct kube *kube = (struct kube *)outlet;
	struct kube_lost lost = { 0 };
	struct kube_events events;

	if (!kube_events_of(event, &events))
		return -ENOMEM;
	if (events.nameless && !kube->said_nameless) {
		say("kubernetes: a process of a pod died whose name is not known, and an Event "
		    "needs it: such deaths are counted as lost; see --host-root");
		kube->said_nameless = true;
	}
	kube_table_add(kube->table, event, &events, clock_monotonic_ns(), &lost);
	if (lost.deaths && !events.nameless && !kube->said_crowded) {
		say("kubernetes: %d kinds of deaths wait to be sent: new ones are counted as lost "
		    "until the API server takes more",
		    KUBE_TABLE_ROWS);
		kube->said_crowded = true;
	}
	note_lost(kube, &lost);
	return 0;
}

static void use_time(void *context)
{
	struct outlet *outlet = context;

	(void)outlet->deliver_meanwhile(outlet->thread);
}

/* Sends a body to an address below /api/v1. 0, or -errno: nothing was sent. */
static int send_body(struct kube *kube, const char *method, const char *path, const char *body,
		     struct http_answer *ret)
{
	AUTO_FREE char *url = NULL;
	char *authorization = NULL;
	const char *headers[] = { NULL, "Accept: application/json",
				  strcmp(method, "PATCH") != 0
					  ? "Content-Type: application/json"
					  : "Content-Type: application/merge-patch+json" };
	int error = body ? kube_account_header(kube->account, &authorization) : -ENOMEM;

	if (!error && asprintf(&url, "%s/api/v1/%s", kube->account->server, path) < 0) {
		url = NULL;
		error = -ENOMEM;
	}
	if (!error) {
		headers[0] = authorization;
		http_client_send(kube->http,
				 &(struct http_request){ .method = method,
							 .url = url,
							 .headers = headers,
							 .header_count = ARRAY_SIZE(headers),
							 .body = body,
							 .size = strlen(body) },
				 use_time, &kube->outlet, ret);
	} else if (error != -ENOMEM) {
		(void)snprintf(kube->words, sizeof(kube->words), "cannot read the token '%s': %s",
			       kube->account->token,
			       error == -EINVAL ? "it has no token in it" : strerror(-error));
		kube->outlet.trouble = kube->words;
	}
	kube_account_forget(authorization);
	return error;
}

static int create(struct kube *kube, const struct kube_row *row, const char *object_name,
		  struct http_answer *ret)
{
	AUTO_FREE char *body = kube_event_creation(&row->event, object_name);
	char path[KUBE_LABEL_MOST + 32];

	(void)snprintf(path, sizeof(path), "namespaces/%s/events", row->event.space);
	return send_body(kube, "POST", path, body, ret);
}

static int change(struct kube *kube, const struct kube_row *row, struct http_answer *ret)
{
	AUTO_FREE char *body = kube_event_change(&row->event);
	char path[KUBE_LABEL_MOST + KUBE_NAME_MOST + 32];

	(void)snprintf(path, sizeof(path), "namespaces/%s/events/%s", row->event.space,
		       row->object_name);
	return send_body(kube, "PATCH", path, body, ret);
}

/* It is tried again later. */
static int fail(struct kube *kube, struct kube_row *row, const struct http_answer *answer)
{
	const char *server = kube->account->server;

	kube_table_failed(kube->table, row);
	if (answer->status == 401)
		(void)snprintf(kube->words, sizeof(kube->words),
			       "%s does not accept the token (401): see whether the service "
			       "account is still there",
			       server);
	else if (answer->status)
		(void)snprintf(kube->words, sizeof(kube->words), "%s answers %ld", server,
			       answer->status);
	else
		(void)snprintf(kube->words, sizeof(kube->words), "%s: %s", server, answer->words);
	kube->outlet.trouble = kube->words;
	kube->outlet.pause_ns = answer->retry_after_ns;
	return answer->status ? -EBUSY : -ECONNREFUSED;
}

/* What will never be accepted is given up. */
static void refuse(struct kube *kube, struct kube_row *row, const struct http_answer *answer)
{
	struct kube_lost lost = { 0 };

	if (kube->refused != answer->status && answer->status == 403)
		say("kubernetes: %s forbids to create and patch events in namespace '%s' (403): "
		    "such deaths are counted as lost; apply the role of deploy/overlays/events",
		    kube->account->server, row->event.space);
	else if (kube->refused != answer->status)
		say("kubernetes: %s answers %ld: such deaths are counted as lost",
		    kube->account->server, answer->status);
	kube->refused = answer->status;
	kube->outlet.refusals++;
	kube_table_give_up(row, &lost);
	note_lost(kube, &lost);
}

static void give_up_gone(struct kube *kube, struct kube_row *row)
{
	struct kube_lost lost = { 0 };

	say_detail("kubernetes: namespace '%s' is gone, and its events are counted as lost",
		   row->event.space);
	kube_table_give_up(row, &lost);
	note_lost(kube, &lost);
}

/* Takes over the name under which it was created; NULL: it was changed. 0: that is done. */
static int take_answer(struct kube *kube, struct kube_row *row, char *created,
		       const struct http_answer *answer)
{
	const enum kube_outcome outcome = kube_answer_outcome(answer);
	int result = 0;

	if (outcome != KUBE_AGAIN && outcome != KUBE_DENIED)
		kube_table_answered(kube->table, row, clock_monotonic_ns());
	switch (outcome) {
	case KUBE_THERE:
		if (!created) { /* not the answer to a change */
			result = fail(kube, row, answer);
			break;
		}
		/* by an earlier attempt or agent, perhaps with another count */
		row->sending = 1;
		/* fall through */
	case KUBE_TAKEN:
		kube_table_arrived(row, created ? created : row->object_name, clock_monotonic_ns());
		created = NULL;
		kube->refused = 0;
		break;
	case KUBE_GONE:
		if (created)
			give_up_gone(kube, row);
		else
			kube_table_vanished(row);
		break;
	case KUBE_FORBIDDEN:
	case KUBE_REFUSED:
		refuse(kube, row, answer);
		break;
	case KUBE_DENIED:
	case KUBE_AGAIN:
		result = fail(kube, row, answer);
		break;
	}
	free(created);
	return result;
}

static int send_row(struct kube *kube, struct kube_row *row)
{
	char *object_name = row->object_name ? NULL : kube_event_object_name(&row->event);
	struct http_answer answer = { 0 };
	int error = row->object_name || object_name ? 0 : -ENOMEM;

	if (error)
		return error;
	kube_table_begin(row);
	error = object_name ? create(kube, row, object_name, &answer) : change(kube, row, &answer);
	if (!error)
		return take_answer(kube, row, object_name, &answer);
	kube_table_failed(kube->table, row);
	free(object_name);
	return error;
}

/* Nothing can be sent now. Says when something can. */
static void rest(struct kube *kube, uint64_t wait_ns)
{
	const uint64_t second = (uint64_t)NS_PER_S;

	kube->outlet.heartbeat_s = (unsigned int)((wait_ns + second - 1) / second);
	if (wait_ns && !kube->said_held)
		say_detail("kubernetes: the limit of requests is reached: counts are sent later");
	kube->said_held = wait_ns != 0;
	if (!wait_ns)
		kube->said_crowded = false;
	kube_table_release(kube->table);
	count_lost(kube, &kube->lost);
	kube->lost = (struct kube_lost){ 0 };
}

static int flush(struct kube *kube)
{
	const uint64_t now_ns = clock_monotonic_ns();
	struct kube_lost lost = { 0 };
	uint64_t wait_ns = 0;
	struct kube_row *row;

	kube_table_give_up_old(kube->table, now_ns, &lost);
	note_lost(kube, &lost);
	row = kube_table_next(kube->table, now_ns, &wait_ns);
	if (row) {
		const int error = send_row(kube, row);

		return error ? error : OUTLET_MORE;
	}
	rest(kube, wait_ns);
	return 0;
}

/* At the end. If there is a next agent, what was not reported as written comes to that one. */
static void give_up_rest(struct kube *kube)
{
	struct kube_lost lost = { 0 };

	if (!kube->outlet.counts) {
		kube_table_release(kube->table);
		count_lost(kube, &kube->lost);
		kube->lost = (struct kube_lost){ 0 };
	}
	kube_table_give_up_released(kube->table, &lost);
	count_lost(kube, &lost);
}

static int kube_flush(struct outlet *outlet)
{
	struct kube *kube = (struct kube *)outlet;
	uint64_t end_ns;
	int result;

	outlet->trouble = NULL;
	outlet->pause_ns = 0;
	result = flush(kube);
	end_ns = atomic_load(&outlet->end_ns);
	if (end_ns && (result <= 0 || clock_monotonic_ns() >= end_ns))
		give_up_rest(kube);
	return result;
}

static void kube_free(struct outlet *outlet)
{
	struct kube *kube = (struct kube *)outlet;

	http_client_free(kube->http);
	kube_table_free(kube->table);
	free(kube);
}

struct outlet *kube_new(const struct kube_account *account)
{
	static const struct outlet_ops ops = {
		.name = "kubernetes",
		.deliver = kube_deliver,
		.flush = kube_flush,
		.free = kube_free,
	};
	struct kube *kube = calloc(1, sizeof(*kube));

	if (!kube)
		return NULL;
	*kube = (struct kube){
		.outlet = { .ops = &ops, .gather_ms = GATHER_MS, .safe_when_flushed = true },
		.account = account
	};
	kube->table = kube_table_new();
	kube->http = http_client_new(&(struct http_manner){ .user_agent = "killtrace/" KT_VERSION,
							    .ca = account->ca,
							    .timeout_ms = TIMEOUT_MS },
				     &kube->outlet.end_ns);
	if (!kube->table || !kube->http) {
		kube_free((struct outlet *)kube);
		return NULL;
	}
	return (struct outlet *)kube;
}
