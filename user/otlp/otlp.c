// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "http/http_client.h"
#include "otlp/otlp_answer.h"
#include "otlp/otlp_queue.h"
#include "otlp/otlp_request.h"

#define GATHER_MS 1000
/* In one request: the agent keeps several times the memory that it takes. */
#define MOST_RECORDS 128
#define MOST_BYTES (512U << 10)
/* Events on the disk from an earlier run are sent at the start; after that there is no need. */
#define HEARTBEAT_S 3600

struct otlp {
	struct outlet outlet;
	const struct otlp_settings *settings;
	struct http_client *http;
	const char *headers[OTLP_MOST_HEADERS + 1];
	unsigned int header_count;
	struct otlp_queue *queue;    /* NULL: events are gathered in the request */
	struct otlp_request request; /* with a queue: the one that is being sent */
	char words[320];             /* outlet.trouble */
	unsigned int unreadable;     /* lines of the file that is being sent */
	long refused;                /* the status that was reported; 0: none */
	bool rejecting;              /* that some are rejected was reported */
	bool crowded;                /* that the queue has no room was reported */
	uint64_t unsynced_ns;        /* since when something is not on the disk; 0: all is */
};

static int add_line(struct otlp *otlp, const char *line, size_t size)
{
	const int error = otlp_request_add(&otlp->request, line, size);

	otlp->unreadable += error == -EINVAL;
	return error == -EINVAL ? 0 : error;
}

static int fail(struct otlp *otlp, int error, const struct http_answer *answer)
{
	if (answer->status)
		(void)snprintf(otlp->words, sizeof(otlp->words), "%s answers %ld",
			       otlp->settings->shown, answer->status);
	else
		(void)snprintf(otlp->words, sizeof(otlp->words), "%s: %s", otlp->settings->shown,
			       answer->words);
	otlp->outlet.trouble = otlp->words;
	otlp->outlet.pause_ns = answer->retry_after_ns;
	return error;
}

static void note_taken(struct otlp *otlp, const struct http_answer *answer)
{
	const uint64_t rejected = otlp_answer_rejected(answer, otlp->request.records);
	const uint64_t deaths = otlp_request_deaths(&otlp->request, rejected);

	otlp->outlet.lost += deaths;
	otlp->outlet.lost_folded += deaths - rejected;
	otlp->outlet.refusals += rejected != 0;
	if (rejected && !otlp->rejecting)
		say("otlp: %s does not take all: %" PRIu64 " of %u records were refused",
		    otlp->settings->shown, rejected, otlp->request.records);
	otlp->rejecting = rejected;
	otlp->refused = 0;
}

static void note_refused(struct otlp *otlp, const struct http_answer *answer)
{
	otlp->outlet.lost += otlp->request.deaths;
	otlp->outlet.lost_folded += otlp->request.deaths - otlp->request.records;
	otlp->outlet.refusals++;
	if (otlp->refused != answer->status)
		say("otlp: %s answers %ld: deaths are lost until it accepts them",
		    otlp->settings->shown, answer->status);
	otlp->refused = answer->status;
}

/* A collector that does not answer must not delay writes to the disk. Without a queue there is only
 * the request, which is being sent. */
static void use_time(void *context)
{
	struct otlp *otlp = context;
	struct outlet *outlet = &otlp->outlet;
	const uint64_t now_ns = clock_boottime_ns();

	if (!otlp->queue)
		return;
	if (outlet->deliver_meanwhile(outlet->thread) && !otlp->unsynced_ns)
		otlp->unsynced_ns = now_ns;
	if (!otlp->unsynced_ns ||
	    now_ns - otlp->unsynced_ns < GATHER_MS * (uint64_t)NS_PER_S / 1000)
		return;
	(void)otlp_queue_sync(otlp->queue);
	otlp->unsynced_ns = 0;
}

/* 0: the request is finished, whatever the result. */
static int send_request(struct otlp *otlp)
{
	struct http_answer answer;

	if (!otlp->request.records)
		return 0;
	if (!otlp_request_end(&otlp->request))
		return -ENOMEM;
	http_client_send(otlp->http,
			 &(struct http_request){ .method = "POST",
						 .url = otlp->settings->url,
						 .headers = otlp->headers,
						 .header_count = otlp->header_count,
						 .body = otlp->request.body.text,
						 .size = otlp->request.body.size },
			 use_time, otlp, &answer);
	switch (otlp_answer_outcome(&answer)) {
	case OTLP_TAKEN:
		note_taken(otlp, &answer);
		break;
	case OTLP_REFUSED:
		note_refused(otlp, &answer);
		break;
	case OTLP_AGAIN:
		otlp_request_reopen(&otlp->request);
		return fail(otlp, answer.status ? -EBUSY : -ECONNREFUSED, &answer);
	}
	otlp_request_reset(&otlp->request);
	return 0;
}

