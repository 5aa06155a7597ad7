// SPDX-License-Identifier: BSD-2-Clause
#include "source/kallsyms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"

/* The only data symbol of interest: mm/memcontrol.c, since 6.10, if the kernel names its data. */
#define STATS_PLACES "mem_cgroup_stats_index"
#define MOST_SYMBOLS (1U << 20)
/* No function is longer: an address further away belongs to something that has no symbol. */
#define LONGEST_FUNCTION (1U << 20)
/* Large enough for malloc() to map: growing moves no bytes and shrinking gives pages back. */
#define FIRST_ROOM (1U << 20)

/* Kernel text and modules lie within 4 GiB of each other on every architecture. */
struct symbol {
	uint32_t offset; /* from the base */
	uint32_t name;   /* offset in `names`; grows in the order of the file */
};

struct kallsyms {
	uint64_t base;
	struct symbol *entries;
	size_t count, room;
	char *names;
	size_t names_used, names_room;
	uint64_t stats_places;
};

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->name < y->name ? -1 : 1;
}

static int grow(void **array, size_t *room, size_t need, size_t element)
{
	size_t more = *room ? *room * 2 : FIRST_ROOM / element;
	void *bigger;

	if (*array && need <= *room)
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

static int add(struct kallsyms *symbols, uint64_t address, const char *name)
{
	size_t length = strlen(name) + 1;

	if (!symbols->count)
		symbols->base = address; /* the first line is the start of the text */
	if (address < symbols->base || address - symbols->base > UINT32_MAX)
		return 0;
	if (symbols->count >= MOST_SYMBOLS)
		return -E2BIG;
	if (grow((void **)&symbols->entries, &symbols->room, symbols->count + 1,
		 sizeof(*symbols->entries)) ||
	    grow((void **)&symbols->names, &symbols->names_room, symbols->names_used + length, 1))
		return -ENOMEM;
	memcpy(symbols->names + symbols->names_used, name, length);
	symbols->entries[symbols->count] = (struct symbol){
		.offset = (uint32_t)(address - symbols->base),
		.name = (uint32_t)symbols->names_used,
	};
	symbols->names_used += length;
	symbols->count++;
	return 0;
}

/* "ffffffff81000000 T name[\t[module]]" */
static int add_line(struct kallsyms *symbols, char *line)
{
	uint64_t address;
	const char *end = number_read(line, 16, &address);
	char *name;

	if (!end || !address || end[0] != ' ' || !end[1] || end[2] != ' ')
		return 0;
	name = line + (end + 3 - line);
	/* of any type: some symbols between data sections are listed as text */
	if (!strcmp(name, STATS_PLACES "\n"))
		symbols->stats_places = address;
	if (!strchr("tTwW", end[1]))
		return 0;
	name[strcspn(name, " \t\n")] = '\0';
	/* half of the symbols of a kernel with call-depth tracking: padding, to which no call
	 * returns */
	if (!*name || !strncmp(name, "__pfx_", strlen("__pfx_")))
		return 0;
	return add(symbols, address, name);
}

static void give_back(void **array, size_t used, size_t element)
{
	void *smaller = reallocarray(*array, used, element);

	if (smaller)
		*array = smaller;
}

int kallsyms_load(const char *path, struct kallsyms **ret)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	struct kallsyms *symbols;
	char line[1024];
	bool is_start = true; /* of a line; the rest of a long line does not count as a line */
	int error = 0;

	if (!file)
		return -errno;
	symbols = calloc(1, sizeof(*symbols));
	if (!symbols)
		return -ENOMEM;
	while (!error && fgets(line, sizeof(line), file)) {
		bool ends = strlen(line) + 1 < sizeof(line) || line[sizeof(line) - 2] == '\n';

		if (is_start)
			error = add_line(symbols, line);
		is_start = ends;
	}
	if (!error && ferror(file))
		error = -EIO;
	if (!error && !symbols->count)
		error = -EACCES;
	if (error) {
		kallsyms_free(symbols);
		return error;
	}
	give_back((void **)&symbols->entries, symbols->count, sizeof(*symbols->entries));
	give_back((void **)&symbols->names, symbols->names_used, 1);
	qsort(symbols->entries, symbols->count, sizeof(*symbols->entries), compare);
	*ret = symbols;
	return 0;
}

void kallsyms_free(struct kallsyms *symbols)
{
	if (!symbols)
		return;
	free(symbols->entries);
	free(symbols->names);
	free(symbols);
}

bool kallsyms_name(const struct kallsyms *symbols, uint64_t address, char *ret_name, size_t size)
{
	const struct symbol *entry;
	size_t low = 0, high;
	uint64_t offset;

	if (!symbols || address < symbols->base)
		return false;
	offset = address - symbols->base;
	high = symbols->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->entries[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	entry = &symbols->entries[low - 1];
	if (offset - entry->offset > LONGEST_FUNCTION)
		return false;
	/* if an address has several names, the first in the file is the function's own */
	while (entry > symbols->entries && entry[-1].offset == entry->offset)
		entry--;
	(void)snprintf(ret_name, size, "%s+0x%" PRIx64, symbols->names + entry->name,
		       offset - entry->offset);
	return true;
}

size_t kallsyms_count(const struct kallsyms *symbols)
{
	return symbols ? symbols->count : 0;
}

uint64_t kallsyms_stats_places(const struct kallsyms *symbols)
{
	return symbols ? symbols->stats_places : 0;
}
