// SPDX-License-Identifier: BSD-2-Clause
/* A process reads the files, and may be stopped, be killed or find files that never end. */
#include "unit.h"

#include "base/clock.h"
#include "parser.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int setup(void **state)
{
	if (tree_make(state) || parser_start(&parser))
		return -1;
	parser_set_patience(parser, PATIENT_MS);
	return 0;
}

static int teardown(void **state)
{
	parser_stop(parser);
	return tree_remove(state);
}

/* 0: none. */
static pid_t child_of(pid_t pid)
{
	char path[64], text[64] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	return (pid_t)strtol(text, NULL, 10);
}

static void find_children(pid_t agent, pid_t *ret_starter, pid_t *ret_worker)
{
	*ret_starter = child_of(agent);
	assert_true(*ret_starter > 0);
	*ret_worker = child_of(*ret_starter);
	assert_true(*ret_worker > 0);
}

/* A zombie is gone, too. */
static bool is_gone(pid_t pid)
{
	char path[64], text[512] = "";
	const char *state;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	state = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	(void)fclose(file);
	return !state || state[2] == 'Z' || state[2] == 'X';
}

static void wait_until_gone(pid_t pid)
{
	for (int i = 0; i < 1000 && !is_gone(pid); i++)
		usleep(10000);
	assert_true(is_gone(pid));
}

static void wait_for_state(pid_t pid, char wanted)
{
	char path[64], text[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 1000; i++) {
		FILE *file = fopen(path, "re");
		const char *state;

		assert_non_null(file);
		state = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
		(void)fclose(file);
		if (state && state[2] == wanted)
			return;
		usleep(10000);
	}
	fail();
}

static void test_answers(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(parser_ask_config(), 0);
	assert_string_equal(answer.names.image, "bb:1");
	assert_int_equal(parser_ask_text("[", 1), -EBADMSG);
	assert_int_equal(parser_ask_text("", 0), -EBADMSG);
	assert_int_equal(parser_lost(parser), 0);
}

/* Whatever size the file has. */
static void test_bounds(void **state)
{
	AUTO_CLOSE int fd = -1;

	(void)state;
	tree_write("/file", CONFIG);
	fd = open(tree_path("/file"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(parser_ask_fd(fd, FILE_DOCKER, (uint64_t)1 << 40), -EFBIG);
	assert_int_equal(parser_ask_fd(fd, FILE_PODMAN_SQLITE, UINT64_MAX), -EFBIG);
	assert_int_equal(parser_ask_fd(fd, FILE_DOCKER, 3), -EAGAIN);
	assert_int_equal(parser_ask_fd(fd, FILE_KINDS, 3), -EINVAL);
	assert_int_equal(parser_lost(parser), 0);
}

static void test_bombs(void **state)
{
	const size_t size = (512U << 10) - 1;
	AUTO_FREE char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	memset(text, '[', size);
	assert_int_equal(parser_ask_text(text, size), -EBADMSG);
	for (size_t i = 0; i + 3 <= size; i += 3)
		memcpy(text + i, "{},", 3);
	text[0] = '[';
	assert_int_equal(parser_ask_text(text, size), -EBADMSG);
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 0);
}

/* The death of an idle worker loses nothing. */
static void test_killed_while_idle(void **state)
{
	pid_t starter, first, second;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &first);
	assert_int_equal(kill(first, SIGKILL), 0);
	wait_until_gone(first);
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 0);
	find_children(getpid(), &starter, &second);
	assert_int_not_equal(first, second);
}

static void *kill_soon(void *pid)
{
	usleep(200000);
	(void)kill(*(pid_t *)pid, SIGKILL);
	return NULL;
}

