// SPDX-License-Identifier: BSD-2-Clause
/* The queue on disk: its order, its bounds, and how it handles unexpected files. */
#include "unit.h"

#include "otlp/otlp_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLENTY (64U << 20)

static char folder[] = "/tmp/kt-queue-XXXXXX";
static char path[512];

static int remove_one(const char *name, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(name);
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return !mkdtemp(folder);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in_folder(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put_file(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static bool is_there(const char *name)
{
	struct stat st;

	return !lstat(in_folder(name), &st);
}

static struct otlp_queue *open_queue(uint64_t most)
{
	struct otlp_queue *queue = otlp_queue_new(folder, most);

	assert_non_null(queue);
	return queue;
}

static void put(struct otlp_queue *queue, const char *line)
{
	assert_int_equal(otlp_queue_put(queue, line, strlen(line)), 0);
}

/* Expects this to be the oldest, and removes it. */
static void expect(struct otlp_queue *queue, const char *want)
{
	char *text = NULL;
	size_t size = 0;

	assert_int_equal(otlp_queue_oldest(queue, &text, &size), 1);
	assert_int_equal(size, strlen(want));
	assert_string_equal(text, want);
	free(text);
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
}

static void expect_empty(struct otlp_queue *queue)
{
	char *text;
	size_t size;

	assert_int_equal(otlp_queue_oldest(queue, &text, &size), 0);
}

static void test_order(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);

	(void)state;
	expect_empty(queue);
	put(queue, "1\n");
	put(queue, "2\n");
	expect(queue, "1\n2\n");
	expect_empty(queue);
	put(queue, "3\n");
	expect(queue, "3\n");
	otlp_queue_free(queue);
}

/*
 * Lines that are read but not removed come again, also for the next agent; removed lines never do.
 */
static void test_next_agent(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);
	char *text;
	size_t size;

	(void)state;
	put(queue, "1\n");
	expect(queue, "1\n");
	put(queue, "2\n");
	assert_int_equal(otlp_queue_oldest(queue, &text, &size), 1);
	free(text);
	put(queue, "3\n");
	otlp_queue_free(queue);
	queue = open_queue(PLENTY);
	put(queue, "4\n");
	expect(queue, "2\n");
	expect(queue, "3\n");
	expect(queue, "4\n");
	expect_empty(queue);
	otlp_queue_free(queue);
	assert_false(is_there("open.jsonl"));
}

static void test_files_are_bounded(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);
	char *text;
	size_t size, lines = 0, files = 0;

	(void)state;
	for (int i = 0; i < 3 * OTLP_QUEUE_LINES + 1; i++)
		put(queue, "x\n");
	while (otlp_queue_oldest(queue, &text, &size) == 1) {
		assert_true(size <= 2 * OTLP_QUEUE_LINES);
		lines += size / 2;
		files++;
		free(text);
		assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	}
	assert_int_equal(lines, 3 * OTLP_QUEUE_LINES + 1);
	assert_int_equal(files, 4);
	otlp_queue_free(queue);
}

/* Existing files count, whoever wrote them; removing them makes room. */
static void test_limit(void **state)
{
	struct otlp_queue *queue = open_queue(10);

	(void)state;
	put(queue, "1234\n");
	assert_int_equal(otlp_queue_put(queue, "12345\n", 6), -ENOBUFS);
	put(queue, "5678\n");
	assert_int_equal(otlp_queue_put(queue, "\n", 1), -ENOBUFS);
	otlp_queue_free(queue);
	queue = open_queue(10);
	assert_int_equal(otlp_queue_put(queue, "\n", 1), -ENOBUFS);
	expect(queue, "1234\n5678\n");
	put(queue, "123456789\n");
	otlp_queue_free(queue);
}

/* An incomplete line is cut off; a file without a complete line does not count. */
static void test_partial_lines(void **state)
{
	struct otlp_queue *queue;

	(void)state;
	put_file("open.jsonl", "1\n2\ncut");
	queue = open_queue(PLENTY);
	expect(queue, "1\n2\n");
	otlp_queue_free(queue);
	put_file("open.jsonl", "cut");
	queue = open_queue(PLENTY);
	expect_empty(queue);
	put(queue, "3\n");
	expect(queue, "3\n");
	otlp_queue_free(queue);
}

