// SPDX-License-Identifier: BSD-2-Clause
/* Writing a history: the content of the database, and everything that can be wrong with one. */
#include "history.h"

#include "history_v1.h"

#include <dirent.h>
#include <errno.h>
#include <time.h>

#include "history/history_share.h"

static int flush(struct outlet *outlet)
{
	return outlet->ops->flush(outlet);
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

/* The number of files in the folder with this prefix; `ret_last` is one of them. */
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
	struct outlet *outlet = history_make();
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	assert_int_equal(flush(outlet), 0);
	(void)umask(before);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "/history.db", "/history.db-wal",
						     "/history.db-shm" };

		assert_int_equal(stat(tree_path(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	history_expect("PRAGMA application_id", "1802793571");
	history_expect("PRAGMA user_version", "7");
	history_expect("PRAGMA auto_vacuum", "2");
	history_expect("PRAGMA journal_mode", "wal");
	history_expect("SELECT count(*) FROM event", "0");
	history_drop(outlet);
	history_expect_sound();
}

static void test_a_folder_that_is_missing(void **state)
{
	const struct history_limits limits = { 1, 1 << 20 };
	char path[128];
	struct outlet *outlet;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/new/history.db", tree_root);
	outlet = history_new(path, &limits, NULL);
	assert_int_equal(flush(outlet), 0);
	assert_int_equal(access(path, F_OK), 0);
	history_drop(outlet);
	(void)snprintf(path, sizeof(path), "%s/far/away/history.db", tree_root);
	outlet = history_new(path, &limits, NULL);
	assert_int_equal(flush(outlet), -ENOENT);
	assert_string_equal(outlet->trouble, "No such file or directory");
	history_drop(outlet);
}

static void test_columns(void **state)
{
	struct outlet *outlet = history_make();
	char line[4096];

	(void)state;
	history_give(outlet,
		     history_death(1, ",\"systemd\":{\"unit\":\"user@1000.service\","
				      "\"user_unit\":\"editor.service\"},"
				      "\"container\":{\"id\":\"0123\",\"name\":\"web\"},"
				      "\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"web-0\","
				      "\"container\":\"nginx\"}"));
	history_give(outlet, history_death(2, ",\"container\":{\"id\":\"4567\"}"));
	history_give(outlet,
		     history_event("{\"schema\":1,\"lost\":{\"ring_full\":7}}\n", T0_NS + 3));
	assert_int_equal(flush(outlet), 0);
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
	history_drop(outlet);
}

/* The text of an event is data, whatever it looks like. */
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
	struct outlet *outlet = history_make();
	char more[256], sql[128], expected[512];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(more, sizeof(more),
			       ",\"systemd\":{\"unit\":\"%s\"},\"kubernetes\":"
			       "{\"namespace\":\"%s\",\"pod\":\"%s\"}",
			       names[i], names[i], names[i]);
		history_give(outlet, history_death((int)i + 1, more));
	}
	assert_int_equal(flush(outlet), 0);
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
	history_drop(outlet);
}

static void test_once_each(void **state)
{
	struct outlet *outlet = history_make();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i <= 1000; i++)
			history_give(outlet, history_death(i, ""));
		assert_int_equal(flush(outlet), 0);
		history_expect("SELECT count(*) FROM event", "1000");
		/* as after a restart */
		history_drop(outlet);
		outlet = history_make();
	}
	history_drop(outlet);
	history_expect_sound();
}

