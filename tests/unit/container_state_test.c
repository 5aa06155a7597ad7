// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cgroup that a runtime's state file names for its container. The good cases are real output of
 * the named versions, shortened.
 */
#include "unit.h"

#include "attribute/container_state.h"

#include <stdbool.h>
#include <string.h>

typedef bool reader(const char *text, size_t size, struct container_cgroups *ret);

/* 1: has it, 0: has it not, -1: no such file. */
static int has(reader *read, const char *text, const char *cgroup)
{
	struct container_cgroups found;

	return read(text, strlen(text), &found) ? container_cgroups_have(&found, cgroup) : -1;
}

/* runc 1.1.5: v1 with a memory cgroup below another, v2, hybrid */
static void test_runc(void **state)
{
	static const char v1[] = "{\"id\":\"web\",\"cgroup_paths\":{"
				 "\"cpu\":\"/sys/fs/cgroup/cpu/web\","
				 "\"memory\":\"/sys/fs/cgroup/memory/shop/web\"}}";
	static const char v2[] =
		"{\"id\":\"web\",\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/shop/web\"}}";

	(void)state;
	assert_int_equal(has(container_state_runc, v1, "/shop/web"), 1);
	assert_int_equal(has(container_state_runc, v1, "/web"), 0);
	assert_int_equal(has(container_state_runc, v1, "/eb"), 0);
	assert_int_equal(has(container_state_runc, v1, "/hop/web"), 0);
	assert_int_equal(has(container_state_runc, v1, "/web/web"), 0);
	assert_int_equal(has(container_state_runc, v1, "/shop"), 0);
	assert_int_equal(has(container_state_runc, v2, "/shop/web"), 1);
	assert_int_equal(has(container_state_runc, v2, "/shop/web/below"), 0);
	assert_int_equal(has(container_state_runc, v2, "/web"), 0);
	assert_int_equal(has(container_state_runc,
			     "{\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/unified/shop/web\"}}",
			     "/shop/web"),
			 1);
	assert_int_equal(has(container_state_runc,
			     "{\"cgroup_paths\":{\"\":\"/elsewhere/shop/web\"}}", "/shop/web"),
			 0);
}

/* crun 1.8.1 */
static void test_crun(void **state)
{
	static const char status[] = "{\"pid\":103,\"cgroup-path\":\"/shop/web\",\"scope\":\"\"}";

	(void)state;
	assert_int_equal(has(container_state_crun, status, "/shop/web"), 1);
	assert_int_equal(has(container_state_crun, status, "/web"), 0);
	assert_int_equal(has(container_state_crun, "{\"cgroup-path\":\"\"}", "/web"), 0);
}

/* containerd 1.6.20's ctr */
static void test_oci(void **state)
{
	static const char config[] = "{\"process\":{\"args\":[\"/shop/web\"]},"
				     "\"linux\":{\"cgroupsPath\":\"/shop/web\"}}";

	(void)state;
	assert_int_equal(has(container_state_oci, config, "/shop/web"), 1);
	assert_int_equal(has(container_state_oci, config, "/shop"), 0);
	assert_int_equal(has(container_state_oci, "{\"linux\":{}}", "/shop/web"), 0);
}

static void test_hostile(void **state)
{
	static reader *const readers[] = { container_state_runc, container_state_crun,
					   container_state_oci };
	static const char *const wrong[] = {
		"", "{", "[]", "7", "null", "\"/a\"", "{\"a\":\"\xff\"}"
	};
	static const char *const silent[] = {
		"{\"cgroup_paths\":7,\"cgroup-path\":{},\"linux\":[]}",
		"{\"cgroup_paths\":{\"\":null,\"cpu\":[]},\"linux\":{\"cgroupsPath\":1}}",
		"{\"cgroup_paths\":{\"\":\"\",\"a\":\"/\",\"b\":\"/sys/fs/cgroup\"}}",
		"{\"cgroup_paths\":{\"a\":\"/sys/fs/cgroup/\",\"b\":\"/sys/fs/cgroupshop/web\"}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(readers); i++) {
		for (size_t k = 0; k < COUNT(wrong); k++)
			assert_int_equal(has(readers[i], wrong[k], "/a"), -1);
		for (size_t k = 0; k < COUNT(silent); k++)
			assert_int_equal(has(readers[i], silent[k], "/shop/web"), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runc),
		cmocka_unit_test(test_crun),
		cmocka_unit_test(test_oci),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("container_state", tests, NULL, NULL);
}
