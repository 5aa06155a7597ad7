/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Kubernetes Event about one death, or about many equal ones: what it is about, its reason and
 * its words, and its JSON forms for the API server. They are those of core/v1: every version has
 * it, and unlike in events.k8s.io, an Event has a count and names the host that it comes from.
 *
 * Ownership: the struct's texts are its own, freed by kube_event_done(). Invariants: names that are
 * part of an address are valid names of Kubernetes; the message is valid UTF-8, safe for a
 * terminal, and within the API's limit.
 */
#ifndef KT_KUBE_KUBE_EVENT_H
#define KT_KUBE_KUBE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line/event.h"

/* By the API, in bytes. */
#define KUBE_MESSAGE_MOST 1024
#define KUBE_NAME_MOST 253
#define KUBE_LABEL_MOST 63

struct kube_event {
	bool of_node;
	const char *reason; /* a constant */
	char *space;        /* the namespace that the Event is in */
	char *name;         /* of the pod or node */
	char *uid;          /* of the pod; of a node, its name: as the kubelet does it */
	char *container;    /* "": not known */
	char *fingerprint;  /* "": none */
	char *id;           /* of the record, or of the first of many */
	char *node;         /* which the death was on; can be any text */
	char *message;      /* made later: kube_event_write_message() */
	int64_t first_ns, last_ns;
	uint64_t count;
};

/* Which Events a row of deaths makes. */
struct kube_events {
	struct kube_event of[2];
	unsigned int count;
	/* It was a pod's death, and no Event on the pod is possible: its names are not known. */
	bool nameless;
};

/* False: out of memory. To be freed with kube_event_done(), unless moved.
 * Messages are not made yet. */
bool kube_events_of(const struct event *event, struct kube_events *ret);

/* The same words for every Event of that death. False: out of memory. */
bool kube_event_write_message(const struct event *event, struct kube_event *ret);

/* All of it is freed, and the struct is all zero. */
void kube_event_done(struct kube_event *event);

/* Whether two are about the same: they are one Event with a count. */
bool kube_event_is_same(const struct kube_event *a, const struct kube_event *b);

/* "web-0.0f1e2d3c-…-17": the same for each attempt to send it, and for no other one. To be freed;
 * NULL when out of memory. */
char *kube_event_object_name(const struct kube_event *event);

/* Bodies of requests to create it and to change its count. To be freed; NULL: out of memory. */
char *kube_event_creation(const struct kube_event *event, const char *object_name);
char *kube_event_change(const struct kube_event *event);

#endif
