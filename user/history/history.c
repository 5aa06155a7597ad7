// SPDX-License-Identifier: BSD-2-Clause
#include "history/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "history/history_db.h"

/* Short enough for a user who looks, and for little to be lost when the node goes down. */
#define GATHER_MS 200
/* Old events are also dropped while no process dies. */
#define HEARTBEAT_S HISTORY_NOTE_S
#define MOST_GATHERED 256
/* If a disk damages one database after the other, they must not fill it. */
#define MOST_ASIDE 3

struct history {
	struct outlet outlet;
	struct history_limits limits;
	struct history_db db;
	unsigned int moved_aside;
	struct event *gathered[MOST_GATHERED];
	unsigned int count; /* of events */
	uint64_t too_old;   /* deaths that were not stored because of their age */
	char trouble[sizeof(((struct history_db *)NULL)->message) + 64];
};

static int64_t now_ns(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The next trim would drop it. */
static bool is_too_old(const struct history *history, const struct event *event)
{
	return event->realtime_ns < now_ns() - history->limits.days * (86400 * NS_PER_S);
}

/* A recording can be older than everything that is kept: this is reported, since nothing else shows
 * it. */
static void say_too_old(const struct history *history)
{
	if (history->too_old)
		say("history: %" PRIu64 " %s older than %u %s and not stored; raise --history-days",
		    history->too_old, text_plural(history->too_old, "death was", "deaths were"),
		    history->limits.days, text_plural(history->limits.days, "day", "days"));
}

static void let_go(struct history *history)
{
	for (unsigned int i = 0; i < history->count; i++)
		event_unref(history->gathered[i]);
	history->count = 0;
}

static int try_to_write(struct history *history)
{
	struct history_db *db = &history->db;
	int error = 0;

	if (db->sqlite && !history_db_is_in_place(db))
		history_db_leave(db);
	if (!db->sqlite)
		error = history_db_open(db);
	/* first, so that what was added counts as added, whatever happens to the rest */
	if (!error)
		error = history_db_trim(db, &history->limits, now_ns());
	if (!error && history->count)
		error = history_db_add(db, history->gathered, history->count, now_ns());
	else if (!error)
		error = history_db_note_ran(db, now_ns());
	if (!error)
		let_go(history);
	return error;
}

/* False: it stays where it is. */
static bool begin_anew(struct history *history)
{
	char aside[HISTORY_ASIDE_SIZE];

	history_db_close(&history->db);
	if (history->moved_aside == MOST_ASIDE ||
	    history_db_move_aside(&history->db, now_ns(), aside))
		return false;
	history->moved_aside++;
	say("history: '%s' is damaged (%s): kept as '%s', and a new one is created",
	    history->db.path, history->db.message, aside);
	return true;
}

static int history_write(struct history *history)
{
	int error = try_to_write(history);

	if (error == -EUCLEAN && begin_anew(history))
		error = try_to_write(history);
	/* a busy or full one stays open: it may accept events in a minute */
	if (error && error != -EBUSY && error != -ENOSPC)
		history_db_close(&history->db);
	if (error)
		(void)snprintf(history->trouble, sizeof(history->trouble), "%s",
			       history->db.message);
	return error;
}

static int history_flush(struct outlet *outlet)
{
	return history_write((struct history *)outlet);
}

static int history_deliver(struct outlet *outlet, const struct event *event)
{
	struct history *history = (struct history *)outlet;

	if (is_too_old(history, event)) {
		history->too_old += event->is_death ? event_deaths(event) : 0;
		return 0;
	}
	if (history->count == MOST_GATHERED)
		return -ENOBUFS;
	history->gathered[history->count++] = event_ref((struct event *)event);
	return 0;
}

static void history_reopen(struct outlet *outlet)
{
	history_db_close(&((struct history *)outlet)->db);
}

static void history_free(struct outlet *outlet)
{
	struct history *history = (struct history *)outlet;

	say_too_old(history);
	let_go(history);
	if (history->db.sqlite)
		(void)history_db_note_ran(&history->db, now_ns());
	history_db_close(&history->db);
	free(history);
}

/* The sequence up to which an earlier agent has written. If a kill kept it from noting that
 * elsewhere, the deaths come again, and if they are folded differently they have other ids. */
static void take_up(struct history *history)
{
	struct history_db *db = &history->db;

	if (!db->boot_id || access(db->path, F_OK))
		return;
	if (!history_db_open(db))
		history->outlet.has = history_db_has(db);
	history_db_close(db);
}

struct outlet *history_new(const char *path, const struct history_limits *limits,
			   const char *boot_id)
{
	static const struct outlet_ops ops = {
		.name = "history",
		.deliver = history_deliver,
		.flush = history_flush,
		.reopen = history_reopen,
		.free = history_free,
	};
	struct history *history = calloc(1, sizeof(*history));

	if (!history)
		return NULL;
	history->outlet = (struct outlet){
		.ops = &ops,
		.place = path,
		.heartbeat_s = HEARTBEAT_S,
		.gather_ms = GATHER_MS,
		.holds = true,
		.safe_when_flushed = true,
		.takes_rows = true,
		.trouble = history->trouble,
	};
	history->db.path = path;
	history->db.boot_id = boot_id;
	history->db.began_ns = boot_id ? now_ns() : 0;
	history->limits = *limits;
	take_up(history);
	return (struct outlet *)history;
}
