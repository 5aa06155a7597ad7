/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation for a terminal: lines of a width, with hanging indents. Commands stay in one
 * piece, so that they can be copied. Everything that a terminal obeys is removed. */
#ifndef KT_WHY_AS_TEXT_H
#define KT_WHY_AS_TEXT_H

#include "base/buffer.h"
#include "why/explanation.h"

#define AS_TEXT_NARROWEST 40
#define AS_TEXT_WIDTH 80 /* where there is no terminal */

/* `width` is in characters. */
void as_text(const struct explanation *explanation, unsigned int width, struct buffer *ret);

#endif
