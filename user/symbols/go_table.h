/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of functions and lines that every Go program keeps for its own panics, also when it is
 * stripped (.gopclntab). Its layout is that of Go's debug/gosym, since Go 1.16.
 *
 * The bytes come from anybody: whatever they are, an answer is text of the table or nothing.
 */
#ifndef KT_SYMBOLS_GO_TABLE_H
#define KT_SYMBOLS_GO_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/symbols.h"

struct go_table {
	const uint8_t *bytes; /* belong to whoever opened it */
	size_t size;
	uint32_t version; /* 16, 18 or 20: the Go release that began with it */
	bool is_big_endian;
	uint32_t quantum, word; /* bytes */
	uint64_t functions;
	uint64_t text; /* address that entries count from; 0 where they are addresses */
	size_t names, units, files, values, entries; /* offsets of the parts */
};

/* Whether the bytes begin with a table. A text address of 0 is to be set by the caller, if the
 * version is 18 or later: *ret_text_at is its offset then, else 0. */
bool go_table_open(const void *bytes, size_t size, struct go_table *ret, size_t *ret_text_at);

/* How far the code goes from `text`; 0: the table is damaged, or has addresses. */
uint64_t go_table_extent(const struct go_table *table);

/* As dwarf_place_find(). A function that was inlined has no name in the table: the first place is
 * its line then, and the second one the function that it is in. */
size_t go_table_find(const struct go_table *table, uint64_t address, uint64_t shown,
		     struct symbols_place ret[SYMBOLS_PLACES]);

#endif