/* A version from the future: left as it is, and other sinks continue. */
static void test_of_a_newer_killtrace(void **state)
{
	struct outlet *outlet = history_make();
	size_t before_size, after_size;
	char *before, *after;

	(void)state;
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	history_run(HISTORY_DB, "PRAGMA user_version = 8; PRAGMA journal_mode = DELETE");
	before = slurp(HISTORY_DB, &before_size);
	outlet = history_make();
	history_give(outlet, history_death(1, ""));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(flush(outlet), -ENOTSUP);
		assert_string_equal(outlet->trouble, "the database is of a newer killtrace");
	}
	history_drop(outlet);
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
		struct outlet *outlet;
		char *before, *after;

		history_run(HISTORY_DB, theirs[i]);
		before = slurp(HISTORY_DB, &before_size);
		outlet = history_make();
		assert_int_equal(flush(outlet), -EEXIST);
		assert_string_equal(outlet->trouble, "the database is another program's");
		history_drop(outlet);
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
	struct outlet *outlet = history_make();
	char other[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir(HISTORY_DB, 0700), 0);
	assert_int_equal(flush(outlet), -EISDIR);
	assert_int_equal(rmdir(HISTORY_DB), 0);
	assert_int_equal(mkfifo(HISTORY_DB, 0600), 0);
	assert_int_equal(flush(outlet), -EEXIST);
	assert_int_equal(unlink(HISTORY_DB), 0);
	(void)snprintf(other, sizeof(other), "%s", tree_path("/elsewhere"));
	tree_write("/elsewhere", "");
	assert_int_equal(symlink(other, HISTORY_DB), 0);
	assert_int_equal(flush(outlet), -ELOOP);
	assert_int_equal(unlink(HISTORY_DB), 0);
	/* and when it is gone, everything works */
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
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

/* Whatever is wrong with it: it is kept, and no new event is lost. */
static void test_damaged(void **state)
{
	static const struct {
		long from; /* from the end if negative */
		long length;
	} damages[] = { { 0, 16 }, { 0, 4096 }, { 4096, 100000 }, { 16, 20 } };

	(void)state;
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct outlet *outlet = history_make();
		size_t size;
		char *bytes;

		for (int j = 1; j <= 600; j++)
			history_give(outlet, history_death(j, ""));
		assert_int_equal(flush(outlet), 0);
		history_drop(outlet);
		bytes = slurp(HISTORY_DB, &size);
		memset(bytes + damages[i].from, 0x5a, (size_t)damages[i].length);
		tree_write_bytes("/history.db", bytes, size);
		outlet = history_make();
		history_give(outlet, history_death(1, ""));
		assert_int_equal(flush(outlet), 0);
		history_expect("SELECT count(*) FROM event", "1");
		history_drop(outlet);
		history_expect_sound();
		expect_moved_aside(bytes, size);
		free(bytes);
	}
}

/* A disk that damages each new one as well must not be filled with copies. */
static void test_damaged_again_and_again(void **state)
{
	struct outlet *outlet = history_make();
	char last[PATH_MAX];

	(void)state;
	for (int i = 0; i < 5; i++) {
		/* one second each, since the names have seconds */
		tree_write("/history.db", "this is not a database, and it has more than one line\n"
					  "0123456789012345678901234567890123456789012345678901\n");
		assert_int_equal(flush(outlet), i < 3 ? 0 : -EUCLEAN);
		outlet->ops->reopen(outlet);
		if (i < 3)
			usleep(1100000);
	}
	assert_int_equal(count_files("history.db.corrupt-", last, sizeof(last)), 3);
	history_drop(outlet);
}

