// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/dwarf_place.h"

#include <dwarf.h>
#include <string.h>

#include "base/text.h"
#include "symbols/demangle.h"

/* Of blocks, functions and namespaces in each other. */
#define MOST_DEPTH 64

/* Every unit is asked: not all compilers write .debug_aranges (Go does not). */
static bool find_unit(const struct libdw *dw, Dwarf *dwarf, uint64_t address, Dwarf_Die *ret)
{
	Dwarf_CU *unit = NULL;

	while (!dw->get_units(dwarf, unit, &unit, NULL, NULL, ret, NULL))
		if (dw->haspc(ret, address) > 0)
			return true;
	return false;
}

static bool is_function(const struct libdw *dw, Dwarf_Die *die)
{
	const int tag = dw->tag(die);

	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static void set_file(const char *path, struct symbols_place *ret)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	text_valid_utf8(slash ? slash + 1 : path ? path : "", ret->file, sizeof(ret->file));
}

static void set_function(const struct libdw *dw, Dwarf_Die *die, struct symbols_place *ret)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

	/* has the namespace, which the plain name does not have */
	if (dw->attr_integrate(die, DW_AT_linkage_name, &attribute) ||
	    dw->attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
		name = dw->formstring(&attribute);
	if (!name)
		name = dw->diename(die);
	if (name)
		demangle(name, ret->function, sizeof(ret->function));
}

static void set_line(const struct libdw *dw, Dwarf_Die *unit, uint64_t address,
		     struct symbols_place *ret)
{
	Dwarf_Line *line = dw->getsrc_die(unit, address);
	int number = 0;

	if (!line || dw->lineno(line, &number) || number <= 0)
		return; /* zero is what the compiler could not attribute */
	ret->line = (uint32_t)number;
	set_file(dw->linesrc(line, NULL, NULL), ret);
}

/* Where the function of the place was inlined into the next one. */
static void set_call(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Die *inlined,
		     struct symbols_place *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t count;

	if (!dw->attr(inlined, DW_AT_call_line, &attribute) || dw->formudata(&attribute, &line) ||
	    !line || line > UINT32_MAX)
		return;
	if (!dw->attr(inlined, DW_AT_call_file, &attribute) || dw->formudata(&attribute, &file) ||
	    dw->getsrcfiles(unit, &files, &count) || file >= count)
		return;
	ret->line = (uint32_t)line;
	set_file(dw->filesrc(files, file, NULL, NULL), ret);
}

static void set_offset(const struct libdw *dw, Dwarf_Die *function, uint64_t shown,
		       struct symbols_place *ret)
{
	Dwarf_Addr entry;

	/* parts that are seldom executed can stand before the entry */
	if (dw->entrypc(function, &entry) || entry > shown)
		return;
	ret->has_offset = true;
	ret->offset = shown - entry;
}

/* Entries without addresses that can have functions in them. */
static bool is_container(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type;
}

/* The functions and blocks around an address, from the outermost. */
struct chain {
	Dwarf_Die dies[MOST_DEPTH];
	size_t count;
};

// NOLINTBEGIN(misc-no-recursion): bounded by MOST_DEPTH
static bool descend(const struct libdw *dw, Dwarf_Die *parent, uint64_t address, unsigned int depth,
		    struct chain *ret)
{
	Dwarf_Die die;

	if (depth == MOST_DEPTH || dw->child(parent, &die))
		return false;
	do {
		if (is_container(dw->tag(&die))) {
			if (descend(dw, &die, address, depth + 1, ret))
				return true;
		} else if (dw->haspc(&die, address) > 0) {
			ret->dies[ret->count++] = die;
			(void)descend(dw, &die, address, depth + 1, ret);
			return true;
		}
	} while (!dw->siblingof(&die, &die));
	return false;
}
// NOLINTEND(misc-no-recursion)

static size_t find_functions(const struct libdw *dw, Dwarf_Die *unit, uint64_t address,
			     uint64_t shown, struct symbols_place ret[SYMBOLS_PLACES])
{
	struct chain chain = { .count = 0 };
	size_t count = 0;

	(void)descend(dw, unit, address, 0, &chain);
	for (size_t i = chain.count; i-- && count < SYMBOLS_PLACES;) {
		Dwarf_Die *die = &chain.dies[i];

		if (!is_function(dw, die))
			continue;
		set_function(dw, die, &ret[count++]);
		if (dw->tag(die) == DW_TAG_subprogram) {
			set_offset(dw, die, shown, &ret[count - 1]);
			break;
		}
		if (count < SYMBOLS_PLACES)
			set_call(dw, unit, die, &ret[count]);
	}
	return count;
}

size_t dwarf_place_find(const struct libdw *dw, Dwarf *dwarf, uint64_t address, uint64_t shown,
			struct symbols_place ret[SYMBOLS_PLACES])
{
	Dwarf_Die unit;
	size_t count;

	memset(ret, 0, SYMBOLS_PLACES * sizeof(*ret));
	if (!find_unit(dw, dwarf, address, &unit))
		return 0;
	set_line(dw, &unit, address, &ret[0]);
	count = find_functions(dw, &unit, address, shown, ret);
	/* assembler has lines, but no functions */
	return count ? count : ret[0].line != 0;
}
