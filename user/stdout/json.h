/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON lines. */
#ifndef KT_STDOUT_JSON_H
#define KT_STDOUT_JSON_H

#include "stdout/printer.h"

/* `fd` still belongs to the caller. NULL when out of memory. */
struct printer *printer_json_new(int fd);

#endif
