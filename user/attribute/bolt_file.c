// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/bolt_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0xED0CDAED
#define VERSION 2
#define PAGE_SMALLEST 1024U
#define PAGE_LARGEST (64U << 10)
/* A value that does not fit into a page makes it longer: an OCI spec is some 10 KiB. */
#define MOST_PAGE (1U << 20)
#define MOST_DEPTH 16
#define MOST_TRIES 3

#define PAGE_BRANCH 0x01
#define PAGE_LEAF 0x02
#define LEAF_BUCKET 0x01

/* page.go and bucket.go: in the layout of the file */
struct meta {
	uint32_t magic, version, page_size, flags;
	uint64_t root, root_sequence, freelist, high_water, transaction;
	uint64_t checksum; /* FNV-1a of everything before it */
};

struct page {
	uint64_t id;
	uint16_t flags, count;
	uint32_t overflow;
};

struct branch {
	uint32_t at, key_size; /* from this element on */
	uint64_t page;
};

struct leaf {
	uint32_t flags, at, key_size, value_size;
};

struct bucket {
	uint64_t root; /* 0: its only page follows the header */
	uint64_t sequence;
};

struct bytes {
	const char *data;
	size_t size;
};

static int read_all(int fd, void *ret, size_t size, uint64_t offset)
{
	ssize_t got = offset > INT64_MAX ? 0 : pread(fd, ret, size, (off_t)offset);

	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EBADMSG;
}

static uint64_t checksum(const struct meta *meta)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < offsetof(struct meta, checksum); i++)
		hash = (hash ^ ((const unsigned char *)meta)[i]) * 0x100000001b3;
	return hash;
}

static bool read_one_meta(int fd, uint64_t offset, struct meta *ret)
{
	return !read_all(fd, ret, sizeof(*ret), offset + sizeof(struct page)) &&
	       ret->magic == MAGIC && ret->version == VERSION && ret->checksum == checksum(ret) &&
	       ret->page_size >= PAGE_SMALLEST && ret->page_size <= PAGE_LARGEST;
}

/* There are two, written in turn; the first says where the second is. One may be half-written. */
static int read_meta(int fd, struct meta *ret)
{
	struct meta first, second;
	bool has_first = read_one_meta(fd, 0, &first), has_second = false;

	for (uint32_t size = has_first ? first.page_size : PAGE_SMALLEST;
	     !has_second && size <= (has_first ? first.page_size : PAGE_LARGEST); size *= 2)
		has_second = read_one_meta(fd, size, &second);
	if (!has_first && !has_second)
		return -EBADMSG;
	*ret = !has_second || (has_first && first.transaction > second.transaction) ? first
										    : second;
	return 0;
}

/* The key of an element at the offset `element`; its value follows. */
static bool find_key(struct bytes page, size_t element, uint32_t at, uint32_t key_size,
		     struct bytes *ret)
{
	if (at > page.size - element || key_size > page.size - element - at)
		return false;
	*ret = (struct bytes){ page.data + element + at, key_size };
	return true;
}

static int compare(struct bytes key, const char *wanted)
{
	size_t length = strlen(wanted);
	int order = memcmp(key.data, wanted, key.size < length ? key.size : length);

	return order ? order : (key.size > length) - (key.size < length);
}

/* The page below which the key is, if it exists: that of the last key not above it. */
static int search_branch(struct bytes page, unsigned int count, const char *wanted,
			 uint64_t *ret_page)
{
	for (unsigned int i = 0; i < count; i++) {
		size_t element = sizeof(struct page) + i * sizeof(struct branch);
		struct branch branch;
		struct bytes key;

		if (element + sizeof(branch) > page.size)
			return -EBADMSG;
		memcpy(&branch, page.data + element, sizeof(branch));
		if (!find_key(page, element, branch.at, branch.key_size, &key))
			return -EBADMSG;
		if (i && compare(key, wanted) > 0)
			break;
		*ret_page = branch.page;
	}
	return count ? 0 : -ENOENT;
}

