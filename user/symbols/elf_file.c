// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/elf_file.h"

#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

/* The largest programs have some GiB of debug information. */
#define MOST_BYTES ((off_t)8 << 30)

static bool is_linked(Elf *elf)
{
	GElf_Ehdr header;

	return elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header) &&
	       (header.e_type == ET_EXEC || header.e_type == ET_DYN);
}

Elf *elf_file_open(int fd)
{
	struct stat st;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size > MOST_BYTES)
		return NULL;
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && is_linked(elf))
		return elf;
	(void)elf_end(elf);
	return NULL;
}

size_t elf_file_build_id(const struct libdw *dw, Elf *elf, const uint8_t **ret)
{
	const void *id;
	const ssize_t size = dw->build_id(elf, &id);

	if (size <= 0 || size > SYMBOLS_BUILD_ID)
		return 0;
	*ret = id;
	return (size_t)size;
}

/* The segment of code that `is_it` accepts. */
static bool find_code(Elf *elf, bool (*is_it)(const GElf_Phdr *segment, uint64_t offset),
		      uint64_t offset, GElf_Phdr *ret)
{
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf, (int)i, &segment))
			return false;
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) &&
		    is_it(&segment, offset)) {
			*ret = segment;
			return true;
		}
	}
	return false;
}

static bool covers(const GElf_Phdr *segment, uint64_t offset)
{
	return offset >= segment->p_offset && offset - segment->p_offset < segment->p_filesz;
}

bool elf_file_address(Elf *elf, uint64_t offset, uint64_t *ret)
{
	GElf_Phdr segment;

	if (!find_code(elf, covers, offset, &segment))
		return false;
	*ret = offset - segment.p_offset + segment.p_vaddr;
	return true;
}

/* Files with debug information only keep the headers of segments and sections, without content. */
bool elf_file_has_code(Elf *elf)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && (header.sh_flags & SHF_EXECINSTR))
			return header.sh_type != SHT_NOBITS;
	}
	return true; /* sections can be stripped as a whole, but not from debug information */
}

static bool is_closer(const GElf_Sym *a, const GElf_Sym *b)
{
	/* global names are those that people know; of two weak ones, the first */
	if (a->st_value == b->st_value)
		return GELF_ST_BIND(a->st_info) == STB_GLOBAL &&
		       GELF_ST_BIND(b->st_info) != STB_GLOBAL;
	return a->st_value > b->st_value;
}

static bool is_function_at(const GElf_Sym *symbol, uint64_t address)
{
	const int type = GELF_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
	       address >= symbol->st_value && address - symbol->st_value < symbol->st_size;
}

static bool search_table(Elf *elf, Elf_Scn *section, uint64_t address, struct elf_symbol *ret)
{
	GElf_Shdr header;
	GElf_Sym best = { 0 };
	Elf_Data *data;
	bool found = false;
	const char *name;

	if (!gelf_getshdr(section, &header) || header.sh_entsize == 0)
		return false;
	data = elf_getdata(section, NULL);
	for (size_t i = 0; data && i < header.sh_size / header.sh_entsize; i++) {
		GElf_Sym symbol;

		if (i > INT32_MAX || !gelf_getsym(data, (int)i, &symbol))
			break;
		if (is_function_at(&symbol, address) && (!found || is_closer(&symbol, &best))) {
			best = symbol;
			found = true;
		}
	}
	name = found ? elf_strptr(elf, header.sh_link, best.st_name) : NULL;
	if (!name || !*name)
		return false;
	*ret = (struct elf_symbol){ .name = name, .start = best.st_value };
	return true;
}

static bool search_tables(Elf *elf, uint32_t type, uint64_t address, struct elf_symbol *ret)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == type &&
		    search_table(elf, section, address, ret))
			return true;
	}
	return false;
}

bool elf_file_symbol(Elf *elf, uint64_t address, struct elf_symbol *ret)
{
	return search_tables(elf, SHT_SYMTAB, address, ret) ||
	       search_tables(elf, SHT_DYNSYM, address, ret);
}
