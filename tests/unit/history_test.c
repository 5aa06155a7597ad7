// SPDX-License-Identifier: BSD-2-Clause
/* The history as it is written: what lies in the database, and all that can be wrong with one. */
#include "history.h"

#include "history_v1.h"

#include <dirent.h>
#include <errno.h>
#include <time.h>

static int flush(struct target *target)
{
	return target->ops->flush(target);
}

static char *slurp(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(1 << 20);

	assert_non_null(file);
	assert_non_null(bytes);
	*ret_size = fread(bytes, 1, 1 << 20, file);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

/* How many files of the folder begin so; `ret_last` is one of them. */
static int count_files(const char *prefix, char *ret_last, size_t size)
{
	DIR *folder = opendir(tree_root);
	int count = 0;

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    strstr(entry->d_name, "-wal"))
			continue;
		(void)snprintf(ret_last, size, "%s/%s", tree_root, entry->d_name);
		count++;
	}
	assert_int_equal(closedir(folder), 0);
	return count;
}

static void test_a_new_one(void **state)
{
	struct target *target = history_make();
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	assert_int_equal(flush(target), 0);
	(void)umask(before);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "/history.db", "/history.db-wal",
						     "/history.db-shm" };

		assert_int_equal(stat(tree_path(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	history_expect("PRAGMA application_id", "1802793571");
	history_expect("PRAGMA user_version", "2");
	history_expect("PRAGMA auto_vacuum", "2");
	history_expect("PRAGMA journal_mode", "wal");
	history_expect("SELECT count(*) FROM event", "0");
	history_drop(target);
	history_expect_sound();
}

static void test_a_folder_that_is_missing(void **state)
{
	const struct history_limits limits = { 1, 1 << 20 };
	char path[128];
	struct target *target;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/new/history.db", tree_root);
	target = history_new(path, &limits);
	assert_int_equal(flush(target), 0);
	assert_int_equal(access(path, F_OK), 0);
	history_drop(target);
	(void)snprintf(path, sizeof(path), "%s/far/away/history.db", tree_root);
	target = history_new(path, &limits);
	assert_int_equal(flush(target), -ENOENT);
	assert_string_equal(target->trouble, "No such file or directory");
	history_drop(target);
}

static void test_columns(void **state)
{
	struct target *target = history_make();
	char line[4096];

	(void)state;
	history_give(target,
		     history_death(1, ",\"systemd\":{\"unit\":\"user@1000.service\","
				      "\"user_unit\":\"editor.service\"},"
				      "\"container\":{\"id\":\"0123\",\"name\":\"web\"},"
				      "\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"web-0\","
				      "\"container\":\"nginx\"}"));
	history_give(target, history_death(2, ",\"container\":{\"id\":\"4567\"}"));
	history_give(target,
		     history_event("{\"schema\":1,\"lost\":{\"ring_full\":7}}\n", T0_NS + 3));
	assert_int_equal(flush(target), 0);
	history_expect("SELECT id || time || cause || routine || unit || user_unit || pod || "
		       "container || pid || comm FROM event WHERE number = 1",
		       "boot-11700000000000000001sigkill0user@1000.serviceeditor.service"
		       "shop/web-0web1victim");
	history_expect("SELECT container || coalesce(unit, '-') || coalesce(pod, '-') FROM event "
		       "WHERE number = 2",
		       "4567--");
	history_expect("SELECT count(*) FROM event WHERE number = 3 AND id IS NULL AND "
		       "cause IS NULL AND pid IS NULL AND time = 1700000000000000003",
		       "1");
	(void)snprintf(line, sizeof(line), "%s",
		       history_ask(HISTORY_DB, "SELECT line FROM event "
					       "WHERE number = 3"));
	assert_string_equal(line, "{\"schema\":1,\"lost\":{\"ring_full\":7}}");
	history_drop(target);
}

/* What an event tells is data, whatever it looks like. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = {
		"'); DROP TABLE event; --",
		"a\\nb",
		"\\u001b]0;t\\u0007",
		"\\\"quoted\\\"",
		"back\\\\slash",
		"\\ufffd\\u0001",
		"%s%n",
		"NULL",
		"?1",
		"x'00'",
		"ｆｕｌｌ",
		"\\ud83d\\ude00",
	};
	struct target *target = history_make();
	char more[256], sql[128], expected[512];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(more, sizeof(more),
			       ",\"systemd\":{\"unit\":\"%s\"},\"kubernetes\":"
			       "{\"namespace\":\"%s\",\"pod\":\"%s\"}",
			       names[i], names[i], names[i]);
		history_give(target, history_death((int)i + 1, more));
	}
	assert_int_equal(flush(target), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct event *event;

		(void)snprintf(more, sizeof(more),
			       ",\"systemd\":{\"unit\":\"%s\"},\"kubernetes\":"
			       "{\"namespace\":\"%s\",\"pod\":\"%s\"}",
			       names[i], names[i], names[i]);
		event = history_death((int)i + 1, more);
		(void)snprintf(expected, sizeof(expected), "%.*s", (int)event->size - 1,
			       event->line);
		event_unref(event);
		(void)snprintf(sql, sizeof(sql), "SELECT line FROM event WHERE number = %d",
			       (int)i + 1);
		history_expect(sql, expected);
		(void)snprintf(sql, sizeof(sql),
			       "SELECT pod = unit || '/' || unit FROM event WHERE number = %d",
			       (int)i + 1);
		history_expect(sql, "1");
	}
	history_expect("SELECT unit FROM event WHERE number = 3", "\033]0;t\007");
	history_drop(target);
}

static void test_once_each(void **state)
{
	struct target *target = history_make();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i <= 1000; i++)
			history_give(target, history_death(i, ""));
		assert_int_equal(flush(target), 0);
		history_expect("SELECT count(*) FROM event", "1000");
		/* as after a restart */
		history_drop(target);
		target = history_make();
	}
	history_drop(target);
	history_expect_sound();
}

