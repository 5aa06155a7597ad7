/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command writes to standard output: one typed report at a time, as lines for people, JSON
 * or OTLP. A printer keeps nothing of what it gets beyond the call, except the lines that it made.
 */
#ifndef KT_STDOUT_PRINTER_H
#define KT_STDOUT_PRINTER_H

#include "explain/report.h"
#include "line/event.h"
#include "source/losses.h"
#include "stdout/lines.h"
#include "stdout/waited.h"

struct printer;

struct printer_ops {
	/* 0 or -errno. -EPIPE: the reader is gone, end quietly. -EINTR: stop was requested. */
	int (*death)(struct printer *printer, const struct report *report);
	/* One row of folded deaths, without those in its `next`. */
	int (*row)(struct printer *printer, const struct event *row);
	/* What was lost since the last call. */
	int (*losses)(struct printer *printer, const struct origin *origin,
		      const struct losses *losses, int64_t realtime_ns);
	/* All deaths so far waited for this reader, and those to come are new. NULL: nothing shows
	 * it. */
	int (*rule)(struct printer *printer, const struct waited *waited);
	/* Whose the death or row is that was printed last, safe for a terminal. NULL: this printer
	 * does not know. */
	const char *(*owner)(const struct printer *printer);
	void (*free)(struct printer *printer);
};

struct printer {
	const struct printer_ops *ops;
	/* Its own: each call adds at most one, and whoever calls writes them. NULL: it writes by
	 * itself. */
	struct lines *lines;
};

/* NULL is fine. */
static inline void printer_free(struct printer *printer)
{
	if (printer)
		printer->ops->free(printer);
}

#endif
