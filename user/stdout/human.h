/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per death for people. */
#ifndef KT_STDOUT_HUMAN_H
#define KT_STDOUT_HUMAN_H

#include <stdbool.h>

#include "stdout/printer.h"

/* `fd` still belongs to the caller. NULL when out of memory. */
struct printer *printer_human_new(int fd, bool color);

#endif