static int search_leaf(struct bytes page, unsigned int count, const char *wanted, bool bucket,
		       struct bytes *ret)
{
	for (unsigned int i = 0; i < count; i++) {
		size_t element = sizeof(struct page) + i * sizeof(struct leaf);
		struct leaf leaf;
		struct bytes key;

		if (element + sizeof(leaf) > page.size)
			return -EBADMSG;
		memcpy(&leaf, page.data + element, sizeof(leaf));
		if (!find_key(page, element, leaf.at, leaf.key_size, &key))
			return -EBADMSG;
		if (compare(key, wanted) != 0)
			continue;
		ret->data = key.data + key.size;
		ret->size = leaf.value_size;
		if (ret->size > (size_t)(page.data + page.size - ret->data))
			return -EBADMSG;
		return !(leaf.flags & LEAF_BUCKET) == !bucket ? 0 : -ENOENT;
	}
	return -ENOENT;
}

struct search {
	int fd;
	uint32_t page_size;
	char *pages[MOST_DEPTH]; /* all pages that were read: the result is in one of them */
	unsigned int depth;
};

static int read_page(struct search *search, uint64_t id, struct bytes *ret)
{
	struct page head;
	uint64_t size;
	char *data;
	int error;

	if (search->depth == MOST_DEPTH || id > UINT64_MAX / search->page_size)
		return -EBADMSG;
	error = read_all(search->fd, &head, sizeof(head), id * search->page_size);
	if (error)
		return error;
	size = ((uint64_t)head.overflow + 1) * search->page_size;
	if (size > MOST_PAGE)
		return -EFBIG;
	data = malloc(size);
	if (!data)
		return -ENOMEM;
	search->pages[search->depth++] = data;
	*ret = (struct bytes){ data, size };
	return read_all(search->fd, data, size, id * search->page_size);
}

/* Searches the tree below a page. */
static int search_page(struct search *search, struct bytes page, const char *wanted, bool bucket,
		       struct bytes *ret)
{
	for (;;) {
		struct page head;
		uint64_t below;
		int error;

		if (page.size < sizeof(head))
			return -EBADMSG;
		memcpy(&head, page.data, sizeof(head));
		if (head.flags & PAGE_LEAF)
			return search_leaf(page, head.count, wanted, bucket, ret);
		if (!(head.flags & PAGE_BRANCH))
			return -EBADMSG;
		error = search_branch(page, head.count, wanted, &below);
		if (!error)
			error = read_page(search, below, &page);
		if (error)
			return error;
	}
}

static int search_way(struct search *search, uint64_t root, const char *const *way,
		      struct bytes *ret)
{
	struct bytes page;
	int error = read_page(search, root, &page);

	for (; !error && *way; way++) {
		bool is_bucket = way[1];
		struct bucket bucket;

		error = search_page(search, page, *way, is_bucket, ret);
		if (error || !is_bucket)
			continue;
		if (ret->size < sizeof(bucket))
			return -EBADMSG;
		memcpy(&bucket, ret->data, sizeof(bucket));
		page = (struct bytes){ ret->data + sizeof(bucket), ret->size - sizeof(bucket) };
		if (bucket.root)
			error = read_page(search, bucket.root, &page);
	}
	return error;
}

static int try_to_get(int fd, const struct meta *meta, const char *const *way, char *ret,
		      size_t size)
{
	struct search search = { .fd = fd, .page_size = meta->page_size };
	struct bytes value = { "", 0 };
	struct meta after;
	int error = search_way(&search, meta->root, way, &value);

	if (read_meta(fd, &after) || after.transaction != meta->transaction)
		error = -EAGAIN;
	if (!error && (value.size >= size || memchr(value.data, '\0', value.size)))
		error = -EFBIG;
	if (!error) {
		memset(ret, 0, size);
		memcpy(ret, value.data, value.size);
	}
	while (search.depth)
		free(search.pages[--search.depth]);
	return error;
}

int bolt_file_get(int fd, const char *const *way, char *ret, size_t size)
{
	int error = -EAGAIN;

	for (unsigned int i = 0; i < MOST_TRIES && error == -EAGAIN; i++) {
		struct meta meta;

		error = read_meta(fd, &meta);
		if (!error)
			error = try_to_get(fd, &meta, way, ret, size);
	}
	return error;
}
