// SPDX-License-Identifier: BSD-2-Clause
/*
 * A parser that was taken over, and answers whatever it likes: this test replaces the real
 * processes.
 */
#include "unit.h"

#include "attribute/parser_child.h"
#include "attribute/parser_wire.h"
#include "base/clock.h"
#include "parser.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Answers the first question; all workers after the first are honest. */
static void (*first)(int agent);

static void answer_honestly(int agent)
{
	struct file_answer one = { .names.name = "web", .names.image = "bb:1" };

	(void)parser_wire_send(agent, &one, sizeof(one), -1);
}

/* No fork: one worker is enough here. */
void parser_child_run(int control, pid_t pid)
{
	int agent = -1;
	bool honest = false;

	(void)pid;
	/* otherwise it would hold the other end of its own socket */
	for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
		if (fd != control)
			(void)close(fd);
	for (;;) {
		struct pollfd fds[] = { { .fd = control, .events = POLLIN },
					{ .fd = agent, .events = POLLIN } };
		struct file_question question;
		int fd = -1;

		(void)poll(fds, 2, -1);
		if (fds[0].revents) {
			char order;

			if (parser_wire_receive(control, &order, 1, &fd) <= 0)
				_exit(0);
			if (fd < 0)
				continue; /* an order to kill a silent worker */
			honest = agent >= 0;
			(void)close(agent);
			agent = fd;
		} else if (parser_wire_receive(agent, &question, sizeof(question), &fd) > 0) {
			(honest ? answer_honestly : first)(agent);
			(void)close(fd);
		} else {
			(void)shutdown(agent, SHUT_RDWR);
			usleep(1000);
		}
	}
}

static void say_nothing(int agent)
{
	(void)agent;
}

static void hang_up(int agent)
{
	(void)shutdown(agent, SHUT_RDWR);
}

static void send_bytes(int agent, size_t size, int byte)
{
	static char bytes[2 * sizeof(struct file_answer)];

	memset(bytes, byte, sizeof(bytes));
	(void)parser_wire_send(agent, bytes, size, -1);
}

static void say_too_little(int agent)
{
	send_bytes(agent, sizeof(struct file_answer) - 1, 0);
}

static void say_one_byte(int agent)
{
	send_bytes(agent, 1, 0);
}

static void say_too_much(int agent)
{
	send_bytes(agent, sizeof(struct file_answer) + 1, 0);
}

static void say_all_ones(int agent)
{
	send_bytes(agent, sizeof(struct file_answer), 0xff);
}

static void say_no_errno(int agent)
{
	struct file_answer one = { .error = 7 };

	(void)parser_wire_send(agent, &one, sizeof(one), -1);
}

static void say_large_errno(int agent)
{
	struct file_answer one = { .error = INT32_MIN };

	(void)parser_wire_send(agent, &one, sizeof(one), -1);
}

/* Each string, without a NUL at its end. */
static size_t field_at, field_size;

static void say_endless_string(int agent)
{
	struct file_answer one = { 0 };

	memset((char *)&one + field_at, 'x', field_size);
	(void)parser_wire_send(agent, &one, sizeof(one), -1);
}

static void say_good_with(int fd, int agent)
{
	struct file_answer one = { .names.name = "web" };

	(void)parser_wire_send(agent, &one, sizeof(one), fd);
}

static void give_descriptor(int agent)
{
	say_good_with(STDIN_FILENO, agent);
}

static void ask_with(void (*how)(int agent))
{
	first = how;
	assert_int_equal(parser_start(&parser), 0);
	parser_set_patience(parser, PATIENT_MS);
}

/* Only this one answer is lost. */
static void refused(void (*how)(int agent), int error)
{
	ask_with(how);
	if (error == -ETIMEDOUT)
		parser_set_patience(parser, PARSER_PATIENCE_MS);
	assert_int_equal(parser_ask_config(), error);
	parser_set_patience(parser, PATIENT_MS);
	assert_int_equal(parser_lost(parser), 1);
	assert_string_equal(answer.names.name, "");
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 1);
	parser_stop(parser);
}

static void test_nonsense(void **state)
{
	(void)state;
	refused(hang_up, -EOWNERDEAD);
	refused(say_too_little, -EOWNERDEAD);
	refused(say_one_byte, -EOWNERDEAD);
	refused(say_too_much, -EOWNERDEAD);
	refused(say_all_ones, -EOWNERDEAD);
	refused(say_no_errno, -EOWNERDEAD);
	refused(say_large_errno, -EOWNERDEAD);
}

#define FIELD(member)                                                                           \
	{                                                                                       \
		offsetof(struct file_answer, member), sizeof(((struct file_answer *)0)->member) \
	}

