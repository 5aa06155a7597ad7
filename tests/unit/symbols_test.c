// SPDX-License-Identifier: BSD-2-Clause
/* This program is the crashed one: it knows from its compiler where its own functions are. */
#include "symbols/symbols.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "unit.h"

struct place {
	const char *file;
	uint64_t offset;
	char build_id[2 * SYMBOLS_BUILD_ID + 1];
};

static bool read_note(const struct dl_phdr_info *module, const ElfW(Phdr) * segment,
		      struct place *ret)
{
	const char *at = (const char *)module->dlpi_addr + segment->p_vaddr;
	const char *end = at + segment->p_memsz;

	while (at < end) {
		const ElfW(Nhdr) *note = (const void *)at;
		const char *name = at + sizeof(*note), *data = name + ((note->n_namesz + 3U) & ~3U);

		if (note->n_type == NT_GNU_BUILD_ID && !strcmp(name, "GNU")) {
			text_hex((const void *)data, note->n_descsz, ret->build_id);
			return true;
		}
		at = data + ((note->n_descsz + 3U) & ~3U);
	}
	return false;
}

/* The main program is the first. */
static int read_module(struct dl_phdr_info *module, size_t size, void *context)
{
	struct place *place = context;
	const uintptr_t address = place->offset - module->dlpi_addr;

	(void)size;
	for (int i = 0; i < module->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &module->dlpi_phdr[i];

		if (segment->p_type == PT_NOTE)
			(void)read_note(module, segment, place);
		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_filesz)
			place->offset = address - segment->p_vaddr + segment->p_offset;
	}
	return 1;
}

static struct place here;

/* The return address is in the line of the call. */
static __attribute__((noinline)) void note_return_address(void)
{
	here.offset = (uintptr_t)__builtin_return_address(0);
	(void)dl_iterate_phdr(read_module, &here);
}

static __attribute__((noinline)) int known_function(void)
{
	note_return_address();
	return __LINE__ - 1;
}

static struct symbols *look_up(const char *record_text, const struct symbols_options *options)
{
	json_t *record = json_loads(record_text, 0, NULL);
	struct symbols_finder *finder = NULL;
	struct symbols *symbols = NULL;

	assert_non_null(record);
	assert_int_equal(symbols_finder_start(options, &finder), 0);
	assert_int_equal(symbols_of_record(finder, record, &symbols), 0);
	symbols_finder_stop(finder);
	json_decref(record);
	return symbols;
}

static void test_own_function(void **state)
{
	const struct symbols_options options = { .patience_ms = 60000 };
	const int line = known_function();
	char text[512];
	struct symbols *symbols;
	const struct symbols_frame *frame;

	(void)state;
	(void)snprintf(text, sizeof(text),
		       "{\"user_stack\":[{\"gap\":2},{\"build_id\":\"%s\",\"offset\":\"0x%llx\"}]}",
		       here.build_id, (unsigned long long)here.offset);
	symbols = look_up(text, &options);
	assert_int_equal(symbols->fault.state, SYMBOLS_ABSENT);
	assert_int_equal(symbols->count, 2);
	assert_int_equal(symbols->frames[0].state, SYMBOLS_GAP);
	assert_int_equal(symbols->frames[0].gap, 2);
	frame = &symbols->frames[1];
	assert_int_equal(frame->state, SYMBOLS_NAMED);
	assert_string_equal(frame->module, "symbols_test");
	assert_int_equal(frame->count, 1);
	assert_string_equal(frame->places[0].function, "known_function");
	assert_string_equal(frame->places[0].file, "symbols_test.c");
	assert_int_equal(frame->places[0].line, line);
	free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