static void test_killed_while_it_reads(void **state)
{
	pid_t starter, worker;
	pthread_t killer;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(pthread_create(&killer, NULL, kill_soon, &worker), 0);
	assert_int_equal(parser_ask_fd(ends[0], FILE_DOCKER, 100), -EOWNERDEAD);
	assert_int_equal(pthread_join(killer, NULL), 0);
	assert_int_equal(parser_lost(parser), 1);
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void test_file_without_end(void **state)
{
	uint64_t before = clock_boottime_ns();
	pid_t starter, worker;
	int ends[2];

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	parser_set_patience(parser, PARSER_PATIENCE_MS);
	assert_int_equal(parser_ask_fd(ends[0], FILE_DOCKER, 100), -ETIMEDOUT);
	parser_set_patience(parser, PATIENT_MS);
	assert_true(clock_boottime_ns() - before < 30 * (uint64_t)NS_PER_S);
	assert_int_equal(parser_ask_config(), 0);
	wait_until_gone(worker);
	assert_int_equal(parser_lost(parser), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void test_stopped(void **state)
{
	uint64_t before;
	pid_t starter, worker;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	wait_for_state(worker, 'T');
	before = clock_boottime_ns();
	parser_set_patience(parser, PARSER_PATIENCE_MS);
	assert_int_equal(parser_ask_config(), -ETIMEDOUT);
	parser_set_patience(parser, PATIENT_MS);
	assert_true(clock_boottime_ns() - before >= (uint64_t)NS_PER_S);
	assert_int_equal(parser_lost(parser), 1);
	assert_int_equal(parser_ask_config(), 0);
	wait_until_gone(worker);
}

/* It is slow, not gone: waiting questions are answered when it continues. */
static void test_starter_stopped(void **state)
{
	pid_t starter, worker;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(kill(starter, SIGSTOP), 0);
	wait_for_state(starter, 'T');
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(kill(worker, SIGKILL), 0);
	usleep(100000);
	parser_set_patience(parser, PARSER_PATIENCE_MS);
	assert_int_equal(parser_ask_config(), -ETIMEDOUT);
	parser_set_patience(parser, PATIENT_MS);
	assert_int_equal(kill(starter, SIGCONT), 0);
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 1);
}

static bool has_hung_up(int fd, int timeout_ms)
{
	struct pollfd one = { .fd = fd };

	return poll(&one, 1, timeout_ms) == 1 && one.revents & POLLHUP;
}

static void test_starter_killed(void **state)
{
	pid_t starter, worker;
	int end;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	end = parser_end_fd(parser);
	assert_true(end >= 0);
	assert_false(has_hung_up(end, 0));
	find_children(getpid(), &starter, &worker);
	assert_int_equal(kill(starter, SIGKILL), 0);
	assert_true(has_hung_up(end, PATIENT_MS));
	wait_until_gone(worker);
	for (int i = 0; i < 3; i++)
		assert_int_equal(parser_ask_config(), -ENOTCONN);
	assert_int_equal(parser_lost(parser), 3);
	/* the asking side closes only its own */
	assert_true(has_hung_up(end, 0));
	assert_int_equal(close(end), 0);
	assert_int_equal(parser_end_fd(parser), -EBADF);
}

static int score_of(pid_t pid)
{
	char path[64], text[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	(void)fclose(file);
	return (int)strtol(text, NULL, 10);
}

static void set_score(int score)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	assert_non_null(file);
	(void)fprintf(file, "%d", score);
	assert_int_equal(fclose(file), 0);
}

/*
 * If a service or a pod is at its limit, they are as likely to be killed as the agent, but they
 * have no priority.
 */
static void test_inherited(void **state)
{
	const int nice = getpriority(PRIO_PROCESS, 0), score = score_of(getpid());
	pid_t starter, worker;

	(void)state;
	parser_stop(parser);
	set_score(score + 1);
	if (!geteuid())
		assert_int_equal(setpriority(PRIO_PROCESS, 0, -5), 0);
	assert_int_equal(parser_start(&parser), 0);
	parser_set_patience(parser, PATIENT_MS);
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(score_of(starter), score + 1);
	assert_int_equal(score_of(worker), score + 1);
	if (!geteuid()) {
		assert_int_equal(getpriority(PRIO_PROCESS, (id_t)starter), 0);
		assert_int_equal(getpriority(PRIO_PROCESS, (id_t)worker), 0);
		assert_int_equal(setpriority(PRIO_PROCESS, 0, nice), 0);
		set_score(score);
	}
}

/* The agent gave up on it: the next file need not wait for it. */
static void test_late_is_killed(void **state)
{
	pid_t starter, worker;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	wait_for_state(worker, 'T');
	parser_set_patience(parser, PARSER_PATIENCE_MS);
	assert_int_equal(parser_ask_config(), -ETIMEDOUT);
	wait_until_gone(worker);
}

static void test_no_leftovers(void **state)
{
	pid_t starter, worker;
	int end;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	end = parser_end_fd(parser);
	assert_true(end >= 0);
	find_children(getpid(), &starter, &worker);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	wait_for_state(worker, 'T');
	parser_stop(parser);
	parser = NULL;
	assert_int_equal(kill(starter, 0), -1);
	wait_until_gone(worker);
	assert_int_equal(close(end), 0);
}

/* Kills an agent with stopped children. */
static void killed_with(int signal)
{
	pid_t agent, starter, worker;
	char byte;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	agent = fork();
	assert_true(agent >= 0);
	if (!agent) {
		if (parser_start(&parser) || parser_ask_config() || write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	(void)close(ends[0]);
	find_children(agent, &starter, &worker);
	if (signal) {
		assert_int_equal(kill(worker, signal), 0);
		assert_int_equal(kill(starter, signal), 0);
		wait_for_state(starter, 'T');
	}
	assert_int_equal(kill(agent, SIGKILL), 0);
	assert_int_equal(waitpid(agent, &status, 0), agent);
	wait_until_gone(starter);
	wait_until_gone(worker);
}

static void test_agent_killed(void **state)
{
	(void)state;
	killed_with(0);
	killed_with(SIGSTOP);
}

/*
 * As on a kernel before 5.9, which has no close_range(2). Unused numbers must not be closed one by
 * one: there can be a thousand million.
 */
static void forbid_close_range(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(close_range), 0) ||
	    seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(close), 1,
			     SCMP_A0(SCMP_CMP_GE, 300, 0)) ||
	    seccomp_load(filter))
		_exit(2);
	seccomp_release(filter);
}

/* The other end shows that the starter has closed the inherited one. */
static int start_beside(int end)
{
	struct pollfd one = { .fd = end, .events = POLLIN };

	if (parser_start(&parser))
		return 3;
	parser_set_patience(parser, PATIENT_MS);
	if (parser_ask_config())
		return 4;
	(void)close(200);
	return poll(&one, 1, PATIENT_MS) == 1 && one.revents == POLLHUP ? 0 : 5;
}

static void test_started_without_close_range(void **state)
{
	struct rlimit limit;
	int ends[2], status;
	pid_t agent;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_max > 300);
	assert_int_equal(pipe(ends), 0);
	agent = fork();
	assert_true(agent >= 0);
	if (!agent) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) || dup2(ends[1], 200) != 200)
			_exit(1);
		(void)close(ends[1]);
		forbid_close_range();
		_exit(start_beside(ends[0]));
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
	assert_int_equal(waitpid(agent, &status, 0), agent);
	assert_int_equal(status, 0);
}

