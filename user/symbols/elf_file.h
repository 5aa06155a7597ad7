/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ELF file of anybody: its build ID, its segments, its symbols. Runs in the process without
 * privileges: libelf checks what it reads, but a file can still crash it.
 */
#ifndef KT_SYMBOLS_ELF_FILE_H
#define KT_SYMBOLS_ELF_FILE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/libdw.h"
#include "symbols/symbols.h"

struct elf_symbol {
	const char *name; /* belongs to the file */
	uint64_t start;
};

/* An executable, a library, or the file with their debug information. NULL: it is none. The
 * descriptor must stay open as long as the result, which is freed with elf_end(). */
Elf *elf_file_open(int fd);

/* How long its build ID is, which belongs to the file; 0: it has none, or a longer one than the
 * kernel reports. */
size_t elf_file_build_id(const struct libdw *dw, Elf *elf, const uint8_t **ret);

/* Whether it has the program's code, and not only its debug information. */
bool elf_file_has_code(Elf *elf);

/* The virtual address of an offset in the file, by the executable segment that covers it. */
bool elf_file_address(Elf *elf, uint64_t offset, uint64_t *ret);

/* The function that covers the address, the closest one if several do. False: there is none; a
 * symbol without a size covers nothing. */
bool elf_file_symbol(Elf *elf, uint64_t address, struct elf_symbol *ret);

#endif