static void test_endless_strings(void **state)
{
	static const struct {
		size_t at, size;
	} fields[] = {
		FIELD(names.name),      FIELD(names.image),    FIELD(names.namespace),
		FIELD(names.pod),       FIELD(names.pod_uid),  FIELD(names.container),
		FIELD(names.sandbox),   FIELD(names.unit),     FIELD(names.cgroup),
		FIELD(cgroups.unified), FIELD(cgroups.memory), FIELD(path),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		field_at = fields[i].at;
		field_size = fields[i].size;
		refused(say_endless_string, -EOWNERDEAD);
	}
}

static void test_silence(void **state)
{
	uint64_t before = clock_boottime_ns();

	(void)state;
	refused(say_nothing, -ETIMEDOUT);
	assert_true(clock_boottime_ns() - before >= (uint64_t)NS_PER_S);
}

/* Bytes behind a string's end, and fields that it may not set, are not copied. */
static void test_leftovers(void **state)
{
	struct file_answer made = { .names.name = "web", .names.id = "other" }, clean;

	(void)state;
	memset(made.names.name + 10, 'x', sizeof(made.names.name) - 10);
	memset(made.names.runtime, 'x', sizeof(made.names.runtime));
	assert_true(file_answer_check(&made, &clean));
	assert_string_equal(clean.names.name, "web");
	assert_int_equal(clean.names.name[10], 0);
	assert_string_equal(clean.names.id, "");
	assert_string_equal(clean.names.runtime, "");
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* A descriptor that was not requested. */
static void test_gift(void **state)
{
	int before;

	(void)state;
	ask_with(give_descriptor);
	assert_int_equal(parser_ask_config(), 0);
	before = count_descriptors();
	for (int i = 0; i < 100; i++)
		assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(count_descriptors(), before);
	parser_stop(parser);
}

static bool can_map(int protection, int flags)
{
	return syscall(SYS_mmap, NULL, 4096, protection, flags, -1, 0) != -1;
}

/* 0, or the number of the failed check. */
static int try_to_map(void)
{
	/* the sanitizer needs the last one to exit */
	static const char *const calls[] = { "mmap",       "mmap2",       "munmap", "futex",
					     "exit_group", "sigaltstack", NULL };
	const int data = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || powerless_calls(calls))
		return 1;
	if (!can_map(data, anonymous) || !can_map(PROT_NONE, anonymous | MAP_NORESERVE))
		return 2;
	if (can_map(data, MAP_SHARED | MAP_ANONYMOUS) ||
	    can_map(data, MAP_SHARED_VALIDATE | MAP_ANONYMOUS))
		return 3;
	if (can_map(data | PROT_EXEC, anonymous) || can_map(PROT_EXEC, anonymous))
		return 4;
	return can_map(data, anonymous | MAP_GROWSDOWN) ? 5 : 0;
}

/* Its memory is limited by a limit that counts only some kinds. */
static void test_memory(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(try_to_map());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define HELD 64

/* As root in a container without capabilities can: descriptors that are sent but not received. */
static void hold_descriptors(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	for (int i = 0; i < HELD; i++)
		assert_int_equal(parser_wire_send(ends[0], "", 1, STDIN_FILENO), 0);
}

/* 0, or the number of the failed step. */
static int ask_below_limit(void)
{
	const struct rlimit few = { HELD / 2, HELD / 2 };
	const uid_t other = 65534;
	int ends[2], said[2], before = dup(STDERR_FILENO);
	char text[1024];
	ssize_t got;

	first = answer_honestly;
	if (parser_start(&parser) || pipe2(said, O_CLOEXEC))
		return 1;
	parser_set_patience(parser, PATIENT_MS);
	/* CAP_SYS_RESOURCE would lift the limit */
	if (!geteuid() && setresuid(other, other, other))
		return 2;
	hold_descriptors(ends);
	if (setrlimit(RLIMIT_NOFILE, &few) || dup2(said[1], STDERR_FILENO) < 0)
		return 3;
	for (int i = 0; i < 3; i++)
		if (parser_ask_config() != -ETOOMANYREFS)
			return 4;
	(void)dup2(before, STDERR_FILENO);
	(void)close(said[1]);
	got = read(said[0], text, sizeof(text) - 1);
	if (got <= 0 || strnlen(text, (size_t)got) != (size_t)got)
		return 5;
	text[got] = '\0';
	/* reported once */
	if (!strstr(text, "LimitNOFILE=") || strchr(text, '\n') != text + got - 1)
		return 6;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return parser_ask_config() ? 7 : 0;
}

static void test_descriptors_on_their_way(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(chmod(tree_path(""), 0777), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(ask_below_limit());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_make, tree_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nonsense),
		TEST(test_endless_strings),
		TEST(test_silence),
		TEST(test_leftovers),
		TEST(test_gift),
		TEST(test_memory),
		TEST(test_descriptors_on_their_way),
	};

	return cmocka_run_group_tests_name("parser_hostile", tests, NULL, NULL);
}