/* Ctrl-C on a terminal and systemd send these to all processes of a service. */
static void test_signals_of_the_end(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	pid_t starter, worker;

	(void)state;
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	for (size_t i = 0; i < COUNT(signals); i++) {
		assert_int_equal(kill(starter, signals[i]), 0);
		assert_int_equal(kill(worker, signals[i]), 0);
	}
	assert_int_equal(parser_ask_config(), 0);
	assert_int_equal(parser_lost(parser), 0);
}

static void read_status(pid_t pid, const char *key, char *ret, size_t size)
{
	char path[64], line[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	ret[0] = '\0';
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			(void)snprintf(ret, size, "%s", line + strlen(key) + 2);
	(void)fclose(file);
	ret[strcspn(ret, "\n")] = '\0';
}

static void test_powerless(void **state)
{
	static const char *const sets[] = { "CapEff", "CapPrm", "CapInh", "CapAmb" };
	pid_t starter, worker;
	struct powerless told;
	long filters;
	char text[256], user[64];

	(void)state;
	assert_int_equal(parser_state(parser, &told), 0);
	assert_int_equal(told.refused & ~(POWERLESS_OWN_UID | POWERLESS_NO_FILES), 0);
	assert_int_equal(!(told.refused & POWERLESS_OWN_UID), geteuid() == 0);
	assert_int_equal(parser_ask_config(), 0);
	find_children(getpid(), &starter, &worker);
	(void)snprintf(user, sizeof(user), "%u\t%u\t%u\t%u", told.uid, told.uid, told.uid,
		       told.uid);
	read_status(worker, "Uid", text, sizeof(text));
	assert_string_equal(text, user);
	assert_true(geteuid() != 0 || told.uid >= 65534);
	for (size_t i = 0; i < COUNT(sets); i++) {
		read_status(worker, sets[i], text, sizeof(text));
		assert_string_equal(text, "0000000000000000");
		read_status(starter, sets[i], text, sizeof(text));
		assert_string_equal(text, "0000000000000000");
	}
	read_status(worker, "Seccomp", text, sizeof(text));
	assert_string_equal(text, "2");
	read_status(starter, "Seccomp_filters", text, sizeof(text));
	filters = strtol(text, NULL, 10);
	read_status(worker, "Seccomp_filters", text, sizeof(text));
	assert_int_equal(strtol(text, NULL, 10), filters + 1);
	read_status(worker, "NoNewPrivs", text, sizeof(text));
	assert_string_equal(text, "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_bounds),
		TEST(test_bombs),
		TEST(test_killed_while_idle),
		TEST(test_killed_while_it_reads),
		TEST(test_file_without_end),
		TEST(test_stopped),
		TEST(test_starter_stopped),
		TEST(test_starter_killed),
		TEST(test_late_is_killed),
		TEST(test_inherited),
		TEST(test_no_leftovers),
		TEST(test_agent_killed),
		cmocka_unit_test_setup_teardown(test_started_without_close_range, tree_make,
						tree_remove),
		TEST(test_signals_of_the_end),
		TEST(test_powerless),
	};

	return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
