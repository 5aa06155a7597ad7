// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/named_frame.h"

#include <string.h>

const struct frame *named_frame_make(struct named_frame *scratch, const struct frame *frame,
				     const struct death *death, const struct attribution *whose,
				     bool scrub)
{
	struct frame *named = &scratch->frame;

	*named = *frame;
	named->symbols = scratch->symbols;
	named->kallsyms_size =
		decode_write_symbols(death, scratch->symbols, sizeof(scratch->symbols));
	named->names = scratch->names;
	named->names_size = attribution_write_names(whose, scratch->names);
	if (scrub) {
		memcpy(scratch->record, frame->record, frame->record_size);
		decode_scrub(scratch->record, frame->record_size);
		named->record = scratch->record;
	}
	return named;
}
