// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/go_file.h"

#include <gelf.h>
#include <string.h>

/* What may follow the code of Go in its section. */
#define MOST_TAIL 65536U
#define MOST_RELOCATIONS (1U << 24)

static const char *name_of(Elf *elf, const GElf_Shdr *header)
{
	size_t names;
	const char *name;

	if (elf_getshdrstrndx(elf, &names))
		return "";
	name = elf_strptr(elf, names, header->sh_name);
	return name ? name : "";
}

static bool find_section(Elf *elf, const char *name, Elf_Scn **ret, GElf_Shdr *ret_header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, ret_header) && !strcmp(name_of(elf, ret_header), name)) {
			*ret = section;
			return true;
		}
	return false;
}

struct place {
	struct go_table *table;
	size_t text_at;       /* in the table */
	uint64_t table_start; /* address */
};

/* A linker that is not Go's can put it among other data. */
static bool search_section(Elf_Scn *section, const GElf_Shdr *header, bool is_whole,
			   struct place *ret)
{
	const Elf_Data *data = header->sh_type == SHT_NOBITS ? NULL : elf_rawdata(section, NULL);
	const size_t end = !data || !data->d_buf ? 0 : is_whole ? 1 : data->d_size;

	for (size_t at = 0; at < end; at += sizeof(uint64_t))
		if (go_table_open((const char *)data->d_buf + at, data->d_size - at, ret->table,
				  &ret->text_at)) {
			ret->table_start = header->sh_addr + at;
			return true;
		}
	return false;
}

static bool find_table(Elf *elf, struct place *ret)
{
	static const char *const names[] = { ".gopclntab", ".data.rel.ro.gopclntab",
					     ".data.rel.ro" };
	GElf_Shdr header;
	Elf_Scn *section;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (find_section(elf, names[i], &section, &header) &&
		    search_section(section, &header, i < 2, ret))
			return true;
	return false;
}

/* In a program that can be loaded anywhere, the number is in a relocation. */
static bool find_relocation(Elf *elf, uint64_t address, uint64_t *ret)
{
	GElf_Shdr header;
	Elf_Scn *section;
	Elf_Data *data;

	if (!find_section(elf, ".rela.dyn", &section, &header) || header.sh_type != SHT_RELA)
		return false;
	data = elf_getdata(section, NULL);
	for (uint32_t i = 0; data && i < MOST_RELOCATIONS; i++) {
		GElf_Rela relocation;

		if (!gelf_getrela(data, (int)i, &relocation))
			return false;
		if (relocation.r_offset == address && relocation.r_addend > 0) {
			*ret = (uint64_t)relocation.r_addend;
			return true;
		}
	}
	return false;
}

/* Go's own linker puts nothing before its code; other linkers do. */
static bool is_whole_section(Elf *elf, const struct go_table *table, uint64_t *ret)
{
	const uint64_t extent = go_table_extent(table);
	GElf_Shdr header;
	Elf_Scn *section;

	if (!find_section(elf, ".text", &section, &header) || !extent || header.sh_size < extent ||
	    header.sh_size - extent > MOST_TAIL)
		return false;
	*ret = header.sh_addr;
	return true;
}

bool go_file_table(Elf *elf, struct go_table *ret)
{
	struct go_table table = { 0 };
	struct place place = { .table = &table };

	if (!find_table(elf, &place))
		return false;
	if (place.text_at && !table.text &&
	    !find_relocation(elf, place.table_start + place.text_at, &table.text) &&
	    !is_whole_section(elf, &table, &table.text))
		return false;
	*ret = table;
	return true;
}
