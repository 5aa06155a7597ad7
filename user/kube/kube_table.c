// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_table.h"

#include <stdlib.h>
#include <string.h>

struct kube_table *kube_table_new(void)
{
	return calloc(1, sizeof(struct kube_table));
}

static void empty(struct kube_row *row)
{
	kube_event_done(&row->event);
	free(row->object_name);
	*row = (struct kube_row){ 0 };
}

void kube_table_free(struct kube_table *table)
{
	for (size_t i = 0; table && i < KUBE_TABLE_ROWS; i++)
		empty(&table->rows[i]);
	free(table);
}

static void add_lost(struct kube_lost *sum, const struct kube_lost *more)
{
	sum->deaths += more->deaths;
	sum->folded += more->folded;
}

static bool is_free(const struct kube_row *row)
{
	return !row->event.name;
}

static struct kube_row *find(struct kube_table *table, const struct kube_event *event)
{
	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++)
		if (!is_free(&table->rows[i]) && kube_event_is_same(&table->rows[i].event, event))
			return &table->rows[i];
	return NULL;
}

/* A free row, or the one that was used longest ago and has nothing to send. NULL: all have. */
static struct kube_row *make_room(struct kube_table *table)
{
	struct kube_row *oldest = NULL;

	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++) {
		struct kube_row *row = &table->rows[i];

		if (is_free(row))
			return row;
		if (!row->since_ns && !row->on_its_way && (!oldest || row->used < oldest->used))
			oldest = row;
	}
	if (oldest)
		empty(oldest);
	return oldest;
}

/* The Event is taken over. NULL: there is no room. */
static struct kube_row *start(struct kube_table *table, const struct event *event,
			      struct kube_event *new)
{
	struct kube_row *row = make_room(table);

	if (!row || !kube_event_write_message(event, new))
		return NULL;
	row->event = *new;
	*new = (struct kube_event){ 0 };
	return row;
}

/* The record's id names the Event, if that is made again. */
static void go_on(struct kube_row *row, struct kube_event *more)
{
	row->event.count += more->count;
	if (more->first_ns < row->event.first_ns)
		row->event.first_ns = more->first_ns;
	if (more->last_ns > row->event.last_ns)
		row->event.last_ns = more->last_ns;
	if (row->since_ns)
		return;
	free(row->event.id);
	row->event.id = more->id;
	more->id = NULL;
}

static void add_one(struct kube_table *table, const struct event *event, struct kube_event *new,
		    const struct kube_lost *owed, uint64_t now_ns, struct kube_lost *lost)
{
	struct kube_row *row = find(table, new);

	if (row)
		go_on(row, new);
	else
		row = start(table, event, new);
	if (!row) {
		add_lost(lost, owed);
		return;
	}
	row->used = ++table->turns;
	if (!row->since_ns) {
		row->since_ns = now_ns;
		row->turn = table->turns;
	}
	add_lost(&row->owed, owed);
}

void kube_table_add(struct kube_table *table, const struct event *event, struct kube_events *events,
		    uint64_t now_ns, struct kube_lost *lost)
{
	const uint64_t count = event->reported->repeats.count;
	struct kube_lost owed = { count ? count : 1, count ? count - 1 : 0 };

	if (events->nameless) {
		add_lost(lost, &owed);
		owed = (struct kube_lost){ 0 };
	}
	for (unsigned int i = 0; i < events->count; i++) {
		add_one(table, event, &events->of[i], &owed, now_ns, lost);
		kube_event_done(&events->of[i]);
		owed = (struct kube_lost){ 0 }; /* each death is counted once */
	}
}

/* FNV-1a; never 0. */
static uint64_t hash_of(const struct kube_event *event)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const char *at = event->uid; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3;
	return hash ? hash : 1;
}

struct kube_row *kube_table_next(struct kube_table *table, uint64_t now_ns, uint64_t *ret_wait_ns)
{
	struct kube_row *first = NULL;
	uint64_t shortest_ns = 0;

	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++) {
		struct kube_row *row = &table->rows[i];
		uint64_t wait_ns;

		if (is_free(row) || !row->since_ns)
			continue;
		wait_ns = kube_rate_wait_ns(&table->rate, hash_of(&row->event), now_ns);
		if (!wait_ns && (!first || row->turn < first->turn))
			first = row;
		if (wait_ns && (!shortest_ns || wait_ns < shortest_ns))
			shortest_ns = wait_ns;
	}
	*ret_wait_ns = first ? 0 : shortest_ns;
	return first;
}

void kube_table_answered(struct kube_table *table, const struct kube_row *row, uint64_t now_ns)
{
	kube_rate_take(&table->rate, hash_of(&row->event), now_ns);
}

void kube_table_begin(struct kube_row *row)
{
	row->on_its_way = true;
	row->sending = row->event.count;
	row->on_way = row->owed;
}

static void take_lost(struct kube_lost *from, const struct kube_lost *part)
{
	from->deaths -= part->deaths < from->deaths ? part->deaths : from->deaths;
	from->folded -= part->folded < from->folded ? part->folded : from->folded;
}

void kube_table_arrived(struct kube_row *row, char *object_name, uint64_t now_ns)
{
	row->on_its_way = false;
	row->sent = row->sending;
	row->since_ns = row->event.count > row->sent ? now_ns : 0;
	take_lost(&row->owed, &row->on_way);
	take_lost(&row->released, &row->on_way);
	if (row->object_name != object_name)
		free(row->object_name);
	row->object_name = object_name;
}

void kube_table_vanished(struct kube_row *row)
{
	row->on_its_way = false;
	free(row->object_name);
	row->object_name = NULL;
}

void kube_table_failed(struct kube_table *table, struct kube_row *row)
{
	row->on_its_way = false;
	row->turn = ++table->turns;
}

void kube_table_give_up(struct kube_row *row, struct kube_lost *lost)
{
	add_lost(lost, &row->owed);
	empty(row);
}

void kube_table_give_up_old(struct kube_table *table, uint64_t now_ns, struct kube_lost *lost)
{
	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++) {
		struct kube_row *row = &table->rows[i];

		if (row->since_ns && !row->on_its_way &&
		    now_ns - row->since_ns > KUBE_TABLE_OLDEST_NS)
			kube_table_give_up(row, lost);
	}
}

void kube_table_release(struct kube_table *table)
{
	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++)
		table->rows[i].released = table->rows[i].owed;
}

void kube_table_give_up_released(struct kube_table *table, struct kube_lost *lost)
{
	for (size_t i = 0; i < KUBE_TABLE_ROWS; i++) {
		struct kube_row *row = &table->rows[i];

		add_lost(lost, &row->released);
		take_lost(&row->owed, &row->released);
		row->released = (struct kube_lost){ 0 };
	}
}
