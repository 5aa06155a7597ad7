// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/container_files.h"
#include "attribute/podman_label.h"
#include "bolt_image.h"
#include "tree.h"

#include <errno.h>
#include <sqlite3.h>

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define STORAGE "/var/lib/containers/storage"
#define CONFIG                                                                      \
	"{\"id\":\"" ID                                                             \
	"\",\"spec\":{\"process\":{\"env\":[\"PODMAN_SYSTEMD_UNIT=no.service\"]}}," \
	"\"labels\":{\"PODMAN_SYSTEMD_UNIT\":\"shop.service\",\"other\":1}}"
#define TABLE \
	"CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT, PodID TEXT, JSON TEXT NOT NULL);"
#define ROW(id, json) "INSERT INTO ContainerConfig VALUES('" id "', 'n', NULL, '" json "');"

static uint64_t unreadable;

static const char *unit_of(const char *id)
{
	static struct names names;
	struct node_files files;

	memset(&names, 0, sizeof(names));
	assert_true(names_set(names.runtime, sizeof(names.runtime), "podman"));
	assert_int_equal(node_files_open(tree_root, &files), 0);
	podman_label_find(&files, id, &names, &unreadable);
	node_files_close(&files);
	return names.unit;
}

/* As SQLite writes it. The caller closes it, and may leave a log beside it. */
static sqlite3 *write_database(const char *sql)
{
	sqlite3 *sqlite = NULL;

	(void)unlink(tree_path(STORAGE "/db.sql"));
	assert_int_equal(sqlite3_open(tree_path(STORAGE "/db.sql"), &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
	return sqlite;
}

static void test_sqlite(void **state)
{
	(void)state;
	unreadable = 0;
	assert_string_equal(unit_of(ID), "");
	assert_int_equal(sqlite3_close(write_database(TABLE ROW(ID, CONFIG) ROW(OTHER, "{}"))),
			 SQLITE_OK);
	assert_string_equal(unit_of(ID), "shop.service");
	assert_string_equal(unit_of(OTHER), "");
	assert_string_equal(unit_of("c"), "");
	assert_string_equal(unit_of("' OR 1 --"), "");
	assert_int_equal(unreadable, 0);
}

/*
 * Data in a log that Podman has not merged yet is missing, and the rest is there. No lock is taken,
 * and nothing is written.
 */
static void test_write_ahead_log(void **state)
{
	sqlite3 *sqlite = write_database("PRAGMA journal_mode=WAL;" TABLE ROW(
		ID, CONFIG) "PRAGMA wal_checkpoint(TRUNCATE);"
			    "BEGIN EXCLUSIVE;" ROW(OTHER, CONFIG));

	(void)state;
	unreadable = 0;
	assert_string_equal(unit_of(ID), "shop.service");
	assert_string_equal(unit_of(OTHER), "");
	assert_int_equal(sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	assert_string_equal(unit_of(OTHER), "shop.service");
	assert_int_equal(unreadable, 0);
}

static void test_bolt(void **state)
{
	static struct bolt_image image;
	unsigned char inner[16 + 512] = { 0 };
	struct bolt_image small = { 0 };
	struct bolt_page page = bolt_begin(&small, 0, BOLT_LEAF);

	(void)state;
	unreadable = 0;
	memset(&image, 0, sizeof(image));
	bolt_put_text(&page, "config", CONFIG);
	memcpy(inner + 16, small.bytes, 512);
	bolt_put_meta(&image, 0, 7, 4);
	bolt_put_meta(&image, 1, 2, 5);
	page = bolt_begin(&image, 2 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_bucket(&page, "ctr", 3);
	page = bolt_begin(&image, 3 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_leaf(&page, BOLT_BUCKET, ID, inner, sizeof(inner));
	tree_write_bytes(STORAGE "/libpod/bolt_state.db", (const char *)image.bytes,
			 sizeof(image.bytes));
	assert_string_equal(unit_of(ID), "shop.service");
	assert_string_equal(unit_of(OTHER), "");
	assert_int_equal(unreadable, 0);
	/*
	 * it is unknown which of the two is in use: the other one may be left from before an
	 * upgrade
	 */
	assert_int_equal(sqlite3_close(write_database(TABLE)), SQLITE_OK);
	assert_string_equal(unit_of(ID), "shop.service");
}

static void test_spoiled(void **state)
{
	static const char *const spoiled[] = {
		"CREATE TABLE ContainerConfig(ID TEXT, Other TEXT)",
		"CREATE TABLE Other(ID TEXT)",
		"CREATE VIEW ContainerConfig AS SELECT '" ID "' AS ID, '" CONFIG "' AS JSON",
		TABLE ROW(ID, "[]"),
		TABLE ROW(ID, "{"),
		TABLE "INSERT INTO ContainerConfig VALUES('" ID "', 'n', NULL, zeroblob(300000));",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++) {
		unreadable = 0;
		assert_int_equal(sqlite3_close(write_database(spoiled[i])), SQLITE_OK);
		assert_string_equal(unit_of(ID), "");
		/* a NUL at the beginning is neither JSON nor a label */
		assert_int_equal(unreadable, i + 1 < sizeof(spoiled) / sizeof(spoiled[0]));
	}
}

/*
 * Cut, and with every byte of the header and the first page changed: it always ends with an answer.
 */
static void test_any_bytes(void **state)
{
	static char file[64 << 10], copy[sizeof(file)], text[256 << 10];
	size_t size;
	FILE *stream;

	(void)state;
	assert_int_equal(sqlite3_close(write_database(TABLE ROW(ID, CONFIG))), SQLITE_OK);
	stream = fopen(tree_path(STORAGE "/db.sql"), "re");
	assert_non_null(stream);
	size = fread(file, 1, sizeof(file), stream);
	assert_int_equal(fclose(stream), 0);
	for (size_t cut = 0; cut < size; cut += 97) {
		memcpy(copy, file, cut);
		(void)podman_label_query(copy, cut, ID, text, sizeof(text));
	}
	for (size_t at = 0; at < size; at += at < 128 ? 1 : 53) {
		memcpy(copy, file, size);
		copy[at] = (char)~copy[at];
		(void)podman_label_query(copy, size, ID, text, sizeof(text));
	}
	assert_int_equal(podman_label_query(file, size, ID, text, sizeof(text)), 0);
	assert_string_equal(text, CONFIG);
}

/* Only for Podman's own containers: CRI-O keeps its containers in the same list. */
static void test_where_it_is_asked_for(void **state)
{
	struct container_query query = { .id = ID, .runtime = "podman" };
	struct node_files files;
	struct names names;

	(void)state;
	unreadable = 0;
	tree_write(STORAGE "/overlay-containers/containers.json",
		   "[{\"id\":\"" ID "\",\"names\":[\"web\"]}]");
	assert_int_equal(sqlite3_close(write_database(TABLE ROW(ID, CONFIG))), SQLITE_OK);
	assert_int_equal(node_files_open(tree_root, &files), 0);
	assert_true(container_files_find(&files, &query, &names, &unreadable));
	assert_string_equal(names.name, "web");
	assert_string_equal(names.unit, "shop.service");
	node_files_close(&files);
	assert_int_equal(unreadable, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sqlite, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_write_ahead_log, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_bolt, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_spoiled, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_any_bytes, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_where_it_is_asked_for, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
