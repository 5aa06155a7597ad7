// SPDX-License-Identifier: BSD-2-Clause
/* Rules for every entry of the table of runtimes. */
#include "unit.h"

#include "attribute/runtime_table.h"

#include <string.h>

static void test_names(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at), count++) {
		/* the first entry with a name is the one that is found */
		if (at->name)
			assert_ptr_equal(runtime_named(at->name), at);
		if (at->same_files_as)
			assert_non_null(runtime_named(at->same_files_as)->names);
		/* the runtime of the names must be known */
		if (at->names || at->claims)
			assert_non_null(at->name);
	}
	assert_true(count > 10);
	assert_null(runtime_named("nothing like it")->names);
	assert_null(runtime_named("")->forms);
}

/* Forms without a mark or a place are tried last, otherwise they would match those of others. */
static void test_forms(void **state)
{
	(void)state;
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const struct runtime_form *form = at->forms; form && form->id; form++) {
			const bool is_placed = form->prefix || form->parent ||
					       form->parent_starts || form->ancestor ||
					       form->ancestor_starts;

			assert_true(form->rank < FORM_RANKS);
			if (form->rank == FORM_MARKED)
				assert_true(is_placed);
			assert_int_equal(form->rank == FORM_MACHINE, form->kind == OWNER_MACHINE);
		}
}

static void check_files(const struct runtime_file *file)
{
	for (; file && file->folder; file++) {
		assert_int_equal(file->folder[0], '/');
		assert_int_not_equal(file->folder[strlen(file->folder) - 1], '/');
		assert_non_null(file->file);
		if (file->layout == FILE_BY_NAMESPACE_AND_ID)
			assert_int_not_equal(file->kind_elsewhere, file->kind);
	}
}

static bool has_folder(const struct runtime_file *file, const char *folder)
{
	for (; file && file->folder; file++)
		if (!strcmp(file->folder, folder))
			return true;
	return false;
}

static void test_files(void **state)
{
	(void)state;
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at)) {
		check_files(at->names);
		check_files(at->bundles);
		check_files(at->claims);
		/* a database is read for containers that were found beside it */
		for (const struct runtime_database *of = at->images; of && of->path; of++)
			assert_true(has_folder(at->names, of->folder));
		for (const char *const *folder = at->watched; folder && *folder; folder++)
			assert_int_equal((*folder)[0], '/');
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests_name("runtime_table", tests, NULL, NULL);
}
