/* SPDX-License-Identifier: BSD-2-Clause */
/* A request of OTLP per line and event, as the OpenTelemetry collector reads them from files. */
#ifndef KT_SINK_OTLP_LINES_H
#define KT_SINK_OTLP_LINES_H

#include "sink/sink.h"

/* `fd` stays the caller's. NULL when out of memory. */
struct sink *sink_otlp_lines_new(int fd);

#endif
