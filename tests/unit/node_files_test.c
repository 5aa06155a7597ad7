// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/node_files.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <sys/syscall.h>

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

/* A host's absolute links refer to the host's files; none leads outside. */
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
	/* a file with more content than its size */
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
	/* a gigabyte that uses no space */
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
	seen = 2; /* stops at the second one */
	assert_int_equal(node_files_list(&files, "/logs", 2, count, &seen), 0);
	assert_true(node_files_is_missing(node_files_list(&files, "/none", 2, count, &seen)));
}

/* Components that are not names, and a path with a slash at the end. */
static void test_odd_paths(void **state)
{
	char deep[5000];

	(void)state;
	tree_write("/a/b/x", "hello");
	link_it("a/b", "/to-folder");
	link_it("b/", "/a/slash");
	link_it("/", "/to-root");
	link_it("b/x", "/a/to-x");
	assert_int_equal(read_it("//a/./b//x"), 0);
	assert_int_equal(read_it("../../a/b/../b/x"), 0);
	assert_int_equal(read_it("to-folder/../b/x"), 0);
	assert_int_equal(read_it("a/slash/x"), 0);
	assert_int_equal(read_it("a/to-x"), 0);
	assert_int_equal(read_it("to-root/to-root/a/to-x"), 0);
	assert_int_equal(read_it("a/b/x/"), -ENOTDIR);
	assert_int_equal(read_it("a/to-x/"), -ENOTDIR);
	assert_int_equal(read_it("a/b/x/.."), -ENOTDIR);
	assert_int_equal(read_it("a/b/"), -ENOTSUP);
	assert_int_equal(read_it("/"), -ENOTSUP);
	assert_int_equal(read_it(".."), -ENOTSUP);
	assert_int_equal(read_it(""), -ENOENT);
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(read_it(deep), -ENAMETOOLONG);
	deep[300] = '\0';
	assert_int_equal(read_it(deep), -ENAMETOOLONG);
}

/* The kernel's limit, MAXSYMLINKS. */
static void test_many_links(void **state)
{
	char path[32], target[32];

	(void)state;
	tree_write("/0", "hello");
	for (int i = 1; i <= 41; i++) {
		(void)snprintf(target, sizeof(target), "%d", i - 1);
		(void)snprintf(path, sizeof(path), "/%d", i);
		link_it(target, path);
	}
	assert_int_equal(read_it("40"), 0);
	assert_int_equal(read_it("41"), -ELOOP);
}

/* Links in procfs lead to a process's open files, wherever they are. */
static void test_magic_links(void **state)
{
	char *text = NULL;
	size_t size = 0;

	(void)state;
	node_files_close(&files);
	assert_int_equal(node_files_open("/", &files), 0);
	assert_int_equal(read_it("/proc/self/exe"), -ELOOP);
	assert_int_equal(read_it("/proc/self/root/etc/passwd"), -ELOOP);
	assert_int_equal(read_it("/proc/self/cwd"), -ELOOP);
	assert_int_equal(node_files_list(&files, "/proc/self/fd/0/..", 9, NULL, NULL), -ELOOP);
	assert_int_equal(read_it("/proc/thread-self/fd/0"), -ELOOP);
	assert_int_equal(node_files_read(&files, "/proc/mounts", 1, &text, &size), -EAGAIN);
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static void test_descriptors(void **state)
{
	const int before = count_descriptors();
	int fd, folder, seen = 0;

	(void)state;
	tree_write("/a/b/c/x", "hello");
	link_it("/a/b/c/../c/x", "/a/link");
	link_it("loop", "/a/loop");
	fd = node_files_open_file(&files, "a/link");
	folder = node_files_open_folder(&files, "a/b/c");
	assert_true(fd >= 0 && folder >= 0);
	assert_int_equal(node_files_open_folder(&files, "a/b/c/x"), -ENOTDIR);
	assert_int_equal(node_files_open_file(&files, "a/loop"), -ELOOP);
	assert_int_equal(node_files_open_file(&files, "a/b/none/x"), -ENOENT);
	assert_int_equal(node_files_list(&files, "a/b/c", 10, count, &seen), 0);
	assert_int_equal(count_descriptors(), before + 2);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(folder, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
	(void)close(folder);
}

static void test_root(void **state)
{
	struct node_files other;

	(void)state;
	tree_write("/file", "hello");
	assert_int_equal(node_files_open(tree_path("/none"), &other), -ENOENT);
	assert_int_equal(node_files_open(tree_path("/file"), &other), -ENOTDIR);
}

static int run_group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_stay_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_magic_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_root, setup, teardown),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

/* Refuses the call, as systemd and container runtimes do. The newest filter's answer counts. */
static void refuse_openat2(int error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct open_how how = { .flags = O_PATH };

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int)error), SCMP_SYS(openat2), 0) ||
	    seccomp_load(filter)) {
		(void)fprintf(stderr, "cannot refuse openat2\n");
		exit(1);
	}
	seccomp_release(filter);
	if (syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)) != -1 || errno != error) {
		(void)fprintf(stderr, "openat2 is not refused\n");
		exit(1);
	}
}

int main(void)
{
	int failed = run_group("node_files");

	refuse_openat2(ENOSYS);
	failed += run_group("node_files_without_openat2");
	refuse_openat2(EPERM);
	return failed + run_group("node_files_with_openat2_forbidden");
}
