/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /metrics: the metrics over HTTP, as Prometheus' text format or, where the Accept header asks
 * for it, as OpenMetrics. libmicrohttpd does the HTTP. A binary that cannot have it is linked with
 * no_listener.c in place of listener.c.
 *
 * If the address is in use the listener tries again every 5 s, since whoever takes the port must
 * not be able to stop the agent.
 *
 * Ownership: listener_start() gives an object to be freed with listener_stop(). `metrics` must
 * outlive it. Threads: one of its own.
 * Invariants: at most 16 connections, each for at most 10 s. The text is made at most once a
 * second, however many ask, so that readers cannot delay the counting. Without a connection the
 * thread sleeps.
 */
#ifndef KT_LISTEN_LISTENER_H
#define KT_LISTEN_LISTENER_H

#include "listen/listen_address.h"
#include "metrics/metrics.h"

struct listener;

/* NULL, or the reason why this binary cannot listen: words for the command line. To be called by
 * the main thread, before listener_start(). */
const char *listener_missing(void);

/* Binds the address, which may need a capability. NULL when out of memory. */
struct listener *listener_new(const struct listen_address *address, struct metrics *metrics);

/* 0 or -errno. */
int listener_start(struct listener *listener);

/* Also of one that was not started. NULL is fine. */
void listener_stop(struct listener *listener);

#endif
