/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where reports go. A sink is a small table of functions fed with one typed report at a time; it
 * keeps nothing of what it is handed beyond the call.
 */
#ifndef KT_SINK_SINK_H
#define KT_SINK_SINK_H

#include "explain/report.h"
#include "source/losses.h"

struct sink;

struct sink_ops {
	/* 0 or -errno. -EPIPE: the reader is gone, end quietly. -EINTR: told to stop. */
	int (*death)(struct sink *sink, const struct report *report);
	/* What got lost since the last call. */
	int (*losses)(struct sink *sink, const struct origin *origin, const struct losses *losses,
		      int64_t realtime_ns);
	void (*free)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
};

static inline void sink_free(struct sink *sink)
{
	if (sink)
		sink->ops->free(sink);
}

#endif
