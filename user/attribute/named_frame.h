/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame with the names of kernel functions and containers, which are known only here and now, for
 * a reader elsewhere or later.
 *
 * Ownership: large scratch, reused for frame after frame; the result lives until the next one.
 */
#ifndef KT_ATTRIBUTE_NAMED_FRAME_H
#define KT_ATTRIBUTE_NAMED_FRAME_H

#include "attribute/attribution.h"
#include "decode/decode.h"

struct named_frame {
	struct frame frame;
	char names[2 * NAMES_TEXT_MAX];
	char symbols[DECODE_SYMBOLS_SIZE];
	char record[KT_RECORD_MAX];
};

/* `death` and `whose` are the results of decoding and attributing `frame`. `scrub`: without kernel
 * addresses. */
const struct frame *named_frame_make(struct named_frame *scratch, const struct frame *frame,
				     const struct death *death, const struct attribution *whose,
				     bool scrub);

#endif
