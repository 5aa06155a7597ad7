/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes databases as bolt does, page by page, for tests to read and to damage. */
#ifndef KT_BOLT_IMAGE_H
#define KT_BOLT_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BOLT_PAGE 1024
#define BOLT_PAGES 8
#define BOLT_BRANCH 1
#define BOLT_LEAF 2
#define BOLT_BUCKET 1

struct bolt_image {
	unsigned char bytes[BOLT_PAGES * BOLT_PAGE];
};

static inline void bolt_put(struct bolt_image *image, size_t at, uint64_t value, size_t size)
{
	memcpy(image->bytes + at, &value, size);
}

static inline void bolt_put_meta(struct bolt_image *image, unsigned int page, uint64_t root,
				 uint64_t transaction)
{
	size_t at = page * BOLT_PAGE + 16;
	uint64_t hash = 0xcbf29ce484222325;

	bolt_put(image, at, 0xED0CDAED, 4);
	bolt_put(image, at + 4, 2, 4);
	bolt_put(image, at + 8, BOLT_PAGE, 4);
	bolt_put(image, at + 16, root, 8);
	bolt_put(image, at + 48, transaction, 8);
	for (size_t i = 0; i < 56; i++)
		hash = (hash ^ image->bytes[at + i]) * 0x100000001b3;
	bolt_put(image, at + 56, hash, 8);
}

/* A page has its elements one after another, and their texts in a row from the middle on. */
struct bolt_page {
	struct bolt_image *image;
	size_t start, text;
	uint16_t count;
};

static inline struct bolt_page bolt_begin(struct bolt_image *image, size_t start, uint16_t flags)
{
	bolt_put(image, start + 8, flags, 2);
	return (struct bolt_page){ image, start, start + 256, 0 };
}

static inline size_t bolt_element(struct bolt_page *page)
{
	size_t at = page->start + 16 + 16U * page->count++;

	bolt_put(page->image, page->start + 10, page->count, 2);
	return at;
}

static inline void bolt_text(struct bolt_page *page, const void *text, size_t size)
{
	memcpy(page->image->bytes + page->text, text, size);
	page->text += size;
}

static inline void bolt_put_below(struct bolt_page *page, const char *key, uint64_t below)
{
	size_t at = bolt_element(page);

	bolt_put(page->image, at, page->text - at, 4);
	bolt_put(page->image, at + 4, strlen(key), 4);
	bolt_put(page->image, at + 8, below, 8);
	bolt_text(page, key, strlen(key));
}

static inline void bolt_put_leaf(struct bolt_page *page, uint32_t flags, const char *key,
				 const void *value, size_t size)
{
	size_t at = bolt_element(page);

	bolt_put(page->image, at, flags, 4);
	bolt_put(page->image, at + 4, page->text - at, 4);
	bolt_put(page->image, at + 8, strlen(key), 4);
	bolt_put(page->image, at + 12, size, 4);
	bolt_text(page, key, strlen(key));
	bolt_text(page, value, size);
}

static inline void bolt_put_text(struct bolt_page *page, const char *key, const char *value)
{
	bolt_put_leaf(page, 0, key, value, strlen(value));
}

static inline void bolt_put_bucket(struct bolt_page *page, const char *key, uint64_t root)
{
	const uint64_t bucket[2] = { root, 0 };

	bolt_put_leaf(page, BOLT_BUCKET, key, bucket, sizeof(bucket));
}

/*
 * As in containerd: v1 → default → containers → web, with the image `image`. The containers' tree
 * has a branch; the last bucket is inline in its page.
 */
static inline void bolt_make(struct bolt_image *image, const char *name)
{
	unsigned char inner[16 + 512] = { 0 };
	struct bolt_image small = { 0 };
	struct bolt_page page;

	memset(image, 0, sizeof(*image));
	bolt_put_meta(image, 0, 7, 4);
	bolt_put_meta(image, 1, 2, 5);
	page = bolt_begin(image, 2 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_bucket(&page, "v1", 3);
	page = bolt_begin(image, 3 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_bucket(&page, "default", 4);
	bolt_put_text(&page, "version", "6");
	page = bolt_begin(image, 4 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_bucket(&page, "containers", 5);
	page = bolt_begin(image, 5 * BOLT_PAGE, BOLT_BRANCH);
	bolt_put_below(&page, "cart", 7);
	bolt_put_below(&page, "shop", 6);
	page = bolt_begin(&small, 0, BOLT_LEAF);
	bolt_put_text(&page, "createdat", "now");
	bolt_put_text(&page, "image", name);
	memcpy(inner + 16, small.bytes, 512);
	page = bolt_begin(image, 6 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_leaf(&page, BOLT_BUCKET, "web", inner, sizeof(inner));
	page = bolt_begin(image, 7 * BOLT_PAGE, BOLT_LEAF);
	bolt_put_text(&page, "cart", "no bucket");
}

#endif
