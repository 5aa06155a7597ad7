/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the table of functions of a Go program in its file. In the process without privileges. */
#ifndef KT_SYMBOLS_GO_FILE_H
#define KT_SYMBOLS_GO_FILE_H

#include <libelf.h>
#include <stdbool.h>

#include "symbols/go_table.h"

/* False: it is no Go program, or of a Go before 1.16. The bytes belong to the file. */
bool go_file_table(Elf *elf, struct go_table *ret);

#endif
