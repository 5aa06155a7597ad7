/* SPDX-License-Identifier: BSD-2-Clause */
/* A table as the linker of Go 1.20 writes it, of two functions at 0x1000 and 0x1040 up to 0x1080;
 * a part of the second one is inlined. */
#ifndef KT_GO_TABLE_MAKE_H
#define KT_GO_TABLE_MAKE_H

#include <stdint.h>
#include <string.h>

#define GO_TEXT 0x1000
#define GO_TABLE_SIZE 280
#define GO_TABLE_TEXT_AT 24

static inline void go_put(uint8_t *table, size_t at, uint64_t number, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		table[at + i] = (uint8_t)(number >> 8 * i);
}

static inline void go_put_bytes(uint8_t *table, size_t at, const void *bytes, size_t size)
{
	memcpy(table + at, bytes, size);
}

enum { GO_NAMES = 72, GO_UNITS = 104, GO_FILES = 112, GO_VALUES = 128, GO_ENTRIES = 152 };

static inline void go_put_function(uint8_t *table, size_t at, const uint32_t *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		go_put(table, GO_ENTRIES + at + 4 * i, fields[i], 4);
}

static inline void go_table_make(uint8_t table[GO_TABLE_SIZE])
{
	static const uint64_t header[] = { 2,        1,        GO_TEXT,   GO_NAMES,
					   GO_UNITS, GO_FILES, GO_VALUES, GO_ENTRIES };
	/* entry, name, 3 of no use, files, lines, tables, unit, first line, flags, tables */
	const uint32_t first[] = { 0, 1, 0, 0, 0, 1, 4, 0, 0, 5, 0 };
	const uint32_t second[] = { 0x40, 11, 0, 0, 0, 1, 7, 3, 0, 9, 0, 0, 0, 12 };
	const uint32_t rows[] = { 0, 20, 0x40, 64, 0x80 };

	memset(table, 0, GO_TABLE_SIZE);
	go_put_bytes(table, 0, "\xf1\xff\xff\xff\0\0\1\x8", 8);
	for (size_t i = 0; i < 8; i++)
		go_put(table, 8 + 8 * i, header[i], 8);
	go_put_bytes(table, GO_NAMES, "\0main.load\0main.main", 21);
	go_put(table, GO_UNITS, 1, 4);
	go_put_bytes(table, GO_FILES, "\0/src/shop.go", 14);
	/* differences of values (zigzag, from -1) and of addresses, up to a zero */
	go_put_bytes(table, GO_VALUES + 1, "\x2\x40\0", 3);         /* file 0 everywhere */
	go_put_bytes(table, GO_VALUES + 4, "\xc\x40\0", 3);         /* line 5 */
	go_put_bytes(table, GO_VALUES + 7, "\x14\x20\x2\x20\0", 5); /* lines 9, 10 */
	go_put_bytes(table, GO_VALUES + 12, "\0\x20\x2\x20\0", 5);  /* inlined in the second half */
	go_put_function(table, 0, rows, 5);
	go_put_function(table, 20, first, 11);
	go_put_function(table, 64, second, 14);
}

#endif
