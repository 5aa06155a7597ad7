// SPDX-License-Identifier: BSD-2-Clause
/* What is extracted from a BTF, compared with what libbpf finds in the complete one. */
#include "unit.h"

#include "source/btf_extract.h"
#include "source/hooks.h"
#include "source/kernel_types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL "/sys/kernel/btf/vmlinux"

static const char *const names[] = { "wanted", "hook", "numbers", "in_module", "in_both", NULL };

static struct btf_bytes bytes_of(const struct btf *btf)
{
	struct btf_bytes bytes;
	__u32 size;

	bytes.data = btf__raw_data(btf, &size);
	assert_non_null(bytes.data);
	bytes.size = size;
	return bytes;
}

static struct btf *make_base(void)
{
	struct btf *btf = btf__new_empty();
	int word, unwanted, pointer, inner, array;

	assert_non_null(btf);
	word = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	unwanted = btf__add_struct(btf, "unwanted", 4);
	assert_int_equal(btf__add_field(btf, "x", word, 0, 0), 0);
	pointer = btf__add_ptr(btf, unwanted);
	inner = btf__add_struct(btf, "inner", 8);
	assert_int_equal(btf__add_field(btf, "first", word, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "second", word, 32, 0), 0);
	array = btf__add_array(btf, word, inner, 2);
	assert_true(btf__add_struct(btf, "wanted___old", 24) > 0);
	assert_int_equal(btf__add_field(btf, "to", pointer, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "many", array, 64, 0), 0);
	assert_true(btf__add_struct(btf, "in_both", 4) > 0);
	assert_int_equal(btf__add_field(btf, "of_base", word, 0, 0), 0);
	assert_true(btf__add_func_proto(btf, word) > 0);
	assert_int_equal(btf__add_func_param(btf, "task", pointer), 0);
	assert_true(btf__add_typedef(btf, "hook", btf__add_ptr(btf, (int)btf__type_cnt(btf) - 1)) >
		    0);
	assert_true(btf__add_enum(btf, "numbers", 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "NUMBER_SEVEN", 7), 0);
	return btf;
}

static struct btf *make_module(struct btf *base)
{
	struct btf *btf = btf__new_empty_split(base);
	const int inner = btf__find_by_name(base, "inner");

	assert_non_null(btf);
	assert_true(btf__add_struct(btf, "in_module", 8) > 0);
	assert_int_equal(btf__add_field(btf, "held", inner, 0, 0), 0);
	assert_true(btf__add_struct(btf, "in_both", 8) > 0);
	assert_int_equal(btf__add_field(btf, "of_module", inner, 0, 0), 0);
	return btf;
}

static struct btf *extracted(const struct btf *base, const struct btf *module,
			     struct btf_extract *ret)
{
	const struct btf_bytes bytes = bytes_of(base);
	struct btf_bytes added = { NULL, 0 };
	struct btf *btf;

	if (module)
		added = bytes_of(module);
	assert_int_equal(btf_extract(&bytes, module ? &added : NULL, names, ret), 0);
	btf = btf__new(ret->data, (__u32)ret->size);
	assert_non_null(btf);
	assert_int_equal(btf__type_cnt(btf), ret->count);
	return btf;
}

static const char *name_at(const struct btf *btf, uint32_t offset)
{
	return btf__name_by_offset(btf, offset);
}

/* CO-RE sees two types as the same: by kind, name, size and members, down to the pointers. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as types of a kernel nest by value */
static void expect_same(const struct btf *a, uint32_t id_a, const struct btf *b, uint32_t id_b)
{
	const struct btf_type *x = btf__type_by_id(a, id_a), *y = btf__type_by_id(b, id_b);

	assert_non_null(x);
	assert_non_null(y);
	assert_int_equal(x->info, y->info);
	assert_string_equal(name_at(a, x->name_off), name_at(b, y->name_off));
	if (btf_is_composite(x)) {
		assert_int_equal(x->size, y->size);
		for (uint32_t i = 0; i < btf_vlen(x); i++) {
			const struct btf_member *p = btf_members(x) + i, *q = btf_members(y) + i;

			assert_string_equal(name_at(a, p->name_off), name_at(b, q->name_off));
			assert_int_equal(p->offset, q->offset);
			expect_same(a, p->type, b, q->type);
		}
	} else if (btf_is_array(x)) {
		assert_int_equal(btf_array(x)->nelems, btf_array(y)->nelems);
		expect_same(a, btf_array(x)->type, b, btf_array(y)->type);
	} else if (btf_is_mod(x) || btf_is_typedef(x)) {
		if (x->type)
			expect_same(a, x->type, b, y->type);
	} else if (btf_is_any_enum(x)) {
		assert_int_equal(x->size, y->size);
		for (uint32_t i = 0; i < btf_vlen(x) && btf_is_enum(x); i++) {
			assert_int_equal(btf_enum(x)[i].val, btf_enum(y)[i].val);
			assert_string_equal(name_at(a, btf_enum(x)[i].name_off),
					    name_at(b, btf_enum(y)[i].name_off));
		}
	} else if (btf_is_int(x)) {
		assert_int_equal(x->size, y->size);
		assert_int_equal(*(const uint32_t *)(x + 1), *(const uint32_t *)(y + 1));
	}
}

