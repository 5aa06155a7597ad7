// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/node_files.h"
#include "tree.h"

#include <errno.h>

static struct node_files files = { .root_fd = -1 };

static int setup(void **state)
{
	return tree_make(state) || node_files_open(tree_root, &files);
}

static int teardown(void **state)
{
	node_files_close(&files);
	return tree_remove(state);
}

static int read_it(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	int error = node_files_read(&files, path, 100, &text, &size);

	if (!error) {
		assert_int_equal(strlen(text), size);
		assert_string_equal(text, "hello");
	}
	free(text);
	return error;
}

static void link_it(const char *target, const char *path)
{
	assert_int_equal(symlink(target, tree_path(path)), 0);
}

static void test_plain(void **state)
{
	(void)state;
	tree_write("/var/lib/x", "hello");
	assert_int_equal(read_it("/var/lib/x"), 0);
	assert_int_equal(read_it("var/lib/x"), 0);
	assert_true(node_files_is_missing(read_it("/var/lib/y")));
	assert_true(node_files_is_missing(read_it("/var/lib/x/y")));
	assert_false(node_files_is_missing(-EACCES));
}

/* A host's absolute links mean the host's files; none leads out. */
static void test_links_stay_inside(void **state)
{
	char outside[] = "/tmp/killtrace-outside.XXXXXX", above[128];
	int fd = mkstemp(outside);

	(void)state;
	assert_true(fd >= 0 && write(fd, "hello", 5) == 5);
	tree_write("/run/x", "hello");
	link_it("/run", "/var/run");
	assert_int_equal(read_it("/var/run/x"), 0);
	link_it("../run/x", "/var/relative");
	assert_int_equal(read_it("/var/relative"), 0);
	link_it(outside, "/absolute");
	assert_true(node_files_is_missing(read_it("/absolute")));
	(void)snprintf(above, sizeof(above), "../../../../..%s", outside);
	link_it(above, "/upwards");
	assert_true(node_files_is_missing(read_it("/upwards")));
	assert_true(node_files_is_missing(read_it(above)));
	link_it("/proc/self/root", "/magic");
	assert_true(node_files_is_missing(read_it("/magic/etc/passwd")));
	link_it("loop", "/loop");
	assert_int_equal(read_it("/loop"), -ELOOP);
	(void)close(fd);
	(void)unlink(outside);
}

static void test_what_is_no_file(void **state)
{
	char *text;
	size_t size;

	(void)state;
	assert_int_equal(mkfifo(tree_path("/fifo"), 0600), 0);
	assert_int_equal(read_it("/fifo"), -ENOTSUP);
	assert_int_equal(mkdir(tree_path("/folder"), 0700), 0);
	assert_int_equal(read_it("/folder"), -ENOTSUP);
	link_it("fifo", "/to-fifo");
	assert_int_equal(read_it("/to-fifo"), -ENOTSUP);
	assert_int_equal(node_files_list(&files, "/fifo", 10, NULL, NULL), -ENOTDIR);
	/* one that gives more than it says it has */
	node_files_close(&files);
	assert_int_equal(node_files_open("/", &files), 0);
	assert_int_equal(node_files_read(&files, "/dev/null", 100, &text, &size), -ENOTSUP);
	assert_int_equal(node_files_read(&files, "/proc/self/status", 100, &text, &size), -EAGAIN);
}

static void test_size(void **state)
{
	char text[101];

	(void)state;
	memset(text, 'x', sizeof(text));
	tree_write_bytes("/large", text, sizeof(text));
	assert_int_equal(read_it("/large"), -EFBIG);
	/* a gigabyte that takes no room */
	tree_write("/sparse", "");
	assert_int_equal(truncate(tree_path("/sparse"), 1 << 30), 0);
	assert_int_equal(read_it("/sparse"), -EFBIG);
}

static bool count(void *context, const char *name)
{
	assert_string_not_equal(name, ".");
	assert_string_not_equal(name, "..");
	return ++*(int *)context == 4;
}

static void test_list(void **state)
{
	char path[32];
	int seen = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "/logs/%d", i);
		tree_write(path, "");
	}
	assert_int_equal(node_files_list(&files, "/logs", 10, count, &seen), 0);
	assert_int_equal(seen, 3);
	seen = 0;
	assert_int_equal(node_files_list(&files, "/logs", 2, count, &seen), -EFBIG);
	assert_int_equal(seen, 2);
	seen = 2; /* satisfied with the second one */
	assert_int_equal(node_files_list(&files, "/logs", 2, count, &seen), 0);
	assert_true(node_files_is_missing(node_files_list(&files, "/none", 2, count, &seen)));
}

static void test_root(void **state)
{
	struct node_files other;

	(void)state;
	tree_write("/file", "hello");
	assert_int_equal(node_files_open(tree_path("/none"), &other), -ENOENT);
	assert_int_equal(node_files_open(tree_path("/file"), &other), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_stay_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_root, setup, teardown),
	};

	return cmocka_run_group_tests_name("node_files", tests, NULL, NULL);
}
