/* SPDX-License-Identifier: BSD-2-Clause */
/* One OTLP request per line and event, as the OpenTelemetry collector reads them from files. */
#ifndef KT_STDOUT_OTLP_LINES_H
#define KT_STDOUT_OTLP_LINES_H

#include "otlp/otlp_request.h"
#include "stdout/printer.h"

/* `fd` still belongs to the caller. NULL when out of memory. */
struct printer *printer_otlp_lines_new(int fd);

/* Writes one public JSON record as such a line. `request` is empty, before and after. 0 or -errno,
 * as output_write(). */
int otlp_line_write(int fd, struct otlp_request *request, const char *line, size_t size);

#endif