/* Of a version that nobody knows yet: left as it is, and the others go on. */
static void test_of_a_newer_killtrace(void **state)
{
	struct target *target = history_make();
	size_t before_size, after_size;
	char *before, *after;

	(void)state;
	assert_int_equal(flush(target), 0);
	history_drop(target);
	history_run(HISTORY_DB, "PRAGMA user_version = 3; PRAGMA journal_mode = DELETE");
	before = slurp(HISTORY_DB, &before_size);
	target = history_make();
	history_give(target, history_death(1, ""));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(flush(target), -ENOTSUP);
		assert_string_equal(target->trouble, "the database is of a newer killtrace");
	}
	history_drop(target);
	after = slurp(HISTORY_DB, &after_size);
	assert_int_equal(after_size, before_size);
	assert_memory_equal(after, before, before_size);
	free(before);
	free(after);
}

static void test_of_another_program(void **state)
{
	static const char *const theirs[] = {
		"CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')",
		"PRAGMA user_version = 1; CREATE TABLE event (number INTEGER)",
		"PRAGMA application_id = 77; VACUUM",
	};
	size_t before_size, after_size;

	(void)state;
	for (size_t i = 0; i < COUNT(theirs); i++) {
		struct target *target;
		char *before, *after;

		history_run(HISTORY_DB, theirs[i]);
		before = slurp(HISTORY_DB, &before_size);
		target = history_make();
		assert_int_equal(flush(target), -EEXIST);
		assert_string_equal(target->trouble, "the database is another program's");
		history_drop(target);
		after = slurp(HISTORY_DB, &after_size);
		assert_int_equal(after_size, before_size);
		assert_memory_equal(after, before, before_size);
		free(before);
		free(after);
		assert_int_equal(unlink(HISTORY_DB), 0);
	}
}

static void test_no_regular_file(void **state)
{
	struct target *target = history_make();
	char other[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir(HISTORY_DB, 0700), 0);
	assert_int_equal(flush(target), -EISDIR);
	assert_int_equal(rmdir(HISTORY_DB), 0);
	assert_int_equal(mkfifo(HISTORY_DB, 0600), 0);
	assert_int_equal(flush(target), -EEXIST);
	assert_int_equal(unlink(HISTORY_DB), 0);
	(void)snprintf(other, sizeof(other), "%s", tree_path("/elsewhere"));
	tree_write("/elsewhere", "");
	assert_int_equal(symlink(other, HISTORY_DB), 0);
	assert_int_equal(flush(target), -ELOOP);
	assert_int_equal(unlink(HISTORY_DB), 0);
	/* and when it is gone, all is well */
	assert_int_equal(flush(target), 0);
	history_drop(target);
}

