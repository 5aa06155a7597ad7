// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rights of a confined process, each tested in a child of its own. Reports the first line that
 * failed.
 */
#include "unit.h"

#include "base/confine.h"
#include "tree.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int wrong;
#define EXPECT(condition)                      \
	do {                                   \
		if (!(condition) && !wrong)    \
			wrong = (int)__LINE__; \
	} while (0)

static bool traces, network;

static void in_child(void (*act)(void))
{
	char out[PATH_MAX], late[PATH_MAX];
	int status;
	pid_t pid;

	(void)snprintf(out, sizeof(out), "%s", tree_path("/out"));
	(void)snprintf(late, sizeof(late), "%s", tree_path("/late/one"));
	pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		const struct confinement confinement = {
			.traces = traces,
			.network = network,
			.folders = { out, late },
		};

		confine(&confinement);
		act();
		if (wrong)
			(void)fprintf(stderr, "line %d, errno %d\n", wrong, errno);
		_exit(wrong != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void *nothing(void *context)
{
	return context;
}

/* Whether the result is as if the kernel lacked the call. */
static bool is_refused(long result)
{
	return result == -1 && errno == ENOSYS;
}

static void no_programs(void)
{
	char *argv[] = { "true", NULL };
	pthread_t thread;
	void *result = NULL;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	EXPECT(is_refused(pid));
	EXPECT(is_refused(execv("/bin/true", argv)));
	EXPECT(!pthread_create(&thread, NULL, nothing, &thread) && !pthread_join(thread, &result) &&
	       result == &thread);
	EXPECT(is_refused(syscall(SYS_clone, CLONE_THREAD | CLONE_NEWUSER, 0, 0, 0, 0)));
	EXPECT(is_refused(unshare(CLONE_NEWUSER)));
	EXPECT(is_refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)));
	EXPECT(is_refused(kill(getppid(), 0)) && !kill(getpid(), 0));
	EXPECT(is_refused(mount("none", "/mnt", "tmpfs", 0, NULL)));
	EXPECT(is_refused(ioctl(0, TIOCSTI, "x")));
	EXPECT(is_refused(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0)));
}

static void test_no_programs(void **state)
{
	(void)state;
	traces = network = false;
	in_child(no_programs);
}

static void maps_only(void)
{
	union bpf_attr attr = { .map_fd = 9999 };

	EXPECT(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) == -1 && errno != ENOSYS);
	EXPECT(is_refused(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr))));
	EXPECT(is_refused(syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr))));
}

static void no_maps(void)
{
	union bpf_attr attr = { .map_fd = 9999 };

	EXPECT(is_refused(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr))));
}

static void test_maps(void **state)
{
	(void)state;
	network = false;
	traces = true;
	in_child(maps_only);
	traces = false;
	in_child(no_maps);
}

static void no_network(void)
{
	EXPECT(is_refused(socket(AF_INET, SOCK_STREAM, 0)));
	EXPECT(is_refused(socket(AF_PACKET, SOCK_RAW, 0)));
	EXPECT(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0);
}

static void some_network(void)
{
	struct addrinfo *found = NULL;

	EXPECT(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	EXPECT(is_refused(socket(AF_PACKET, SOCK_RAW, 0)));
	EXPECT(!getaddrinfo("localhost", "1", NULL, &found) && found);
}

static void test_network(void **state)
{
	(void)state;
	traces = false;
	network = false;
	in_child(no_network);
	network = true;
	in_child(some_network);
}

static int write_to(const char *path)
{
	int fd = open(tree_path(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	return fd < 0 || write(fd, "x", 1) != 1 || close(fd) ? -errno : 0;
}

static void writes_inside(void)
{
	char from[PATH_MAX];

	EXPECT(!write_to("/out/file") && !write_to("/out/below/file"));
	(void)snprintf(from, sizeof(from), "%s", tree_path("/out/file"));
	EXPECT(!rename(from, tree_path("/out/other")) && !unlink(tree_path("/out/other")));
	/* the folder was made after the confinement */
	EXPECT(!write_to("/late/one/file"));
}

static void writes_nowhere_else(void)
{
	char text[8];
	int fd = open(tree_path("/secret"), O_RDONLY);

	EXPECT(fd >= 0 && read(fd, text, sizeof(text)) == 5);
	EXPECT(write_to("/secret") == -EACCES);
	EXPECT(write_to("/new") == -EACCES);
	EXPECT(unlink(tree_path("/secret")) && errno == EACCES);
	EXPECT(truncate(tree_path("/secret"), 0) && errno == EACCES);
	EXPECT(symlink("/etc", tree_path("/out/link")) == -1);
	EXPECT(mknod(tree_path("/out/device"), S_IFCHR | 0600, 0) == -1);
	EXPECT(open("/dev/null", O_WRONLY) == -1 && errno == EACCES);
}

static void make_folders(void)
{
	assert_false(mkdir(tree_path("/out"), 0700) || mkdir(tree_path("/late"), 0700));
	tree_write("/secret", "hello");
}

static void test_writes_inside(void **state)
{
	(void)state;
	make_folders();
	traces = network = false;
	in_child(writes_inside);
}

static void test_writes_nowhere_else(void **state)
{
	(void)state;
	/* Landlock's version 3 covers truncation as well */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 3)
		skip();
	make_folders();
	traces = network = false;
	in_child(writes_nowhere_else);
}

static rlim_t nr_open(void)
{
	FILE *file = fopen("/proc/sys/fs/nr_open", "re");
	char text[32] = "";

	if (file) {
		(void)fgets(text, sizeof(text), file);
		(void)fclose(file);
	}
	return strtoul(text, NULL, 10);
}

/* Up to the machine's limit, if allowed; otherwise up to its own hard limit. */
static int raise_limit(void)
{
	struct rlimit limit = { 100, 200 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return 1;
	confine_allow_descriptors();
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur != limit.rlim_max)
		return 2;
	return limit.rlim_max == nr_open() || limit.rlim_max == 200 ? 0 : 3;
}

static void test_descriptors(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(raise_limit());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_programs, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_maps, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_network, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_writes_inside, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_writes_nowhere_else, tree_make, tree_remove),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
