// SPDX-License-Identifier: BSD-2-Clause
/* For the static binary, which cannot load a library. */
#include "symbols/libdw.h"

#define LINKED(member) .member = dwarf_##member

const struct libdw *libdw_load(void)
{
	static const struct libdw linked = {
		LINKED(begin_elf),   LINKED(get_units),  LINKED(haspc),
		LINKED(child),       LINKED(siblingof),  LINKED(tag),
		LINKED(diename),     LINKED(entrypc),    LINKED(attr_integrate),
		LINKED(attr),        LINKED(formstring), LINKED(formudata),
		LINKED(getsrc_die),  LINKED(linesrc),    LINKED(lineno),
		LINKED(getsrcfiles), LINKED(filesrc),    .build_id = dwelf_elf_gnu_build_id,
	};

	return &linked;
}
