/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows for people. */
#ifndef KT_STDOUT_HUMAN_H
#define KT_STDOUT_HUMAN_H

#include "stdout/printer.h"
#include "stdout/screen.h"

/* NULL when out of memory. */
struct printer *printer_human_new(const struct screen *screen);

#endif