static void expect_moved_aside(const char *bytes, size_t size)
{
	char aside[PATH_MAX];
	size_t moved_size;
	char *moved;

	assert_int_equal(count_files("history.db.corrupt-", aside, sizeof(aside)), 1);
	moved = slurp(aside, &moved_size);
	assert_int_equal(moved_size, size);
	assert_memory_equal(moved, bytes, size);
	free(moved);
	assert_int_equal(unlink(aside), 0);
}

/* Whatever is wrong with it: it is kept, and no event that comes is lost. */
static void test_damaged(void **state)
{
	static const struct {
		long from; /* from the end if negative */
		long length;
	} damages[] = { { 0, 16 }, { 0, 4096 }, { 4096, 100000 }, { 16, 20 } };

	(void)state;
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct target *target = history_make();
		size_t size;
		char *bytes;

		for (int j = 1; j <= 600; j++)
			history_give(target, history_death(j, ""));
		assert_int_equal(flush(target), 0);
		history_drop(target);
		bytes = slurp(HISTORY_DB, &size);
		memset(bytes + damages[i].from, 0x5a, (size_t)damages[i].length);
		tree_write_bytes("/history.db", bytes, size);
		target = history_make();
		history_give(target, history_death(1, ""));
		assert_int_equal(flush(target), 0);
		history_expect("SELECT count(*) FROM event", "1");
		history_drop(target);
		history_expect_sound();
		expect_moved_aside(bytes, size);
		free(bytes);
	}
}

/* A disk that damages each new one as well is not to be filled. */
static void test_damaged_again_and_again(void **state)
{
	struct target *target = history_make();
	char last[PATH_MAX];

	(void)state;
	for (int i = 0; i < 5; i++) {
		/* a second each, for the names tell the second */
		tree_write("/history.db", "this is not a database, and it has more than one line\n"
					  "0123456789012345678901234567890123456789012345678901\n");
		assert_int_equal(flush(target), i < 3 ? 0 : -EUCLEAN);
		target->ops->reopen(target);
		if (i < 3)
			usleep(1100000);
	}
	assert_int_equal(count_files("history.db.corrupt-", last, sizeof(last)), 3);
	history_drop(target);
}

