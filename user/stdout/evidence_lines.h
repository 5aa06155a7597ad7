/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands below a row if the user asks for more: the evidence, and the stacks. */
#ifndef KT_STDOUT_EVIDENCE_LINES_H
#define KT_STDOUT_EVIDENCE_LINES_H

#include "line/json_walk.h"
#include "stdout/screen.h"
#include "stdout/sheet.h"

/* Nothing, unless the screen wishes it. `width` 0: lines of any length. */
void evidence_lines_put(struct sheet *sheet, const struct screen *screen,
			const struct json_walk_value *record, size_t width);

#endif
