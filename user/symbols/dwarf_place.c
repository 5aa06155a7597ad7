// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/dwarf_place.h"

#include <dwarf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "symbols/demangle.h"

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

/* The chain goes from the innermost block to the unit. */
static size_t walk_out(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Die *chain, int length,
		       uint64_t shown, struct symbols_place ret[SYMBOLS_PLACES])
{
	size_t count = 0;

	for (int i = 0; i < length && count < SYMBOLS_PLACES; i++) {
		if (!is_function(dw, &chain[i]))
			continue;
		set_function(dw, &chain[i], &ret[count++]);
		if (dw->tag(&chain[i]) == DW_TAG_subprogram) {
			set_offset(dw, &chain[i], shown, &ret[count - 1]);
			break;
		}
		if (count < SYMBOLS_PLACES)
			set_call(dw, unit, &chain[i], &ret[count]);
	}
	return count;
}

/* dwarf_getscopes() continues from an inlined function with where its source stands; its callers
 * are the parents of its own entry. */
static size_t find_functions(const struct libdw *dw, Dwarf_Die *unit, uint64_t address,
			     uint64_t shown, struct symbols_place ret[SYMBOLS_PLACES])
{
	AUTO_FREE Dwarf_Die *scopes = NULL;
	AUTO_FREE Dwarf_Die *chain = NULL;
	const int count = dw->getscopes(unit, address, &scopes);

	for (int i = 0; i < count; i++) {
		int length;

		if (!is_function(dw, &scopes[i]))
			continue;
		length = dw->getscopes_die(&scopes[i], &chain);
		return length > 0 ? walk_out(dw, unit, chain, length, shown, ret) : 0;
	}
	return 0;
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