static void test_locked(void **state)
{
	struct target *target = history_make();
	sqlite3 *other;

	(void)state;
	assert_int_equal(flush(target), 0);
	assert_int_equal(sqlite3_open(HISTORY_DB, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 1; i <= 256; i++)
		history_give(target, history_death(i, ""));
	assert_int_equal(flush(target), -EBUSY);
	assert_string_equal(target->trouble, "database is locked");
	/* no more is taken than can be kept */
	{
		struct event *event = history_death(257, "");

		assert_int_equal(target->ops->deliver(target, event), -ENOBUFS);
		event_unref(event);
	}
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	history_give(target, history_death(257, ""));
	assert_int_equal(flush(target), 0);
	history_expect("SELECT count(*) FROM event", "257");
	history_drop(target);
}

static void test_moved_or_deleted_meanwhile(void **state)
{
	struct target *target = history_make();
	char other[PATH_MAX];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s", tree_path("/older.db"));
	history_give(target, history_death(1, ""));
	assert_int_equal(flush(target), 0);
	assert_int_equal(rename(HISTORY_DB, other), 0);
	history_give(target, history_death(2, ""));
	assert_int_equal(flush(target), 0);
	history_expect("SELECT group_concat(id) FROM event", "boot-2");
	history_drop(target);
	history_expect_sound();
}

static void test_from_version_1(void **state)
{
	static const char lines[] = "SELECT group_concat(number || line, char(10)) FROM "
				    "(SELECT * FROM event ORDER BY number)";
	struct target *target;
	char before[8192];

	(void)state;
	history_run(HISTORY_DB, history_v1);
	history_expect("PRAGMA user_version", "1");
	(void)snprintf(before, sizeof(before), "%s", history_ask(HISTORY_DB, lines));
	target = history_make();
	assert_int_equal(flush(target), 0);
	history_expect("PRAGMA user_version", "2");
	history_expect("SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE "
		       "type = 'index' AND sql IS NOT NULL ORDER BY name)",
		       "event_cause,event_comm,event_pid,event_pod,event_time,event_unit,"
		       "event_user_unit");
	history_expect(lines, before);
	history_give(target, history_death(3, "")); /* which it has */
	history_give(target, history_death(4, ""));
	assert_int_equal(flush(target), 0);
	history_expect("SELECT group_concat(number || coalesce(id, '')) FROM "
		       "(SELECT * FROM event ORDER BY number)",
		       "1boot-1,2,5boot-3,6boot-4");
	history_drop(target);
	history_expect_sound();
}

/* Made anew or migrated: it must not make a difference. */
static void test_migrated_is_like_new(void **state)
{
	static const char schema[] =
		"SELECT group_concat(replace(sql, ' ', ''), char(10)) FROM "
		"(SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name)";
	struct target *target = history_make();
	char fresh[4096];

	(void)state;
	assert_int_equal(flush(target), 0);
	history_drop(target);
	(void)snprintf(fresh, sizeof(fresh), "%s", history_ask(HISTORY_DB, schema));
	assert_int_equal(unlink(HISTORY_DB), 0);
	history_run(HISTORY_DB, history_v1);
	target = history_make();
	assert_int_equal(flush(target), 0);
	history_drop(target);
	history_expect(schema, fresh);
}

static struct target *limited(unsigned int days, uint64_t most_bytes)
{
	static char path[64];
	const struct history_limits limits = { days, most_bytes };

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	return history_new(path, &limits);
}

static void test_too_old(void **state)
{
	struct target *target = limited(2, 1 << 30);
	const int64_t day_ns = 86400 * NS_PER_S, now_ns = (int64_t)time(NULL) * NS_PER_S;

	(void)state;
	for (int i = 1; i <= 2000; i++) {
		struct event *event = history_death(i, "");

		event->realtime_ns =
			now_ns - (i <= 1500 ? 2 * day_ns + i : 2 * day_ns - 3600 * NS_PER_S);
		history_give(target, event);
	}
	for (int i = 0;
	     i < 100 && strcmp(history_ask(HISTORY_DB, "SELECT count(*) FROM event"), "500") != 0;
	     i++)
		assert_int_equal(flush(target), 0);
	history_expect("SELECT count(*) FROM event", "500");
	history_expect("SELECT min(pid) FROM event", "1501");
	history_drop(target);
	history_expect_sound();
}

static void test_too_much(void **state)
{
	char more[2048] = ",\"more\":\"";
	struct target *target = limited(100000, 1 << 20);
	struct stat st;

	(void)state;
	memset(more + strlen(more), 'x', 1500);
	strcat(more, "\"");
	for (int i = 1; i <= 4000; i++) {
		history_give(target, history_death(i, more));
		if (i % 100 == 0)
			assert_int_equal(flush(target), 0);
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(flush(target), 0);
	/* the newest are there, without a gap, and the file has shrunk */
	history_expect("SELECT max(pid) FROM event", "4000");
	history_expect("SELECT max(pid) - min(pid) + 1 = count(*) FROM event", "1");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	history_drop(target);
	assert_int_equal(stat(HISTORY_DB, &st), 0);
	assert_in_range(st.st_size, 1 << 18, 1 << 20);
	history_expect_sound();
}

/* A limit that is made smaller lets the room go, though no event comes. */
static void test_less_than_before(void **state)
{
	struct target *target = limited(100000, 1 << 30);
	struct stat st;

	(void)state;
	for (int i = 1; i <= 8000; i++)
		history_give(target, history_death(i, ",\"more\":\"0123456789\""));
	assert_int_equal(flush(target), 0);
	history_drop(target);
	assert_int_equal(stat(HISTORY_DB, &st), 0);
	assert_true(st.st_size > 2 << 20);
	target = limited(100000, 1 << 20);
	for (int i = 0; i < 50; i++)
		assert_int_equal(flush(target), 0);
	history_drop(target);
	assert_int_equal(stat(HISTORY_DB, &st), 0);
	assert_true(st.st_size <= 1 << 20);
	history_expect("SELECT max(pid) FROM event", "8000");
	history_expect_sound();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_make, tree_remove)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_a_new_one),
		TEST(test_a_folder_that_is_missing),
		TEST(test_columns),
		TEST(test_hostile_names),
		TEST(test_once_each),
		TEST(test_of_a_newer_killtrace),
		TEST(test_of_another_program),
		TEST(test_no_regular_file),
		TEST(test_damaged),
		TEST(test_damaged_again_and_again),
		TEST(test_locked),
		TEST(test_moved_or_deleted_meanwhile),
		TEST(test_from_version_1),
		TEST(test_migrated_is_like_new),
		TEST(test_too_old),
		TEST(test_too_much),
		TEST(test_less_than_before),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
