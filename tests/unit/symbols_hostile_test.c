// SPDX-License-Identifier: BSD-2-Clause
/* ELF files with the right build ID and wrong content: an answer comes in any case, and the good
 * file that is found after them is read. */
#include "symbols/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "symbols/elf_file.h"
#include "unit.h"
#include "tree.h"

/* As the program sees itself: the file is the test. */
static char *image;
static size_t image_size;
static char build_id[SYMBOLS_ID_TEXT];

static void read_image(void)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/exe", "re");
	struct stat st;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	image_size = (size_t)st.st_size;
	image = malloc(image_size);
	assert_non_null(image);
	assert_int_equal(fread(image, 1, image_size, file), image_size);
}

static void read_build_id(void)
{
	AUTO_CLOSE int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_file_open(fd);
	const uint8_t *id = NULL;
	uint8_t whole[SYMBOLS_BUILD_ID] = { 0 };
	size_t size;

	assert_non_null(elf);
	size = elf_file_build_id(libdw_load(), elf, &id);
	assert_in_range(size, 8, sizeof(whole));
	memcpy(whole, id, size);
	(void)symbols_id_text(whole, build_id);
	(void)elf_end(elf);
}

/* The first byte of code that has a name. */
static uint64_t entry_offset(void)
{
	const Elf64_Ehdr *header = (const void *)image;
	const Elf64_Phdr *segments = (const void *)(image + header->e_phoff);

	for (unsigned int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && (segments[i].p_flags & PF_X))
			return header->e_entry - segments[i].p_vaddr + segments[i].p_offset;
	fail();
	return 0;
}

static struct symbols *look_up(const char *path)
{
	const char *const extra[] = { path, NULL };
	const struct symbols_options options = {
		.proc = "/nowhere", .root = tree_root, .extra = extra, .patience_ms = 20000
	};
	struct symbols_finder *finder = NULL;
	struct symbols *symbols = NULL;
	char text[256];
	json_t *record;

	(void)snprintf(text, sizeof(text),
		       "{\"user_stack\":[{\"build_id\":\"%s\",\"offset\":\"0x%llx\"}]}", build_id,
		       (unsigned long long)entry_offset());
	record = json_loads(text, 0, NULL);
	assert_non_null(record);
	assert_int_equal(symbols_finder_start(&options, &finder), 0);
	assert_int_equal(symbols_of_record(finder, record, &symbols), 0);
	assert_int_equal(symbols->count, 1);
	symbols_finder_stop(finder);
	json_decref(record);
	return symbols;
}

/* What is left of a name is text that ends. */
static void check(const struct symbols *symbols)
{
	const struct symbols_frame *frame = &symbols->frames[0];

	assert_in_range(frame->state, SYMBOLS_LATE, SYMBOLS_NAMED);
	assert_in_range(frame->count, 0, SYMBOLS_PLACES);
	for (size_t i = 0; i < frame->count; i++) {
		assert_non_null(
			memchr(frame->places[i].function, 0, sizeof(frame->places[i].function)));
		assert_non_null(memchr(frame->places[i].file, 0, sizeof(frame->places[i].file)));
	}
}

static void check_file(const char *bytes, size_t size)
{
	struct symbols *symbols;

	tree_write_bytes("/hostile", bytes, size);
	symbols = look_up(tree_path("/hostile"));
	check(symbols);
	free(symbols);
}

static void test_the_whole_file(void **state)
{
	struct symbols *symbols;

	(void)state;
	tree_write_bytes("/good", image, image_size);
	symbols = look_up(tree_path("/good"));
	assert_int_equal(symbols->frames[0].state, SYMBOLS_NAMED);
	assert_string_equal(symbols->frames[0].places[0].function, "_start");
	free(symbols);
}

static void test_truncated(void **state)
{
	(void)state;
	for (size_t parts = 1; parts < 12; parts++)
		check_file(image, image_size * parts / 12);
	check_file(image, 0);
	check_file(image, 4);
	check_file(image, sizeof(Elf64_Ehdr));
}

static void test_huge_counts(void **state)
{
	AUTO_FREE char *bytes = malloc(image_size);
	Elf64_Ehdr *header = (void *)bytes;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, image, image_size);
	header->e_shnum = 0xfeff;
	check_file(bytes, image_size);
	header->e_shnum = 0; /* the count is in the first section */
	((Elf64_Shdr *)(bytes + header->e_shoff))->sh_size = UINT64_MAX / 64;
	check_file(bytes, image_size);
	memcpy(bytes, image, image_size);
	header->e_phnum = PN_XNUM;
	check_file(bytes, image_size);
}

/* All sections claim to be as large as nothing is, or to be each other's names. */
static void test_sections(void **state)
{
	AUTO_FREE char *bytes = malloc(image_size);

	(void)state;
	assert_non_null(bytes);
	for (int kind = 0; kind < 4; kind++) {
		Elf64_Ehdr *header = (void *)bytes;
		Elf64_Shdr *sections;

		memcpy(bytes, image, image_size);
		sections = (void *)(bytes + header->e_shoff);
		for (unsigned int i = 1; i < header->e_shnum; i++) {
			if (kind == 0)
				sections[i].sh_size = UINT64_MAX - 4096;
			else if (kind == 1)
				sections[i].sh_link = i;
			else if (kind == 2)
				sections[i].sh_entsize = 1;
			else
				sections[i].sh_flags |= SHF_COMPRESSED;
		}
		check_file(bytes, image_size);
	}
}

/* Debug information in which every third byte is another one: trees with cycles, lengths beyond the
 * end. */
static void test_debug_information(void **state)
{
	AUTO_FREE char *bytes = malloc(image_size);
	uint32_t random = 1;

	(void)state;
	assert_non_null(bytes);
	for (int round = 0; round < 24; round++) {
		const Elf64_Ehdr *header = (const void *)image;
		const Elf64_Shdr *sections = (const void *)(image + header->e_shoff);
		const size_t step = 3U << (round / 2);

		memcpy(bytes, image, image_size);
		for (unsigned int i = 1; i < header->e_shnum; i++) {
			if (sections[i].sh_flags & SHF_ALLOC || sections[i].sh_type == SHT_NOBITS)
				continue;
			for (size_t at = 0; at < sections[i].sh_size; at += step) {
				random = random * 1664525U + 1013904223U;
				bytes[sections[i].sh_offset + at] = (char)(random >> 24);
			}
		}
		check_file(bytes, image_size);
	}
}

/* The right build ID, but no plain file. */
static void test_no_file(void **state)
{
	struct symbols *symbols;

	(void)state;
	assert_int_equal(mkfifo(tree_path("/fifo"), 0600), 0);
	symbols = look_up(tree_path("/fifo"));
	assert_int_equal(symbols->frames[0].state, SYMBOLS_NO_FILE);
	free(symbols);
	symbols = look_up("/dev/zero");
	assert_int_equal(symbols->frames[0].state, SYMBOLS_NO_FILE);
	free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_file),    cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_huge_counts),       cmocka_unit_test(test_sections),
		cmocka_unit_test(test_debug_information), cmocka_unit_test(test_no_file),
	};

	read_image();
	read_build_id();
	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