static void test_wanted(void **state)
{
	struct btf *base = make_base();
	struct btf_extract extract;
	struct btf *btf = extracted(base, NULL, &extract);
	const struct btf_type *hook;
	int id;

	(void)state;
	assert_true(btf__find_by_name(btf, "unwanted") < 0);
	for (uint32_t i = 1; i < extract.count; i++)
		expect_same(btf, i, base, extract.numbers[i]);
	id = btf__find_by_name_kind(btf, "wanted___old", BTF_KIND_STRUCT);
	assert_true(id > 0);
	assert_int_equal(extract.numbers[id], btf__find_by_name(base, "wanted___old"));
	/* the parameters of a tracepoint are needed */
	hook = btf__type_by_id(btf, (__u32)btf__find_by_name(btf, "hook"));
	hook = btf__type_by_id(btf, btf__type_by_id(btf, hook->type)->type);
	assert_true(btf_is_func_proto(hook));
	assert_int_equal(btf_vlen(hook), 1);
	assert_true(btf_is_ptr(btf__type_by_id(btf, btf_params(hook)[0].type)));
	btf__free(btf);
	btf_extract_done(&extract);
	btf__free(base);
}

static void test_module(void **state)
{
	struct btf *base = make_base(), *module = make_module(base);
	struct btf_extract extract;
	struct btf *btf = extracted(base, module, &extract);
	const int id = btf__find_by_name(btf, "in_module");
	const int both = btf__find_by_name(btf, "in_both");

	(void)state;
	assert_true(id > 0);
	expect_same(btf, (uint32_t)id, module, (uint32_t)btf__find_by_name(module, "in_module"));
	assert_int_equal(extract.numbers[id], 0);
	/* as in libbpf: a module is searched for types that the kernel lacks */
	expect_same(btf, (uint32_t)both, base, (uint32_t)btf__find_by_name(base, "in_both"));
	for (uint32_t i = 1; i < extract.count; i++)
		assert_true((int)i == both || !btf_is_struct(btf__type_by_id(btf, i)) ||
			    strcmp(name_at(btf, btf__type_by_id(btf, i)->name_off), "in_both") !=
				    0);
	btf__free(btf);
	btf_extract_done(&extract);
	btf__free(module);
	btf__free(base);
}

/* Each byte changed, and each end cut off: it fails, or returns something valid. */
static void test_broken(void **state)
{
	struct btf *base = make_base();
	const struct btf_bytes whole = bytes_of(base);
	struct btf_extract extract;

	(void)state;
	for (size_t at = 0; at < whole.size; at++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			unsigned char *copy = malloc(whole.size);
			const struct btf_bytes bytes = { copy, whole.size };

			memcpy(copy, whole.data, whole.size);
			copy[at] ^= (unsigned char)(1U << bit);
			if (!btf_extract(&bytes, NULL, names, &extract))
				assert_non_null(extract.data);
			btf_extract_done(&extract);
			free(copy);
		}
	}
	for (size_t size = 0; size < whole.size; size++) {
		unsigned char *copy = malloc(size + 1);
		const struct btf_bytes bytes = { copy, size };

		memcpy(copy, whole.data, size);
		assert_int_equal(btf_extract(&bytes, NULL, names, &extract), -EINVAL);
		free(copy);
	}
	btf__free(base);
}

/* Everything that libbpf would find in this kernel's BTF is in the extract that it gets. */
static void test_kernel(void **state)
{
	struct kernel_types *types = NULL;
	const struct btf *few;
	struct btf *all;

	(void)state;
	if (access(KERNEL, R_OK))
		skip();
	all = btf__parse(KERNEL, NULL);
	assert_non_null(all);
	assert_int_equal(kernel_types_read(NULL, &types), 0);
	assert_non_null(kernel_types_path(types));
	few = kernel_types_btf(types);
	assert_true(btf__type_cnt(few) < btf__type_cnt(all) / 10);
	for (uint32_t i = 1; i < btf__type_cnt(few); i++) {
		const struct btf_type *type = btf__type_by_id(few, i);
		const char *name = name_at(few, type->name_off);

		if (*name && btf_is_composite(type)) {
			const int id = btf__find_by_name_kind(all, name, btf_kind(type));

			assert_int_equal(kernel_types_number(types, name, btf_kind(type)), id);
			expect_same(few,
				    (uint32_t)btf__find_by_name_kind(few, name, btf_kind(type)),
				    all, (uint32_t)id);
		}
	}
	for (int i = 0; i < HOOK_COUNT; i++) {
		const char *name = hook_name((enum hook)i);
		const int id = btf__find_by_name_kind(all, name, BTF_KIND_FUNC);

		assert_int_equal(kernel_types_number(types, name, BTF_KIND_FUNC), id < 0 ? 0 : id);
	}
	assert_int_equal(kernel_types_number(types, "bpf_iter_task", BTF_KIND_FUNC),
			 btf__find_by_name_kind(all, "bpf_iter_task", BTF_KIND_FUNC));
	kernel_types_free(types);
	btf__free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
