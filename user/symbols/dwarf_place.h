/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions and lines of an address, by a file's DWARF. In the process without privileges. */
#ifndef KT_SYMBOLS_DWARF_PLACE_H
#define KT_SYMBOLS_DWARF_PLACE_H

#include "symbols/libdw.h"
#include "symbols/symbols.h"

/*
 * `address` is looked up; the last place's offset is counted to `shown`, which is after it for a
 * return address. How many places there are, the innermost first; 0: DWARF does not know it.
 */
size_t dwarf_place_find(const struct libdw *dw, Dwarf *dwarf, uint64_t address, uint64_t shown,
			struct symbols_place ret[SYMBOLS_PLACES]);

#endif
