/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A receiver of reports: a printer, the fan-out to all outlets, or a test. It keeps nothing of what
 * it gets beyond the call.
 */
#ifndef KT_EXPLAIN_REPORT_RECEIVER_H
#define KT_EXPLAIN_REPORT_RECEIVER_H

#include "explain/report.h"
#include "source/losses.h"

/* The receiver did not take this report, and has counted it as lost. */
#define REPORT_MISSED 1

struct report_receiver {
	/* 0, REPORT_MISSED or -errno. -EPIPE: the reader is gone, end quietly. -EINTR: stop was
	 * requested. */
	int (*death)(void *context, const struct report *report);
	/* What was lost since the last call. */
	int (*losses)(void *context, const struct origin *origin, const struct losses *losses,
		      int64_t realtime_ns);
	void *context;
};

#endif
