// SPDX-License-Identifier: BSD-2-Clause
#include "fold/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line/repeats.h"
#include "fold/fold_kind.h"
#include "fold/fold_rate.h"

/* Which deaths one row is for, with the same cause. */
enum scope {
	SCOPE_EQUAL,
	SCOPE_OWNER, /* of an owner whose deaths are too many and differ */
	SCOPE_USER,  /* of a user whose owners are too many and differ */
};

struct row {
	struct fold_kind kind; /* of the first death */
	enum scope scope;
	unsigned int differs; /* as in struct repeats */
	struct event *event;  /* of the first death */
	uint64_t count, earliest_ns, latest_ns;
	uint64_t last;              /* sequence of the newest */
	uint32_t last_pid;          /* of the newest */
	int64_t realtime_offset_ns; /* of the first death, for all: the wall clock may be set
				       meanwhile */
};

struct fold {
	struct fold_rates workloads, kinds, owners, users;
	struct memo *digests;
	/* of the death that fold_takes() took last */
	struct fold_kind kind;
	enum scope scope;
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
		fold->digests = memo_new(DIGEST_BYTES);
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
	memo_free(fold->digests);
	free(fold);
}

static void count_line(struct fold_rate *rate)
{
	if (rate)
		rate->lines++;
}

static bool has_used_up(const struct fold_rate *rate, uint64_t lines)
{
	return rate && rate->lines >= lines;
}

static struct fold_rate *find_owner(struct fold *fold, const struct fold_kind *kind,
				    uint64_t now_ns)
{
	return fold_rate_find(&fold->owners, fold_kind_owner_number(kind), now_ns);
}

static struct fold_rate *find_user(struct fold *fold, const struct fold_kind *kind, uint64_t now_ns)
{
	return kind->has_user ? fold_rate_find(&fold->users, (uint64_t)kind->user + 1, now_ns)
			      : NULL;
}

bool fold_takes(struct fold *fold, const struct report *report)
{
	const uint64_t now_ns = report->death->record.time_ns;
	struct fold_rate *workload, *equal, *owner = NULL, *user;

	/* what is stuck is reported once more when it is dead; old recordings have no numbers */
	if (report->verdict.stuck || !report->death->sequence)
		return false;
	fold_kind_of(report, fold->digests, &fold->kind);
	/* in this order: whoever has used up its lines takes no more places in the other tables */
	user = find_user(fold, &fold->kind, now_ns);
	if (!has_used_up(user, FOLD_USER_LINES))
		owner = find_owner(fold, &fold->kind, now_ns);
	fold->scope = has_used_up(user, FOLD_USER_LINES)     ? SCOPE_USER
		      : has_used_up(owner, FOLD_OWNER_LINES) ? SCOPE_OWNER
							     : SCOPE_EQUAL;
	if (fold->scope != SCOPE_EQUAL)
		return true;
	workload = fold_rate_find(&fold->workloads,
				  report->share.workload ? report->share.workload : 1, now_ns);
	equal = fold_rate_find(&fold->kinds, fold_kind_number(&fold->kind), now_ns);
	if (has_used_up(workload, FOLD_WHOLE) && has_used_up(equal, 1))
		return true;
	count_line(workload);
	count_line(equal);
	count_line(owner);
	count_line(user);
	return false;
}

static bool is_of_user(const struct fold_kind *kind, const struct fold_kind *other)
{
	return kind->has_user && other->has_user && kind->user == other->user;
}

static bool belongs(const struct row *row, enum scope scope, const struct fold_kind *kind)
{
	if (row->scope != scope)
		return false;
	if (scope == SCOPE_EQUAL)
		return !fold_kind_differs(&row->kind, kind);
	return fold_kind_same_cause(&row->kind, kind) &&
	       (scope == SCOPE_OWNER ? fold_digest_is(&row->kind.owner, &kind->owner)
				     : is_of_user(&row->kind, kind));
}

/* A row of equal deaths goes on, whatever its owner has used up. */
static struct row *find_row(struct fold *fold)
{
	for (enum scope scope = SCOPE_EQUAL; scope <= fold->scope; scope++)
		for (unsigned int i = 0; i < fold->count; i++)
			if (belongs(&fold->rows[i], scope, &fold->kind))
				return &fold->rows[i];
	return NULL;
}

uint64_t fold_first(const struct fold *fold)
{
	return fold->count ? fold->rows[0].event->sequence : 0;
}

/* A death of an open row needs no room. */
static bool has_room(struct fold *fold)
{
	return (fold->count < FOLD_ROWS && fold->bytes < FOLD_LINES_BYTES) || find_row(fold);
}

bool fold_joins(struct fold *fold, const struct report *report, uint32_t wanted)
{
	const uint64_t sequence = report->death->sequence;

	return !fold->count ||
	       (has_room(fold) && fold->wanted == wanted && sequence > fold->last &&
		sequence - fold_first(fold) < fold->span &&
		!fold_rate_is_over(fold->begin_ns, fold->open_ns, report->death->record.time_ns));
}

static struct row *open_row(struct fold *fold, const struct report *report)
{
	struct event *event = event_of_death(report);
	struct row *row;

	if (!event)
		return NULL;
	row = &fold->rows[fold->count++];
	fold->bytes += event->size;
	*row = (struct row){
		.kind = fold->kind,
		.scope = fold->scope,
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
	struct row *row = find_row(fold);

	if (!row) {
		row = open_row(fold, report);
		if (!row)
			return -ENOMEM;
		if (fold->count == 1) {
			fold->begin_ns = report->death->record.time_ns;
			fold->wanted = wanted;
		}
	}
	row->differs |= fold_kind_differs(&row->kind, &fold->kind);
	count_death(row, report->death);
	fold->last = report->death->sequence;
	return 0;
}

bool fold_is_due(const struct fold *fold, uint64_t newest, uint64_t now_ns)
{
	return fold->count && (fold_rate_is_over(fold->begin_ns, fold->open_ns, now_ns) ||
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
		.differs = row->differs,
	};

	return row->count > 1 || rows_left ? event_of_repeats(row->event, &repeats)
					   : event_ref(row->event);
}

/* A row is a line, too. Otherwise many rows, closed by each single death, would be the flood. */
static void charge(struct fold *fold, const struct row *row)
{
	count_line(find_owner(fold, &row->kind, row->latest_ns));
	count_line(find_user(fold, &row->kind, row->latest_ns));
}

/* From the last to the first, so that each row knows how many follow it. */
struct event *fold_close(struct fold *fold, uint64_t *ret_lost)
{
	const uint64_t first = fold_first(fold);
	struct event *rows = NULL;
	unsigned int count = 0;

	*ret_lost = 0;
	for (unsigned int i = 0; i < fold->count; i++)
		charge(fold, &fold->rows[i]);
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
