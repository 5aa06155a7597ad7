/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of elfutils' libdw. The library is loaded when symbols are wanted, so that it costs
 * an agent nothing; the static binary has it in itself (libdw_static.c).
 */
#ifndef KT_SYMBOLS_LIBDW_H
#define KT_SYMBOLS_LIBDW_H

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>

/* The type of dwarf_NAME, as the library declares it. */
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define LIBDW(name) __typeof__(dwarf_##name) *(name)

struct libdw {
	LIBDW(begin_elf);
	LIBDW(get_units);
	LIBDW(haspc);
	LIBDW(child);
	LIBDW(siblingof);
	LIBDW(tag);
	LIBDW(diename);
	LIBDW(entrypc);
	LIBDW(attr_integrate);
	LIBDW(attr);
	LIBDW(formstring);
	LIBDW(formudata);
	LIBDW(getsrc_die);
	LIBDW(linesrc);
	LIBDW(lineno);
	LIBDW(getsrcfiles);
	LIBDW(filesrc);
	__typeof__(dwelf_elf_gnu_build_id) *build_id;
};

/* NULL: this machine does not have it. Before the process gives up its rights to files. */
const struct libdw *libdw_load(void);

#endif