/* Foreign names, folders and links are not touched; gaps in the numbers do no harm. */
static void test_others(void **state)
{
	static const char *const others[] = { "1.jsonl",
					      "0000000000000000000x.jsonl",
					      "-0000000000000000001.jsonl",
					      "00000000000000000003.json",
					      "99999999999999999999.jsonl",
					      "notes" };
	struct otlp_queue *queue;

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		put_file(others[i], "x\n");
	assert_int_equal(mkdir(in_folder("00000000000000000001.jsonl"), 0700), 0);
	assert_int_equal(symlink("notes", in_folder("00000000000000000002.jsonl")), 0);
	put_file("00000000000000000007.jsonl", "7\n");
	put_file("00000000000000000004.jsonl", "4\n");
	queue = open_queue(PLENTY);
	put(queue, "8\n");
	expect(queue, "4\n");
	expect(queue, "7\n");
	expect(queue, "8\n");
	expect_empty(queue);
	otlp_queue_free(queue);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_true(is_there(others[i]));
	assert_true(is_there("00000000000000000001.jsonl") &&
		    is_there("00000000000000000002.jsonl"));
}

/* A write must not follow a link, or wait for a reader. */
static void test_hostile_open_file(void **state)
{
	struct otlp_queue *queue;

	(void)state;
	put_file("target", "");
	assert_int_equal(symlink("target", in_folder("open.jsonl")), 0);
	queue = open_queue(PLENTY);
	assert_int_equal(otlp_queue_put(queue, "1\n", 2), -ELOOP);
	assert_int_equal(unlink(in_folder("open.jsonl")), 0);
	assert_int_equal(mkfifo(in_folder("open.jsonl"), 0600), 0);
	assert_true(otlp_queue_put(queue, "1\n", 2) < 0);
	assert_int_equal(unlink(in_folder("open.jsonl")), 0);
	put(queue, "1\n");
	expect(queue, "1\n");
	otlp_queue_free(queue);
}

/* One agent at a time; the lock ends with the agent. */
static void test_two_agents(void **state)
{
	struct otlp_queue *first = open_queue(PLENTY), *second = open_queue(PLENTY);

	(void)state;
	put(first, "1\n");
	assert_int_equal(otlp_queue_put(second, "2\n", 2), -EADDRINUSE);
	otlp_queue_free(first);
	put(second, "2\n");
	expect(second, "1\n");
	expect(second, "2\n");
	otlp_queue_free(second);
}

/* If the folder vanishes, that is an error; a new one in its place is used. */
static void test_folder_goes_and_comes(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);
	char *text, away[512];
	size_t size;

	(void)state;
	put(queue, "1\n");
	snprintf(away, sizeof(away), "%s.away", folder);
	assert_int_equal(rename(folder, away), 0);
	assert_int_equal(otlp_queue_put(queue, "2\n", 2), -ENOENT);
	assert_int_equal(otlp_queue_oldest(queue, &text, &size), -ENOENT);
	assert_int_equal(mkdir(folder, 0700), 0);
	put(queue, "3\n");
	expect(queue, "3\n");
	assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(rename(away, folder), 0);
	expect(queue, "1\n");
	expect_empty(queue);
	otlp_queue_free(queue);
}

/* Files are deleted while we use them. */
static void test_files_taken_away(void **state)
{
	struct otlp_queue *queue;

	(void)state;
	put_file("00000000000000000001.jsonl", "1\n");
	put_file("00000000000000000005.jsonl", "5\n");
	queue = open_queue(PLENTY);
	put(queue, "6\n");
	assert_int_equal(unlink(in_folder("00000000000000000001.jsonl")), 0);
	expect(queue, "5\n");
	expect(queue, "6\n");
	otlp_queue_free(queue);
}

static void read_oldest(struct otlp_queue *queue, const char *want)
{
	char *text = NULL;
	size_t size = 0;

	assert_int_equal(otlp_queue_oldest(queue, &text, &size), 1);
	assert_string_equal(text, want);
	free(text);
}

