// SPDX-License-Identifier: BSD-2-Clause
#include "source/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define MOST_SYMBOLS (4U << 20)
/* No function is longer: an address further away belongs to something that has no symbol. */
#define LONGEST_FUNCTION (1U << 20)

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in `names` */
	uint32_t order;
};

struct symbols {
	struct symbol *entries;
	size_t count, room;
	char *names;
	size_t names_used, names_room;
};

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int grow(void **array, size_t *room, size_t need, size_t element)
{
	size_t more = *room ? *room * 2 : 4096;
	void *bigger;

	if (need <= *room)
		return 0;
	while (more < need)
		more *= 2;
	bigger = reallocarray(*array, more, element);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*room = more;
	return 0;
}

static int add(struct symbols *symbols, uint64_t address, const char *name)
{
	size_t length = strlen(name) + 1;

	if (symbols->count >= MOST_SYMBOLS)
		return -E2BIG;
	if (grow((void **)&symbols->entries, &symbols->room, symbols->count + 1,
		 sizeof(*symbols->entries)) ||
	    grow((void **)&symbols->names, &symbols->names_room, symbols->names_used + length, 1))
		return -ENOMEM;
	memcpy(symbols->names + symbols->names_used, name, length);
	symbols->entries[symbols->count] = (struct symbol){
		.address = address,
		.name = (uint32_t)symbols->names_used,
		.order = (uint32_t)symbols->count,
	};
	symbols->names_used += length;
	symbols->count++;
	return 0;
}

/* "ffffffff81000000 T name[\t[module]]" */
static int add_line(struct symbols *symbols, char *line)
{
	char *end, *name;
	uint64_t address = strtoull(line, &end, 16);

	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return 0;
	if (!strchr("tTwW", end[1]) || !address)
		return 0;
	name = end + 3;
	name[strcspn(name, " \t\n")] = '\0';
	return *name ? add(symbols, address, name) : 0;
}

int symbols_load(const char *path, struct symbols **ret)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	struct symbols *symbols;
	char line[1024];
	int error = 0;

	if (!file)
		return -errno;
	symbols = calloc(1, sizeof(*symbols));
	if (!symbols)
		return -ENOMEM;
	while (!error && fgets(line, sizeof(line), file))
		error = add_line(symbols, line);
	if (!error && ferror(file))
		error = -EIO;
	if (!error && !symbols->count)
		error = -EACCES;
	if (error) {
		symbols_free(symbols);
		return error;
	}
	qsort(symbols->entries, symbols->count, sizeof(*symbols->entries), compare);
	*ret = symbols;
	return 0;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->entries);
	free(symbols->names);
	free(symbols);
}

bool symbols_name(const struct symbols *symbols, uint64_t address, char *ret_name, size_t size)
{
	const struct symbol *entry;
	size_t low = 0, high;

	if (!symbols)
		return false;
	high = symbols->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	entry = &symbols->entries[low - 1];
	if (address - entry->address > LONGEST_FUNCTION)
		return false;
	/* of several names for one address, the first in the file is the function's own */
	while (entry > symbols->entries && entry[-1].address == entry->address)
		entry--;
	(void)snprintf(ret_name, size, "%s+0x%" PRIx64, symbols->names + entry->name,
		       address - entry->address);
	return true;
}

size_t symbols_count(const struct symbols *symbols)
{
	return symbols ? symbols->count : 0;
}