static int read_oldest(struct otlp *otlp)
{
	AUTO_FREE char *text = NULL;
	size_t size = 0;
	int result = otlp_queue_oldest(otlp->queue, &text, &size);

	otlp->unreadable = result > 0 && !size; /* none of our files is empty */
	for (const char *at = text, *end; result > 0 && at < text + size; at = end + 1) {
		int error;

		end = memchr(at, '\n', (size_t)(text + size - at));
		if (!end)
			end = text + size;
		error = add_line(otlp, at, (size_t)(end - at));
		if (error)
			result = error;
	}
	return result;
}

/* Sends the oldest file of the queue. Returns the same as flush. */
static int send_oldest(struct otlp *otlp)
{
	int result = read_oldest(otlp);

	if (!result) { /* there is none */
		otlp->crowded = false;
		return 0;
	}
	if (result > 0)
		result = send_request(otlp);
	otlp_request_reset(&otlp->request);
	if (result)
		return result;
	otlp->outlet.lost += otlp->unreadable;
	result = otlp_queue_remove_oldest(otlp->queue);
	return result ? result : OUTLET_MORE;
}

static void begin_call(struct otlp *otlp)
{
	otlp->outlet.trouble = NULL;
	otlp->outlet.pause_ns = 0;
}

static int end_call(struct otlp *otlp, int result)
{
	if (result == -EADDRINUSE)
		otlp->outlet.trouble = "the folder of the queue is in use by another agent";
	return result;
}

static int otlp_flush(struct outlet *outlet)
{
	struct otlp *otlp = (struct otlp *)outlet;
	int result;

	begin_call(otlp);
	if (!otlp->queue)
		return send_request(otlp);
	result = send_oldest(otlp);
	if (result < 0)
		(void)otlp_queue_sync(otlp->queue);
	return end_call(otlp, result);
}

static void otlp_sync(struct outlet *outlet)
{
	const struct otlp *otlp = (struct otlp *)outlet;

	if (otlp->queue)
		(void)otlp_queue_sync(otlp->queue);
}

static int put_in_queue(struct otlp *otlp, const struct event *event)
{
	int error = otlp_queue_put(otlp->queue, event->line, event->size);

	if (error == -ENOBUFS && !otlp->crowded) {
		say("otlp: the queue is full: new deaths wait in memory, and are counted as lost when that is full");
		otlp->crowded = true;
	}
	return error;
}

static int otlp_deliver(struct outlet *outlet, const struct event *event)
{
	struct otlp *otlp = (struct otlp *)outlet;

	begin_call(otlp);
	if (otlp->queue)
		return end_call(otlp, put_in_queue(otlp, event));
	if (otlp->request.records >= MOST_RECORDS || otlp->request.body.size >= MOST_BYTES)
		return -ENOBUFS;
	return add_line(otlp, event->line, event->size);
}

static void otlp_free(struct outlet *outlet)
{
	struct otlp *otlp = (struct otlp *)outlet;

	http_client_free(otlp->http);
	otlp_queue_free(otlp->queue);
	otlp_request_done(&otlp->request);
	free(otlp);
}

struct outlet *otlp_new(const struct otlp_settings *settings, const char *queue,
			uint64_t queue_most)
{
	static const struct outlet_ops ops = {
		.name = "otlp",
		.deliver = otlp_deliver,
		.flush = otlp_flush,
		.free = otlp_free,
		.sync = otlp_sync,
	};
	struct otlp *otlp = calloc(1, sizeof(*otlp));

	if (!otlp)
		return NULL;
	otlp->settings = settings;
	otlp->outlet.ops = &ops;
	otlp->outlet.gather_ms = GATHER_MS;
	otlp->outlet.holds = !queue;
	otlp->outlet.safe_when_flushed = !queue;
	otlp->outlet.heartbeat_s = queue ? HEARTBEAT_S : 0;
	for (unsigned int i = 0; i < settings->header_count; i++)
		otlp->headers[otlp->header_count++] = settings->headers[i];
	otlp->headers[otlp->header_count++] = "Content-Type: application/json";
	otlp->http = http_client_new(
		&(struct http_manner){ .user_agent = "OTel-OTLP-Exporter-killtrace/" KT_VERSION,
				       .ca = settings->ca,
				       .timeout_ms = settings->timeout_ms,
				       .gzip = settings->gzip },
		&otlp->outlet.end_ns);
	otlp->queue = queue ? otlp_queue_new(queue, queue_most) : NULL;
	if (!otlp->http || (queue && !otlp->queue)) {
		otlp_free(&otlp->outlet);
		return NULL;
	}
	return (struct outlet *)otlp;
}