/* Lines are added while a file is sent: afterwards only that file is removed, or none. */
static void test_folder_replaced_while_sending(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);
	char away[512];

	(void)state;
	put(queue, "1\n");
	read_oldest(queue, "1\n");
	snprintf(away, sizeof(away), "%s.away", folder);
	assert_int_equal(rename(folder, away), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	put_file("00000000000000000000.jsonl", "unsent\n");
	put(queue, "2\n");
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	expect(queue, "unsent\n");
	expect(queue, "2\n");
	assert_int_equal(nftw(away, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);

	/* the folder vanishes, and there is no new one */
	put(queue, "3\n");
	read_oldest(queue, "3\n");
	assert_int_equal(rename(folder, away), 0);
	assert_int_equal(otlp_queue_put(queue, "4\n", 2), -ENOENT);
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	assert_int_equal(rename(away, folder), 0);
	expect(queue, "3\n");
	otlp_queue_free(queue);
}

/* Another file has its name, or a lower number. */
static void test_file_replaced_while_sending(void **state)
{
	struct otlp_queue *queue;

	(void)state;
	put_file("00000000000000000005.jsonl", "5\n");
	queue = open_queue(PLENTY);
	read_oldest(queue, "5\n");
	assert_int_equal(unlink(in_folder("00000000000000000005.jsonl")), 0);
	put_file("00000000000000000005.jsonl", "unsent\n");
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	read_oldest(queue, "unsent\n");
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	/* a second call removes nothing */
	put_file("00000000000000000007.jsonl", "7\n");
	assert_int_equal(otlp_queue_remove_oldest(queue), 0);
	assert_true(is_there("00000000000000000007.jsonl"));
	otlp_queue_free(queue);
}

/* The same for the file that still grows: new lines are kept. */
static void test_open_file_deleted(void **state)
{
	struct otlp_queue *queue = open_queue(PLENTY);

	(void)state;
	put(queue, "1\n");
	assert_int_equal(unlink(in_folder("open.jsonl")), 0);
	put(queue, "2\n");
	assert_int_equal(unlink(in_folder("open.jsonl")), 0);
	expect_empty(queue);
	put(queue, "3\n");
	expect(queue, "3\n");
	expect_empty(queue);
	otlp_queue_free(queue);
}

/* kill -9 at any moment: lines are complete, in order, none missing and none twice. */
static void test_killed(void **state)
{
	unsigned long told, seen = 0;
	int pipes[2];

	(void)state;
	for (int round = 0; round < 30; round++) {
		struct otlp_queue *queue;
		char line[32], *text;
		size_t size;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			queue = otlp_queue_new(folder, PLENTY);
			for (unsigned long i = seen + 1;; i++) {
				snprintf(line, sizeof(line), "%lu\n", i);
				if (otlp_queue_put(queue, line, strlen(line)) ||
				    write(pipes[1], &i, sizeof(i)) != sizeof(i))
					_exit(1);
			}
		}
		close(pipes[1]);
		usleep(2000 + 700 * (useconds_t)round);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		told = seen;
		while (read(pipes[0], &told, sizeof(told)) == sizeof(told))
			;
		close(pipes[0]);
		queue = open_queue(PLENTY);
		while (otlp_queue_oldest(queue, &text, &size) == 1) {
			char *at = text;

			while (at < text + size) {
				assert_int_equal(strtoul(at, &at, 10), seen + 1);
				assert_int_equal(*at++, '\n');
				seen++;
			}
			free(text);
			assert_int_equal(otlp_queue_remove_oldest(queue), 0);
		}
		otlp_queue_free(queue);
		assert_in_range(seen, told, told + 1);
	}
	assert_true(seen > 30);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_next_agent),
		TEST(test_files_are_bounded),
		TEST(test_limit),
		TEST(test_partial_lines),
		TEST(test_others),
		TEST(test_hostile_open_file),
		TEST(test_two_agents),
		TEST(test_folder_goes_and_comes),
		TEST(test_files_taken_away),
		TEST(test_folder_replaced_while_sending),
		TEST(test_file_replaced_while_sending),
		TEST(test_open_file_deleted),
		TEST(test_killed),
	};

	return cmocka_run_group_tests_name("otlp_queue", tests, NULL, NULL);
}
