// SPDX-License-Identifier: BSD-2-Clause
#include "fold/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line/repeats.h"
#include "fold/fold_kind.h"

/* Where the rate of a key may be. Two tables of 16 KiB. */
#define SETS 128
#define WAYS 4

struct rate {
	uint64_t key; /* 0: free */
	uint64_t begin_ns;
	uint64_t whole; /* deaths in this window */
};

struct rates {
	struct rate rate[SETS][WAYS];
};

struct row {
	struct fold_kind kind;
	struct event *event; /* of the first death */
	uint64_t count, earliest_ns, latest_ns;
	uint64_t last;              /* sequence of the newest */
	uint32_t last_pid;          /* of the newest */
	int64_t realtime_offset_ns; /* of the first death, for all: the wall clock may be set
				       meanwhile */
};

struct fold {
	struct rates workloads, kinds;
	struct row rows[FOLD_ROWS];
	unsigned int count;
	uint64_t last;     /* sequence of the newest death in them */
	size_t bytes;      /* of their lines */
	uint64_t begin_ns; /* of the death that opened the first of them */
	uint64_t span, open_ns;
	uint32_t wanted;
};

struct fold *fold_new(uint64_t span, uint64_t open_ns)
{
	struct fold *fold = calloc(1, sizeof(*fold));

	if (fold) {
		fold->span = span;
		fold->open_ns = open_ns;
	}
	return fold;
}

static void drop_rows(struct fold *fold)
{
	for (unsigned int i = 0; i < fold->count; i++)
		event_unref(fold->rows[i].event);
	fold->count = 0;
	fold->bytes = 0;
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	drop_rows(fold);
	free(fold);
}

/* Records of several CPUs may be slightly out of order. */
static bool is_over(uint64_t begin_ns, uint64_t length_ns, uint64_t now_ns)
{
	return now_ns > begin_ns && now_ns - begin_ns >= length_ns;
}

/* Found, or made in the place of a rate whose window is over. NULL: there is no room. */
static struct rate *find(struct rates *rates, uint64_t key, uint64_t now_ns)
{
	struct rate *set = rates->rate[(key ^ key >> 32) % SETS], *place = NULL;

	for (unsigned int i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			place = &set[i];
			break;
		}
		if (!set[i].key || is_over(set[i].begin_ns, FOLD_WINDOW_NS, now_ns))
			place = &set[i];
	}
	if (place && (place->key != key || is_over(place->begin_ns, FOLD_WINDOW_NS, now_ns)))
		*place = (struct rate){ .key = key, .begin_ns = now_ns };
	return place;
}

bool fold_takes(struct fold *fold, const struct report *report)
{
	const uint64_t now_ns = report->death->record.time_ns;
	struct fold_kind equal;
	struct rate *workload, *kind;

	/* what is stuck is reported once more when it is dead; old recordings have no numbers */
	if (report->verdict.stuck || !report->death->sequence)
		return false;
	workload = find(&fold->workloads, report->share.workload, now_ns);
	fold_kind_of(report, &equal);
	kind = find(&fold->kinds, fold_kind_number(&equal), now_ns);
	if (workload && kind && workload->whole >= FOLD_WHOLE && kind->whole)
		return true;
	if (workload)
		workload->whole++;
	if (kind)
		kind->whole++;
	return false;
}

static struct row *find_row(struct fold *fold, const struct fold_kind *kind)
{
	for (unsigned int i = 0; i < fold->count; i++)
		if (fold_kind_is(&fold->rows[i].kind, kind))
			return &fold->rows[i];
	return NULL;
}

uint64_t fold_first(const struct fold *fold)
{
	return fold->count ? fold->rows[0].event->sequence : 0;
}

bool fold_joins(const struct fold *fold, const struct report *report, uint32_t wanted)
{
	const uint64_t sequence = report->death->sequence;

	return !fold->count ||
	       (fold->count < FOLD_ROWS && fold->bytes < FOLD_LINES_BYTES &&
		fold->wanted == wanted && sequence > fold->last &&
		sequence - fold_first(fold) < fold->span &&
		!is_over(fold->begin_ns, fold->open_ns, report->death->record.time_ns));
}

static struct row *open_row(struct fold *fold, const struct report *report,
			    const struct fold_kind *kind)
{
	struct event *event = event_of_death(report);
	struct row *row;

	if (!event)
		return NULL;
	row = &fold->rows[fold->count++];
	fold->bytes += event->size;
	*row = (struct row){
		.kind = *kind,
		.event = event,
		.earliest_ns = report->death->record.time_ns,
		.latest_ns = report->death->record.time_ns,
		.realtime_offset_ns = report->death->realtime_offset_ns,
	};
	return row;
}

static void count_death(struct row *row, const struct death *death)
{
	const uint64_t time_ns = death->record.time_ns;

	row->count++;
	row->last = death->sequence;
	row->last_pid = death->record.tgid;
	if (time_ns < row->earliest_ns)
		row->earliest_ns = time_ns;
	if (time_ns > row->latest_ns)
		row->latest_ns = time_ns;
}

int fold_add(struct fold *fold, const struct report *report, uint32_t wanted)
{
	struct fold_kind kind;
	struct row *row;

	fold_kind_of(report, &kind);
	row = find_row(fold, &kind);
	if (!row) {
		row = open_row(fold, report, &kind);
		if (!row)
			return -ENOMEM;
		if (fold->count == 1) {
			fold->begin_ns = report->death->record.time_ns;
			fold->wanted = wanted;
		}
	}
	count_death(row, report->death);
	fold->last = report->death->sequence;
	return 0;
}

bool fold_is_due(const struct fold *fold, uint64_t newest, uint64_t now_ns)
{
	return fold->count && (is_over(fold->begin_ns, fold->open_ns, now_ns) ||
			       (newest > fold->last && newest - fold_first(fold) >= fold->span));
}

static int by_last(const void *a, const void *b)
{
	const uint64_t left = ((const struct row *)a)->last, right = ((const struct row *)b)->last;

	return (left > right) - (left < right);
}

static struct event *close_row(const struct row *row, unsigned int rows_left)
{
	const struct repeats repeats = {
		.count = row->count,
		.first_ns = clock_realtime_ns(row->earliest_ns, row->realtime_offset_ns),
		.last_ns = clock_realtime_ns(row->latest_ns, row->realtime_offset_ns),
		.last = row->last,
		.last_pid = row->last_pid,
		.rows_left = rows_left,
	};

	return row->count > 1 || rows_left ? event_of_repeats(row->event, &repeats)
					   : event_ref(row->event);
}

/* From the last to the first, so that each row knows how many follow it. */
struct event *fold_close(struct fold *fold, uint64_t *ret_lost)
{
	const uint64_t first = fold_first(fold);
	struct event *rows = NULL;
	unsigned int count = 0;

	*ret_lost = 0;
	qsort(fold->rows, fold->count, sizeof(fold->rows[0]), by_last);
	for (unsigned int i = fold->count; i--;) {
		struct event *event = close_row(&fold->rows[i], count);

		if (!event) {
			*ret_lost += fold->rows[i].count;
			continue;
		}
		event->next = rows;
		rows = event;
		count++;
	}
	if (rows) {
		rows->sequence = fold->last;
		rows->span = fold->last - first;
	}
	drop_rows(fold);
	return rows;
}
