// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/go_table.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"

/* Magic numbers of Go 1.16, 1.18 and 1.20. */
#define MAGIC_16 0xfffffffaU
#define MAGIC_18 0xfffffff0U
#define MAGIC_20 0xfffffff1U
#define HEADER 8
/* Steps of a function's table of values; the largest functions have some 10,000. */
#define MOST_STEPS 1000000
/* Which of a function's tables says whether its code was inlined (runtime/symtab.go). */
#define INLINE_TREE 2

static uint64_t read_number(const struct go_table *table, size_t at, unsigned int size)
{
	uint64_t number = 0;

	if (at > table->size || table->size - at < size)
		return 0;
	for (unsigned int i = 0; i < size; i++) {
		const unsigned int shift = 8 * (table->is_big_endian ? size - 1 - i : i);

		number |= (uint64_t)table->bytes[at + i] << shift;
	}
	return number;
}

static uint32_t read_u32(const struct go_table *table, size_t at)
{
	return (uint32_t)read_number(table, at, 4);
}

static uint32_t version_of(uint32_t magic)
{
	switch (magic) {
	case MAGIC_16:
		return 16;
	case MAGIC_18:
		return 18;
	case MAGIC_20:
		return 20;
	default:
		return 0;
	}
}

static bool read_header(struct go_table *table)
{
	table->version = version_of(read_u32(table, 0));
	if (!table->version) {
		table->is_big_endian = true;
		table->version = version_of(read_u32(table, 0));
	}
	table->quantum = table->bytes[6];
	table->word = table->bytes[7];
	return table->version && !table->bytes[4] && !table->bytes[5] &&
	       (table->quantum == 1 || table->quantum == 2 || table->quantum == 4) &&
	       (table->word == 4 || table->word == 8);
}

/* Bytes of one row: an entry, and the offset of the function. */
static size_t row_size(const struct go_table *table)
{
	return 2 * (size_t)(table->version == 16 ? table->word : 4);
}

static bool are_parts_inside(const struct go_table *table)
{
	const size_t row = row_size(table);

	return table->names < table->size && table->units < table->size &&
	       table->files < table->size && table->values < table->size &&
	       table->entries < table->size && table->functions &&
	       table->functions < (table->size - table->entries) / row;
}

bool go_table_open(const void *bytes, size_t size, struct go_table *ret, size_t *ret_text_at)
{
	struct go_table table = { .bytes = bytes, .size = size };
	size_t *const parts[] = { &table.names, &table.units, &table.files, &table.values,
				  &table.entries };
	size_t at, text_at = 0;

	if (size < HEADER + 8 * sizeof(uint64_t) || !read_header(&table))
		return false;
	table.functions = read_number(&table, HEADER, table.word);
	at = HEADER + 2 * (size_t)table.word;
	if (table.version >= 18) {
		text_at = at;
		table.text = read_number(&table, at, table.word);
		at += table.word;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++, at += table.word)
		*parts[i] = read_number(&table, at, table.word);
	if (!are_parts_inside(&table))
		return false;
	*ret = table;
	*ret_text_at = text_at;
	return true;
}

/* The address of a function; of the one after the last, where the code ends. */
static uint64_t entry_of(const struct go_table *table, uint64_t index)
{
	const size_t row = row_size(table);

	return table->text +
	       read_number(table, table->entries + index * row, (unsigned int)row / 2);
}

uint64_t go_table_extent(const struct go_table *table)
{
	const uint64_t end = entry_of(table, table->functions);

	return table->version == 16 || end < table->text ? 0 : end - table->text;
}

/* The last function that does not begin after the address. */
static bool find_row(const struct go_table *table, uint64_t address, uint64_t *ret)
{
	uint64_t low = 0, high = table->functions;

	if (address < entry_of(table, 0) || address >= entry_of(table, high))
		return false;
	while (high - low > 1) {
		const uint64_t middle = low + (high - low) / 2;

		if (entry_of(table, middle) <= address)
			low = middle;
		else
			high = middle;
	}
	*ret = low;
	return true;
}

/* Seven bits a byte, the lowest first. */
static bool read_varint(const struct go_table *table, size_t *at, uint32_t *ret)
{
	uint32_t number = 0;

	for (unsigned int shift = 0; shift < 35 && *at < table->size; shift += 7) {
		const uint8_t byte = table->bytes[(*at)++];

		number |= (uint32_t)((uint64_t)(byte & 0x7fU) << shift);
		if (!(byte & 0x80U)) {
			*ret = number;
			return true;
		}
	}
	return false;
}

