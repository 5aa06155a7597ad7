/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenMetrics 1.0, made of Prometheus' text format. */
#ifndef KT_LISTEN_OPEN_METRICS_H
#define KT_LISTEN_OPEN_METRICS_H

#include "base/buffer.h"

/* `text` is what metrics_write() writes, complete. */
void open_metrics_make(const char *text, struct buffer *ret);

#endif