static void test_locked(void **state)
{
	struct outlet *outlet = history_make();
	sqlite3 *other;

	(void)state;
	assert_int_equal(flush(outlet), 0);
	assert_int_equal(sqlite3_open(HISTORY_DB, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 1; i <= 256; i++)
		history_give(outlet, history_death(i, ""));
	assert_int_equal(flush(outlet), -EBUSY);
	assert_string_equal(outlet->trouble, "database is locked");
	/* no more is accepted than can be kept */
	{
		struct event *event = history_death(257, "");

		assert_int_equal(outlet->ops->deliver(outlet, event), -ENOBUFS);
		event_unref(event);
	}
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	history_give(outlet, history_death(257, ""));
	assert_int_equal(flush(outlet), 0);
	history_expect("SELECT count(*) FROM event", "257");
	history_drop(outlet);
}

static void test_moved_or_deleted_meanwhile(void **state)
{
	struct outlet *outlet = history_make();
	char other[PATH_MAX];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s", tree_path("/older.db"));
	history_give(outlet, history_death(1, ""));
	assert_int_equal(flush(outlet), 0);
	assert_int_equal(rename(HISTORY_DB, other), 0);
	history_give(outlet, history_death(2, ""));
	assert_int_equal(flush(outlet), 0);
	history_expect("SELECT group_concat(id) FROM event", "boot-2");
	history_drop(outlet);
	history_expect_sound();
}

static void test_from_version_1(void **state)
{
	static const char lines[] = "SELECT group_concat(number || line, char(10)) FROM "
				    "(SELECT * FROM event ORDER BY number)";
	struct outlet *outlet;
	char before[8192];

	(void)state;
	history_run(HISTORY_DB, history_v1);
	history_expect("PRAGMA user_version", "1");
	(void)snprintf(before, sizeof(before), "%s", history_ask(HISTORY_DB, lines));
	outlet = history_make();
	assert_int_equal(flush(outlet), 0);
	history_expect("PRAGMA user_version", "7");
	history_expect("SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE "
		       "type = 'index' AND sql IS NOT NULL ORDER BY name)",
		       "event_cause,event_columns,event_comm,event_container,event_fingerprint,"
		       "event_last_time,event_pid,event_pod,event_share,event_unit,event_user_unit,"
		       "event_without_share");
	history_expect(lines, before);
	history_give(outlet, history_death(3, "")); /* it is there already */
	history_give(outlet, history_death(4, ",\"fingerprint\":\"1-0123456789abcdef\""));
	assert_int_equal(flush(outlet), 0);
	history_expect("SELECT group_concat(coalesce(fingerprint, '-')) FROM "
		       "(SELECT * FROM event ORDER BY number)",
		       "-,-,-,1-0123456789abcdef");
	history_expect("SELECT group_concat(number || coalesce(id, '')) FROM "
		       "(SELECT * FROM event ORDER BY number)",
		       "1boot-1,2,5boot-3,6boot-4");
	history_drop(outlet);
	history_expect_sound();
}

/* Two rows of one step. */
static struct event *two_rows(int first, int last)
{
	struct event *event = history_death(first, "");

	event->sequence = (uint64_t)last;
	event->folded = 9;
	event->last_ns = T0_NS + last;
	event->next = history_death(first + 1, "");
	return event;
}

static struct event *numbered(int number)
{
	struct event *event = history_death(number, "");

	event->sequence = (uint64_t)number;
	return event;
}

/* All rows are stored or none, and so is the number up to which they reach. */
static void test_rows(void **state)
{
	struct outlet *outlet = history_make();

	(void)state;
	assert_true(outlet->takes_rows);
	assert_int_equal(outlet->has, 0);
	history_give(outlet, numbered(9));
	history_give(outlet, two_rows(10, 99));
	assert_int_equal(flush(outlet), 0);
	history_expect("SELECT group_concat(coalesce(deaths, '-') || ' ' ||"
		       " coalesce(last_time - 1700000000000000000, '-')) FROM event",
		       "- -,10 99,- -");
	history_run(HISTORY_DB, "DELETE FROM event");
	history_drop(outlet);
	outlet = history_make();
	assert_int_equal(outlet->has, 99);
	history_give(outlet, history_event("{\"schema\":1,\"lost\":{\"ring_full\":7}}\n", T0_NS));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT sequence FROM written", "99");
}

/* The number of another boot is ignored, and one out of order is not stored. */
static void test_written_by_others(void **state)
{
	const struct history_limits limits = { 100000, 1 << 20 };
	struct outlet *outlet = history_make();
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	history_give(outlet, numbered(9));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	outlet = history_new(path, &limits, NULL);
	history_give(outlet, numbered(50));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT boot || sequence FROM written", "boot9");
	outlet = history_new(path, &limits, "other");
	assert_int_equal(outlet->has, 0);
	history_give(outlet, numbered(7));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT boot || sequence FROM written", "other7");
}

/* New or migrated: there must be no difference. */
static void test_migrated_is_like_new(void **state)
{
	static const char schema[] =
		"SELECT group_concat(replace(sql, ' ', ''), char(10)) FROM "
		"(SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name)";
	struct outlet *outlet = history_make();
	char fresh[4096];

	(void)state;
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	(void)snprintf(fresh, sizeof(fresh), "%s", history_ask(HISTORY_DB, schema));
	assert_int_equal(unlink(HISTORY_DB), 0);
	history_run(HISTORY_DB, history_v1);
	outlet = history_make();
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	history_expect(schema, fresh);
}

static struct outlet *limited(unsigned int days, uint64_t most_bytes)
{
	static char path[64];
	const struct history_limits limits = { days, most_bytes };

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	return history_new(path, &limits, NULL);
}

static void give_old(struct outlet *outlet, int64_t now_ns)
{
	const int64_t day_ns = 86400 * NS_PER_S;

	for (int i = 1; i <= 2000; i++) {
		struct event *event = history_death(i, "");

		event->realtime_ns =
			now_ns - (i <= 1500 ? 2 * day_ns + i : 2 * day_ns - 3600 * NS_PER_S);
		history_give(outlet, event);
	}
	assert_int_equal(flush(outlet), 0);
}

static void test_too_old(void **state)
{
	struct outlet *outlet = limited(3, 1 << 30);

	(void)state;
	give_old(outlet, (int64_t)time(NULL) * NS_PER_S);
	history_drop(outlet);
	history_expect("SELECT count(*) FROM event", "2000");
	outlet = limited(2, 1 << 30);
	for (int i = 0;
	     i < 100 && strcmp(history_ask(HISTORY_DB, "SELECT count(*) FROM event"), "500") != 0;
	     i++)
		assert_int_equal(flush(outlet), 0);
	history_expect("SELECT count(*) FROM event", "500");
	history_expect("SELECT min(pid) FROM event", "1501");
	history_drop(outlet);
	history_expect_sound();
}

/* Events that would be dropped at once are not stored, and this is reported at the end. */
static void test_too_old_from_the_start(void **state)
{
	const int64_t now_ns = (int64_t)time(NULL) * NS_PER_S;
	struct outlet *outlet = limited(2, 1 << 30);
	struct event *lost = history_event("{\"schema\":1,\"lost\":{\"ring_full\":7}}\n", T0_NS);
	static const char expected[] =
		"killtrace: history: 1500 deaths were older than 2 days and not "
		"stored; raise --history-days\n";
	const int kept = dup(2);
	char *said;
	size_t size;

	(void)state;
	give_old(outlet, now_ns);
	history_give(outlet, lost); /* a line of losses, not a death */
	assert_int_equal(flush(outlet), 0);
	history_expect("SELECT min(pid) || ' ' || count(*) FROM event", "1501 500");
	tree_write("/said", "");
	assert_non_null(freopen(tree_path("/said"), "w", stderr));
	history_drop(outlet);
	(void)fflush(stderr);
	assert_int_equal(dup2(kept, 2), 2);
	assert_int_equal(close(kept), 0);
	said = slurp(tree_path("/said"), &size);
	assert_int_equal(size, sizeof(expected) - 1);
	assert_memory_equal(said, expected, size);
	free(said);
}

static void test_too_much(void **state)
{
	char more[2048] = ",\"more\":\"";
	struct outlet *outlet = limited(100000, 1 << 20);
	struct stat st;

	(void)state;
	memset(more + strlen(more), 'x', 1500);
	strcat(more, "\"");
	for (int i = 1; i <= 4000; i++) {
		history_give(outlet, history_death(i, more));
		if (i % 100 == 0)
			assert_int_equal(flush(outlet), 0);
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(flush(outlet), 0);
	/* the newest are there, without a gap, and the file has shrunk */
	history_expect("SELECT max(pid) FROM event", "4000");
	history_expect("SELECT max(pid) - min(pid) + 1 = count(*) FROM event", "1");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	history_drop(outlet);
	assert_int_equal(stat(HISTORY_DB, &st), 0);
	assert_in_range(st.st_size, 1 << 18, 1 << 20);
	history_expect_sound();
}

#define MOST_BYTES (1 << 20)

static struct event *shared_death(int number, uint64_t holder, uint64_t workload, const char *more)
{
	struct event *event = history_death(number, more);

	event->share = (struct share){ holder, workload };
	return event;
}

static void give_shared(struct outlet *outlet, int number, uint64_t holder, uint64_t workload)
{
	static char more[1600];

	(void)snprintf(more, sizeof(more), ",\"more\":\"%01500d\"", 0);
	history_give(outlet, shared_death(number, holder, workload, more));
	if (number % 100 == 0)
		assert_int_equal(flush(outlet), 0);
}

static void trim(struct outlet *outlet)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(flush(outlet), 0);
}

/*
 * However many die, rows of another holder and of another workload stay, and so do the losses of
 * each.
 */
static void test_fair(void **state)
{
	struct outlet *outlet = limited(100000, MOST_BYTES);

	(void)state;
	give_shared(outlet, 1, 1, 1); /* a service's death, the oldest of all */
	give_shared(outlet, 2, UINT64_MAX, 3);
	for (int i = 3; i <= 3000; i++)
		give_shared(outlet, i, UINT64_MAX, 2); /* a storm of a user */
	trim(outlet);
	history_expect("SELECT group_concat(pid) FROM event WHERE pid < 100", "1,2");
	history_expect("SELECT max(pid) FROM event", "3000");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	for (int i = 3001; i <= 6000; i++)
		give_shared(outlet, i, 1, 4 + (uint64_t)i % 2); /* and one of two services */
	trim(outlet);
	history_expect("SELECT group_concat(pid) FROM event WHERE pid < 100", "1,2");
	/* both storms have about the same number */
	history_expect("SELECT count(*) > 100 FROM event WHERE holder = -1 AND workload = 2", "1");
	history_expect(
		"SELECT abs(2 * sum(workload = 4) - sum(workload IN (4, 5))) < 60 FROM event", "1");
	history_drop(outlet);
	history_expect_sound();
}

/*
 * Many small workloads of one holder lose rows before that of another holder, and before a smaller
 * one of the same holder.
 */
static void test_fair_to_many(void **state)
{
	struct outlet *outlet = limited(100000, MOST_BYTES);

	(void)state;
	give_shared(outlet, 1, 1, 1);
	give_shared(outlet, 2, 2, 1);
	for (int i = 3; i <= 3000; i++)
		give_shared(outlet, i, 2, 2 + (uint64_t)i % 20);
	trim(outlet);
	history_expect("SELECT group_concat(pid) FROM event WHERE pid < 100", "1,2");
	history_expect("SELECT max(pid) FROM event", "3000");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	history_drop(outlet);
	history_expect_sound();
}

/*
 * Nine thousand workloads with one row each, and one of the same holder with some more: this one
 * loses rows until it has as many as any other, its newest.
 */
static void test_fair_to_few(void **state)
{
	static sqlite3 *sqlite;
	struct history_turn turn = { 0 };
	struct outlet *outlet = limited(100000, 1 << 30);
	int gone = 0, all = 0;

	(void)state;
	for (int i = 1; i <= 60; i++)
		history_give(outlet, shared_death(i, 1, 1, ""));
	for (int i = 61; i <= 9060; i++)
		history_give(outlet, shared_death(i, 1, (uint64_t)i, ""));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	assert_int_equal(sqlite3_open(HISTORY_DB, &sqlite), SQLITE_OK);
	assert_int_equal(history_share_drop(sqlite, &turn, 256, &gone), SQLITE_OK);
	assert_int_equal(gone, 59);
	history_expect("SELECT group_concat(pid) FROM event WHERE workload = 1", "60");
	/* another owner takes the row by which the turn knows its holder */
	assert_int_equal(history_share_drop(sqlite, &turn, 1, &gone), SQLITE_OK);
	assert_int_equal(gone, 1);
	history_run(HISTORY_DB, "DELETE FROM event WHERE pid % 2 = 0");
	for (all = 0; gone; all += gone)
		assert_int_equal(history_share_drop(sqlite, &turn, 256, &gone), SQLITE_OK);
	assert_in_range(all, 4499, 4501);
	history_expect("SELECT count(*) FROM event", "0");
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

/* Two workloads of a holder lose rows until they are level, and never a whole workload at once. */
static void test_level(void **state)
{
	static const char counts[] = "SELECT group_concat(n) FROM (SELECT count(*) AS n FROM event"
				     " GROUP BY holder, workload ORDER BY holder, workload)";
	struct history_turn turn = { 0 };
	struct outlet *outlet = limited(100000, 1 << 30);
	sqlite3 *sqlite;
	int gone = 0, left = 1300;

	(void)state;
	for (int i = 1; i <= 1300; i++)
		history_give(outlet, shared_death(i, i <= 300 ? 1 : 2,
						  i <= 300   ? 1
						  : i <= 400 ? 2
						  : i <= 900 ? 3
							     : 4,
						  ""));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	assert_int_equal(sqlite3_open(HISTORY_DB, &sqlite), SQLITE_OK);
	history_expect(counts, "300,100,500,400");
	for (; left > 1200; left -= gone)
		assert_int_equal(history_share_drop(sqlite, &turn, 20, &gone), SQLITE_OK);
	history_expect(counts, "300,100,400,400");
	for (; left > 620; left -= gone)
		assert_int_equal(history_share_drop(sqlite, &turn, 20, &gone), SQLITE_OK);
	/* the holders are level except for one turn */
	history_expect("SELECT min(n) > 250 FROM (SELECT count(*) AS n FROM event GROUP BY holder)",
		       "1");
	history_expect("SELECT count(*) BETWEEN 90 AND 100 FROM event WHERE workload = 2", "1");
	history_expect("SELECT max(pid) FROM event WHERE workload = 3", "900");
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

static struct event *old_death(int number, const char *owner)
{
	char more[1600];

	(void)snprintf(more, sizeof(more), "%s,\"more\":\"%01400d\"", owner, 0);
	return history_death(number, more);
}

/*
 * Rows from before version 4 get their holders from their columns: a storm of one leaves the
 * others' rows.
 */
static void test_fair_among_old_rows(void **state)
{
	static const char *const owners[] = {
		",\"systemd\":{\"unit\":\"shop.service\"}",
		",\"systemd\":{\"unit\":\"user@1000.service\",\"user_unit\":\"a.service\"}",
		",\"container\":{\"id\":\"0123\",\"name\":\"web\"}",
		",\"kubernetes\":{\"namespace\":\"bank\",\"pod\":\"web-0\"}",
		",\"lost\":{}",
	};
	struct outlet *outlet = limited(100000, MOST_BYTES);

	(void)state;
	for (int i = 1; i <= 50; i++)
		history_give(outlet, old_death(i, owners[(size_t)i % COUNT(owners)]));
	for (int i = 51; i <= 3000; i++) {
		history_give(outlet,
			     old_death(i,
				       ",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"x\"}"));
		if (i % 100 == 0)
			assert_int_equal(flush(outlet), 0);
	}
	trim(outlet);
	history_expect("SELECT count(*) FROM event WHERE pid <= 50", "50");
	history_expect("SELECT max(pid) FROM event", "3000");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	for (int i = 3001; i <= 6000; i++)
		give_shared(outlet, i, 7, 7); /* and a storm after the upgrade */
	trim(outlet);
	history_expect("SELECT count(*) FROM event WHERE pid <= 50", "50");
	history_expect("SELECT count(*) > 100 FROM event WHERE pid BETWEEN 51 AND 3000", "1");
	history_expect("SELECT count(*) BETWEEN 150 AND 600 FROM event", "1");
	history_drop(outlet);
	history_expect_sound();
}

/* Rows from before version 4 have no holder, and give way to those with one if they are more. */
static void test_fair_to_old_rows(void **state)
{
	struct outlet *outlet = limited(100000, MOST_BYTES);

	(void)state;
	for (int i = 1; i <= 300; i++)
		give_shared(outlet, i, 0, 0);
	for (int i = 301; i <= 3000; i++)
		give_shared(outlet, i, 1, 1);
	trim(outlet);
	history_expect("SELECT count(*) > 100 FROM event WHERE holder IS NULL", "1");
	history_expect("SELECT max(pid) FROM event WHERE holder IS NULL", "300");
	history_expect("SELECT count(*) > 100 FROM event WHERE holder = 1", "1");
	history_drop(outlet);
	history_expect_sound();
}

/* After the limit is lowered, the room is released even if no event comes. */
static void test_less_than_before(void **state)
{
	struct outlet *outlet = limited(100000, 1 << 30);
	struct stat st;

	(void)state;
	for (int i = 1; i <= 8000; i++)
		history_give(outlet, history_death(i, ",\"more\":\"0123456789\""));
	assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
	assert_int_equal(stat(HISTORY_DB, &st), 0);
	assert_true(st.st_size > 2 << 20);
	outlet = limited(100000, 1 << 20);
	for (int i = 0; i < 50; i++)
		assert_int_equal(flush(outlet), 0);
	history_drop(outlet);
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
		TEST(test_rows),
		TEST(test_written_by_others),
		TEST(test_too_old),
		TEST(test_too_old_from_the_start),
		TEST(test_too_much),
		TEST(test_fair),
		TEST(test_fair_to_many),
		TEST(test_fair_to_few),
		TEST(test_level),
		TEST(test_fair_among_old_rows),
		TEST(test_fair_to_old_rows),
		TEST(test_less_than_before),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
