// SPDX-License-Identifier: BSD-2-Clause
/* Complete lines to descriptors that are slow, closed, full or unusual. */
#include "takes_nothing.h"

#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/time.h>

static char line[256 << 10]; /* more than a pipe holds */

static void on_alarm(int number)
{
	(void)number;
}

/* Writes that block are interrupted, as after an order to stop. */
static void nudge(bool on)
{
	struct sigaction action = { .sa_handler = on ? on_alarm : SIG_DFL };
	struct itimerval often = { { 0, on ? 5000 : 0 }, { 0, on ? 5000 : 0 } };

	if (on)
		assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	if (!on)
		assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
}

static void test_whole(void **state)
{
	char got[8] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(output_write(fds[1], "line\n", 5), 0);
	assert_int_equal(output_write(fds[1], "", 0), 0);
	assert_int_equal(read(fds[0], got, sizeof(got)), 5);
	assert_string_equal(got, "line\n");
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(output_write(fds[1], "line\n", 5), -EPIPE);
	assert_int_equal(close(fds[1]), 0);
}

static void test_takes_nothing(void **state)
{
	char path[64];
	pid_t pid = takes_nothing_begin(path, sizeof(path));
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	takes_nothing_from_now_on(pid);
	assert_int_equal(output_write(fd, "line\n", 5), -EIO);
	(void)alarm(0);
	assert_int_equal(close(fd), 0);
}

/* A write that continues later continues at the same place. */
static void test_written_from(void **state)
{
	char got[16] = "";
	size_t done = 0, before;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(output_write_from(fds[1], line, sizeof(line), &done), -EAGAIN);
	assert_true(done > 0 && done < sizeof(line));
	before = done;
	assert_int_equal(output_write_from(fds[1], line, sizeof(line), &done), -EAGAIN);
	assert_int_equal(done, before);
	while (read(fds[0], line, sizeof(line)) > 0)
		;
	done = 2;
	assert_int_equal(output_write_from(fds[1], "line\n", 5, &done), 0);
	assert_int_equal(done, 5);
	assert_int_equal(read(fds[0], got, sizeof(got)), 3);
	assert_string_equal(got, "ne\n");
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

static void test_told_to_stop_while_nobody_reads(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	output_stop = 1;
	nudge(true);
	assert_int_equal(output_write(fds[1], line, sizeof(line)), -EINTR);
	nudge(false);
	output_stop = 0;
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_takes_nothing),
		cmocka_unit_test(test_written_from),
		cmocka_unit_test(test_told_to_stop_while_nobody_reads),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
