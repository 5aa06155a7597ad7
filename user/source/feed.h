/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an agent sees, for others on the same machine: a Unix socket that gives each client the
 * records from then on, in the format of a recording (source/recording_write.h). For root only.
 *
 * A client that asks for it gets the records that the agent has kept (source/feed_kept.h), how many
 * it could not keep, and then the end. Only an agent without a history keeps some.
 *
 * Ownership: the socket and a thread of its own, which serves the clients; publishing never waits.
 * Invariants: memory is bounded whatever clients do. If a client is too slow, it misses records,
 * which are counted and reported to it as lost.
 */
#ifndef KT_SOURCE_FEED_H
#define KT_SOURCE_FEED_H

#include <stdbool.h>

#include "source/feed_kept.h"
#include "source/frame.h"

#define FEED_SOCKET "live.sock"
#define FEED_DEFAULT "/run/killtrace/" FEED_SOCKET
#define FEED_MOST_CLIENTS 16

#define FEED_KEEPS 1U     /* it answers FEED_ASK_KEPT */
#define FEED_ASK_KEPT 'k' /* the only byte that a client can send */
/* Before the recording. */
#define FEED_MAGIC "KTFEED1"
#define FEED_HOOKS_SIZE 256
struct feed_hello {
	char magic[8];
	uint32_t refused;            /* there are too many clients already: nothing follows */
	uint32_t offers;             /* FEED_KEEPS; 0 from older agents */
	char hooks[FEED_HOOKS_SIZE]; /* names of the attached hooks, separated by blanks */
};

struct feed;

/*
 * Listens, and replaces a socket that has no listener any more. 0 or -errno: -EADDRINUSE if another
 * agent has it, -EEXIST if it is not a socket.
 */
int feed_start(const char *path, const struct origin *origin, const char *hooks, bool keeps,
	       struct feed **ret);

/* Whether a client would get a record of this sequence: now, or later, if it is worth keeping. Each
 * record is sent once, though it may be read again. */
bool feed_wants(struct feed *feed, uint64_t sequence, bool is_worth_keeping);

/* The frame includes its names. `share`: whose it is; NULL: it is not worth keeping. */
void feed_frame(struct feed *feed, const struct frame *frame, const struct feed_share *share);
void feed_losses(struct feed *feed, const struct losses *losses, int64_t realtime_ns);

/* What still waits is sent, as far as clients take it at once. NULL is fine. */
void feed_stop(struct feed *feed);

#endif