/* The value at an address, from a list of differences of values and addresses. */
static bool find_value(const struct go_table *table, uint32_t list, uint64_t entry,
		       uint64_t address, int32_t *ret)
{
	size_t at = table->values + list;
	uint64_t pc = entry;
	uint32_t value = UINT32_MAX;

	if (!list)
		return false;
	for (unsigned int i = 0; i < MOST_STEPS; i++) {
		uint32_t change, distance;

		if (!read_varint(table, &at, &change) || (!change && i) ||
		    !read_varint(table, &at, &distance))
			return false;
		value += change & 1U ? ~(change >> 1) : change >> 1;
		pc += (uint64_t)distance * table->quantum;
		if (address < pc) {
			*ret = (int32_t)value;
			return true;
		}
	}
	return false;
}

/* A text that ends within the table; NULL: there is none. */
static const char *text_at(const struct go_table *table, size_t at)
{
	return at < table->size && memchr(table->bytes + at, 0, table->size - at)
		       ? (const char *)table->bytes + at
		       : NULL;
}

/* A function's fixed part: (offset after its entry) names, its tables, and its file names. */
struct function {
	size_t at;
	uint64_t entry;
};

enum {
	NAME_AT = 0,
	FILE_AT = 16,
	LINE_AT = 20,
	TABLES_AT = 24,
	UNIT_AT = 28,
};

static struct function function_at(const struct go_table *table, uint64_t index)
{
	const size_t row = row_size(table), half = row / 2;
	const uint64_t offset =
		read_number(table, table->entries + index * row + half, (unsigned int)half);
	/* what is outside reads as zeros */
	const size_t at = offset < table->size ? table->entries + offset + half : SIZE_MAX;

	return (struct function){ at, entry_of(table, index) };
}

static uint32_t field(const struct go_table *table, const struct function *function, size_t at)
{
	return function->at < table->size ? read_u32(table, function->at + at) : 0;
}

static void set_line(const struct go_table *table, const struct function *function,
		     uint64_t address, struct symbols_place *ret)
{
	const uint32_t unit = field(table, function, UNIT_AT);
	const char *path, *slash;
	int32_t line, file;
	uint32_t offset;

	if (!find_value(table, field(table, function, LINE_AT), function->entry, address, &line) ||
	    !find_value(table, field(table, function, FILE_AT), function->entry, address, &file) ||
	    line <= 0 || file < 0)
		return;
	offset = read_u32(table, table->units + 4 * ((size_t)unit + (uint32_t)file));
	path = offset == UINT32_MAX ? NULL : text_at(table, table->files + offset);
	if (!path || !*path)
		return;
	slash = strrchr(path, '/');
	text_valid_utf8(slash ? slash + 1 : path, ret->file, sizeof(ret->file));
	ret->line = (uint32_t)line;
}

static bool is_inlined(const struct go_table *table, const struct function *function,
		       uint64_t address)
{
	const uint32_t count = field(table, function, TABLES_AT);
	const size_t tables = table->version == 20 ? UNIT_AT + 12 : UNIT_AT + 8;
	int32_t index;

	return count > INLINE_TREE && count < INT_MAX &&
	       find_value(table, field(table, function, tables + 4 * (size_t)INLINE_TREE),
			  function->entry, address, &index) &&
	       index >= 0;
}

size_t go_table_find(const struct go_table *table, uint64_t address, uint64_t shown,
		     struct symbols_place ret[SYMBOLS_PLACES])
{
	struct function function;
	const char *name;
	uint64_t index;
	size_t count = 0;

	memset(ret, 0, 2 * sizeof(*ret));
	if (!find_row(table, address, &index))
		return 0;
	function = function_at(table, index);
	name = text_at(table, table->names + field(table, &function, NAME_AT));
	if (!name || !*name)
		return 0;
	set_line(table, &function, address, &ret[0]);
	/* the line is of the innermost function, the name of the outermost */
	if (ret[0].line && is_inlined(table, &function, address))
		count++;
	text_valid_utf8(name, ret[count].function, sizeof(ret[count].function));
	ret[count].has_offset = true;
	ret[count].offset = shown - function.entry;
	return count + 1;
}
