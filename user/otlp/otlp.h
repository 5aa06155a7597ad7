/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenTelemetry logs to a collector, by OTLP over HTTP, in the JSON encoding.
 *
 * Events are gathered, in memory or in a folder on the disk, and sent as one request at a time.
 * What the collector will never accept is given up and counted; what it may accept later is sent
 * first.
 */
#ifndef KT_OTLP_OTLP_H
#define KT_OTLP_OTLP_H

#include "otlp/otlp_settings.h"
#include "outlet/outlet.h"

/* `settings` must outlive it, and so must `queue`, a folder; NULL: in memory. NULL when out of
 * memory. */
struct outlet *otlp_new(const struct otlp_settings *settings, const char *queue,
			uint64_t queue_most);

#endif
