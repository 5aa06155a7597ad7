// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/search.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

bool search_goes_on(const struct search *search)
{
	if (clock_boottime_ns() >= search->end_ns)
		return false;
	for (size_t i = 0; i < search->wanted->file_count; i++)
		if (search->reader->files[i].code_fd < 0)
			return true;
	return false;
}

bool search_wants_map(const struct search *search)
{
	return search->wanted->map.ns_pid && !search->has_map &&
	       clock_boottime_ns() < search->end_ns;
}

bool search_is_name(const struct search *search, const char *name)
{
	if (!strcmp(name, search->wanted->exe))
		return true;
	for (size_t i = 0; i < search->wanted->file_count; i++)
		if (search->reader->files[i].code_fd < 0 &&
		    !strcmp(search->wanted->files[i].name, name))
			return true;
	return false;
}

bool search_any_name(const struct search *search)
{
	for (size_t i = 0; i < search->wanted->file_count; i++)
		if (search->reader->files[i].code_fd < 0 && !search->wanted->files[i].name[0])
			return true;
	return false;
}

static bool has_seen(struct search *search, const struct stat *st)
{
	for (size_t i = 0; i < search->seen_count; i++)
		if (search->seen[i].inode == st->st_ino && search->seen[i].device == st->st_dev)
			return true;
	if (search->seen_count < SEARCH_SEEN)
		search->seen[search->seen_count++] = (struct search_seen){ st->st_dev, st->st_ino };
	return false;
}

const char *search_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void set_found(struct search *search, int file, const struct search_place *place)
{
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		struct symbols_frame *frame = wanted_frame(search->symbols, i);

		if (wanted_file_of(search->wanted, i) != file)
			continue;
		frame->state = SYMBOLS_LATE;
		frame->is_given = search->is_given;
		text_valid_utf8(place->shown, frame->path, sizeof(frame->path));
		if (!frame->module[0])
			text_valid_utf8(place->name, frame->module, sizeof(frame->module));
	}
}

/* A file that should be it by its name. It is forgotten if a right one is found later. */
static void set_changed(struct search *search, const struct search_place *place)
{
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		struct symbols_frame *frame = wanted_frame(search->symbols, i);

		if (search->wanted->frames[i].is_located && !search->wanted->frames[i].by_name &&
		    !frame->path[0] && frame->module[0] && !strcmp(frame->module, place->name)) {
			frame->state = SYMBOLS_CHANGED;
			text_valid_utf8(place->shown, frame->path, sizeof(frame->path));
		}
	}
}

int search_open_place(const struct search_place *place)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", place->fd);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* The rule is in symbols.h. */
static bool may_be_by_name(const struct search *search, const struct search_place *place,
			   const struct stat *st)
{
	const int file = wanted_by_name(search->wanted);
	const int64_t changed_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;

	return (search->is_near || search->is_given) && file >= 0 &&
	       search->reader->files[file].code_fd < 0 &&
	       !strcmp(search->wanted->files[file].name, place->name) &&
	       (search->is_given || changed_ns < search->wanted->start_ns);
}

void search_offer(struct search *search, const struct search_place *place)
{
	struct reader_offer offer;
	struct stat st;
	int fd;

	if (search->is_given && search_is_map(search, place->name)) {
		search_offer_map(search, place);
		return;
	}
	if (fstat(place->fd, &st) || !S_ISREG(st.st_mode) || has_seen(search, &st))
		return;
	fd = search_open_place(place);
	if (fd < 0)
		return;
	offer = reader_offer(search->reader, fd, may_be_by_name(search, place, &st));
	if (offer.is_code)
		set_found(search, offer.file, place);
	else if (offer.file < 0 && offer.has_id)
		set_changed(search, place);
}

void search_take(struct search *search, int fd)
{
	const struct search_place place = { .fd = -1, .name = "", .shown = "" };
	struct reader_offer offer;
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return;
	}
	offer = reader_offer(search->reader, fd, false);
	if (offer.is_code)
		set_found(search, offer.file, &place);
}

void search_below(struct search *search, int root_fd, const char *path, const char *shown)
{
	AUTO_CLOSE int fd = open_in_root(root_fd, path, O_PATH);
	const struct search_place place = { .fd = fd,
					    .name = search_base_name(path),
					    .shown = shown };

	if (fd >= 0)
		search_offer(search, &place);
}

static void settle(struct search *search)
{
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		struct symbols_frame *frame = wanted_frame(search->symbols, i);

		if (frame->state == SYMBOLS_LATE && !frame->path[0])
			frame->state = SYMBOLS_NO_FILE;
	}
}

void search_files(struct search *search)
{
	static void (*const parts[])(struct search * search) = {
		search_extra,
		search_processes,
		search_folders,
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (search_goes_on(search) || search_wants_map(search))
			parts[i](search);
	search_debug_files(search);
	settle(search);
}
