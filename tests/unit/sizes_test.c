// SPDX-License-Identifier: BSD-2-Clause
#include "source/sizes.h"

#include "unit.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

static const struct {
	uint64_t memory;
	unsigned int cpus;
	uint32_t ring, dossiers;
} cases[] = {
	/* the minimum of both, however little memory there is, or if nothing is known */
	{ 0, 0, MIB, 2048 },
	{ 256 * MIB, 2, MIB, 2048 },
	{ 512 * MIB, 2, MIB, 2048 },
	/* a share of the memory */
	{ 2 * GIB, 2, 4 * MIB, 2621 },
	{ 4 * GIB, 2, 8 * MIB, 5242 },
	/* that much for each processor, and no more */
	{ 24 * GIB, 2, 8 * MIB, 10240 },
	{ 24 * GIB, 3, 8 * MIB, 10240 },
	{ 24 * GIB, 8, 16 * MIB, 10240 },
	{ 1024 * GIB, 256, 16 * MIB, 10240 },
};

/*
 * `bpftool map show` has the kernel's memory for such a table of 5,242: within its share of 4 GiB.
 */
#define TABLE_BYTES 8312624

static void test_share(void **state)
{
	struct sizes sizes;

	(void)state;
	sizes_for(4 * GIB, 2, &sizes);
	assert_true((uint64_t)sizes.dossiers * TABLE_BYTES / 5242 <= 4 * GIB / 512);
}

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sizes sizes;

		sizes_for(cases[i].memory, cases[i].cpus, &sizes);
		assert_int_equal(sizes.ring_bytes, cases[i].ring);
		assert_int_equal(sizes.dossiers, cases[i].dossiers);
		assert_int_equal(sizes.details, cases[i].dossiers / 10);
	}
}

static void test_spare(void **state)
{
	static const struct {
		unsigned int cpus;
		uint32_t spare;
	} nodes[] = { { 0, 128 }, { 1, 128 }, { 2, 256 }, { 64, 8192 }, { 256, 8192 } };

	(void)state;
	for (size_t i = 0; i < COUNT(nodes); i++) {
		struct sizes sizes;

		sizes_for(4 * GIB, nodes[i].cpus, &sizes);
		assert_int_equal(sizes.spare, nodes[i].spare);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sizes),
					    cmocka_unit_test(test_share),
					    cmocka_unit_test(test_spare) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
