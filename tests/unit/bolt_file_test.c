// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/bolt_file.h"
#include "bolt_image.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define WEB "v1", "default", "containers", "web"

static struct bolt_image image;
static char value[64];

static int get_from(const void *bytes, size_t size, const char *const *way)
{
	int fd = memfd_create("bolt", MFD_CLOEXEC), error;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	memset(value, 'x', sizeof(value));
	error = bolt_file_get(fd, way, value, sizeof(value));
	assert_int_equal(close(fd), 0);
	return error;
}

static int get(const char *const *way)
{
	return get_from(&image, sizeof(image), way);
}

#define GET(...) get((const char *const[]){ __VA_ARGS__, NULL })

static void test_finds(void **state)
{
	(void)state;
	bolt_make(&image, "localhost/bb:1");
	assert_int_equal(GET(WEB, "image"), 0);
	assert_string_equal(value, "localhost/bb:1");
	assert_int_equal(GET("v1", "version"), 0);
	assert_string_equal(value, "6");
	/* also to the left of the keys that a branch has */
	assert_int_equal(GET("v1", "default", "containers", "cart"), 0);
	assert_string_equal(value, "no bucket");
}

static void test_finds_nothing(void **state)
{
	(void)state;
	bolt_make(&image, "localhost/bb:1");
	assert_int_equal(GET("v2"), -ENOENT);
	assert_int_equal(GET("v1", "defaul", "containers"), -ENOENT);
	assert_int_equal(GET("v1", "default2", "containers"), -ENOENT);
	assert_int_equal(GET("v1", "default", "containers", "we", "image"), -ENOENT);
	assert_int_equal(GET("v1", "default", "containers", "a", "image"), -ENOENT);
	assert_int_equal(GET(WEB, "Image"), -ENOENT);
	/* a bucket is not a value, and a value is not a bucket */
	assert_int_equal(GET(WEB), -ENOENT);
	assert_int_equal(GET("v1", "default", "containers", "cart", "image"), -ENOENT);
	/* unchanged */
	assert_int_equal(value[0], 'x');
}

/* Of the valid meta pages, the one with the last transaction counts. */
static void test_metas(void **state)
{
	(void)state;
	bolt_make(&image, "localhost/bb:1");
	bolt_put_meta(&image, 0, 2, 6);
	bolt_put_meta(&image, 1, 7, 5);
	assert_int_equal(GET("v1", "version"), 0);
	bolt_put_meta(&image, 1, 2, 9);
	image.bytes[16 + 20] ^= 1;
	assert_int_equal(GET("v1", "version"), 0);
	image.bytes[BOLT_PAGE + 16 + 20] ^= 1;
	assert_int_equal(GET("v1", "version"), -EBADMSG);
}

static void test_values_that_do_not_fit(void **state)
{
	char name[100] = { 0 };

	(void)state;
	memset(name, 'a', sizeof(value) - 1);
	bolt_make(&image, name);
	assert_int_equal(GET(WEB, "image"), 0);
	assert_string_equal(value, name);
	name[sizeof(value) - 1] = 'a';
	bolt_make(&image, name);
	assert_int_equal(GET(WEB, "image"), -EFBIG);
}

/* Each byte on the way to the value, with every bit flipped; and each length. */
static void test_spoilt(void **state)
{
	static const char *const way[] = { WEB, "image", NULL };

	(void)state;
	bolt_make(&image, "localhost/bb:1");
	for (size_t page = 0; page < BOLT_PAGES; page++)
		for (size_t at = 0; at < 400; at++)
			for (unsigned int bit = 0; bit < 8; bit += 7) {
				unsigned char *byte = &image.bytes[page * BOLT_PAGE + at];

				*byte ^= (unsigned char)(1U << bit);
				(void)get(way);
				*byte ^= (unsigned char)(1U << bit);
			}
	for (size_t size = 0; size < 7 * BOLT_PAGE; size += 64)
		assert_int_not_equal(get_from(&image, size, way), 0);
	assert_int_equal(get(way), 0);
}

/* Branches in a cycle. */
static void test_ring(void **state)
{
	struct bolt_page page;

	(void)state;
	bolt_make(&image, "localhost/bb:1");
	page = bolt_begin(&image, 2 * BOLT_PAGE, BOLT_BRANCH);
	bolt_put_below(&page, "", 2);
	assert_int_equal(GET("v1", "version"), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),  cmocka_unit_test(test_finds_nothing),
		cmocka_unit_test(test_metas),  cmocka_unit_test(test_values_that_do_not_fit),
		cmocka_unit_test(test_spoilt), cmocka_unit_test(test_ring),
	};

	return cmocka_run_group_tests_name("bolt_file", tests, NULL, NULL);
}
