// SPDX-License-Identifier: BSD-2-Clause
#include "top/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const sorts[] = {
	[TOP_BY_RATE] = "rate",
	[TOP_BY_DEATHS] = "deaths",
	[TOP_BY_LAST] = "last",
	[TOP_BY_NAME] = "name",
};

const char *top_sort_name(enum top_sort sort)
{
	return sorts[sort];
}

void top_look_done(struct top_look *look)
{
	free(look->text);
	look->text = NULL;
}

static bool has(const struct top_look *look, const char *text)
{
	return strcasestr(text, look->filter) != NULL;
}

static bool owner_is_wanted(const struct top_look *look, const struct top_owner *owner)
{
	bool is_wanted = has(look, owner->name) || has(look, owner->process);

	for (int i = 0; i < CAUSE_COUNT && !is_wanted; i++)
		is_wanted = owner->causes[i] && has(look, cause_name((enum cause)i));
	return is_wanted;
}

static bool death_is_wanted(const struct top_look *look, const struct top_death *death)
{
	return has(look, death->owner) || has(look, death->cause) || has(look, death->process) ||
	       has(look, death->reason);
}

struct order {
	enum top_sort sort;
	const struct top_owner *owners;
};

static int descending(uint64_t one, uint64_t other)
{
	return (one < other) - (one > other);
}

/* Every order ends with the name, so that rows do not change places without need. */
static int compare(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct top_owner *one = &order->owners[*(const uint16_t *)a],
			       *other = &order->owners[*(const uint16_t *)b];
	int result = 0;

	if (order->sort == TOP_BY_RATE)
		result = descending(one->minute, other->minute);
	if (!result && (order->sort == TOP_BY_RATE || order->sort == TOP_BY_DEATHS))
		result = descending(one->deaths, other->deaths);
	if (!result && order->sort != TOP_BY_NAME)
		result = (one->last_ns < other->last_ns) - (one->last_ns > other->last_ns);
	return result ? result : strcmp(one->name, other->name);
}

void top_look_at(struct top_look *look, const struct top_snapshot *snapshot)
{
	struct order order = { look->sort, snapshot->owners };

	look->owner_count = 0;
	for (unsigned int i = 0; i < snapshot->owner_count; i++)
		if (owner_is_wanted(look, &snapshot->owners[i]))
			look->owners[look->owner_count++] = (uint16_t)i;
	qsort_r(look->owners, look->owner_count, sizeof(look->owners[0]), compare, &order);
	look->death_count = 0;
	for (unsigned int i = 0; i < snapshot->death_count; i++)
		if (death_is_wanted(look, &snapshot->list[i]))
			look->deaths[look->death_count++] = (uint16_t)i;
}

static unsigned int count_of(const struct top_look *look, enum top_pane pane)
{
	return pane == TOP_PANE_OWNERS ? look->owner_count : look->death_count;
}

static uint64_t id_at(const struct top_look *look, const struct top_snapshot *snapshot,
		      enum top_pane pane, unsigned int place)
{
	if (place >= count_of(look, pane))
		return 0;
	return pane == TOP_PANE_OWNERS ? snapshot->owners[look->owners[place]].id
				       : snapshot->list[look->deaths[place]].number;
}

unsigned int top_look_selected(const struct top_look *look, const struct top_snapshot *snapshot,
			       enum top_pane pane)
{
	const uint64_t wanted = pane == TOP_PANE_OWNERS ? look->owner : look->death;
	const unsigned int count = count_of(look, pane);
	unsigned int place = 0;

	while (wanted && place < count && id_at(look, snapshot, pane, place) != wanted)
		place++;
	if (place < count)
		return place;
	/* an old death has left the list at its end */
	return wanted && pane == TOP_PANE_DEATHS && count ? count - 1 : 0;
}

/* At the first row the selection stays with whatever comes first: that is where the news is. */
static void select_row(struct top_look *look, const struct top_snapshot *snapshot,
		       unsigned int place)
{
	uint64_t *id = look->pane == TOP_PANE_OWNERS ? &look->owner : &look->death;

	*id = place ? id_at(look, snapshot, look->pane, place) : 0;
}

/* Where a key leads among `count` rows. */
static unsigned int moved(uint32_t key, unsigned int place, unsigned int count, unsigned int page)
{
	const unsigned int last = count ? count - 1 : 0, step = page ? page : 1;

	switch (key) {
	case TOP_KEY_UP:
		return place ? place - 1 : 0;
	case TOP_KEY_DOWN:
		return place < last ? place + 1 : last;
	case TOP_KEY_PAGE_UP:
		return place > step ? place - step : 0;
	case TOP_KEY_PAGE_DOWN:
		return place + step < last ? place + step : last;
	case TOP_KEY_HOME:
		return 0;
	case TOP_KEY_END:
		return last;
	default:
		return place;
	}
}

/* The letters of less(1) and vi(1). */
static uint32_t meant(uint32_t key)
{
	static const struct {
		char letter;
		uint32_t key;
	} letters[] = {
		{ 'k', TOP_KEY_UP },        { 'j', TOP_KEY_DOWN },   { 'b', TOP_KEY_PAGE_UP },
		{ ' ', TOP_KEY_PAGE_DOWN }, { 'g', TOP_KEY_HOME },   { 'G', TOP_KEY_END },
		{ '\t', TOP_KEY_TAB },      { '\n', TOP_KEY_ENTER }, { '\r', TOP_KEY_ENTER },
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (key == (uint32_t)letters[i].letter)
			return letters[i].key;
	return key;
}

static enum top_action key_in_text(struct top_look *look, uint32_t key)
{
	const unsigned int page = look->text_page ? look->text_page : 1;
	const unsigned int places = look->text_lines > page ? look->text_lines - page + 1 : 1;

	if (key == TOP_KEY_ESCAPE || key == 'q' || key == TOP_KEY_BACKSPACE ||
	    (key == TOP_KEY_ENTER && look->over == TOP_OVER_HELP) || key == '?') {
		top_look_show(look, NULL);
		return TOP_GO_ON;
	}
	look->text_first =
		moved(key == TOP_KEY_ENTER ? TOP_KEY_DOWN : key, look->text_first, places, page);
	return TOP_GO_ON;
}

static void add_to_filter(struct top_look *look, uint32_t key)
{
	const size_t length = strlen(look->filter);

	/* names in rows are made of these; others are escaped there */
	if (key < 0x20 || key > 0x7e || length + 1 >= TOP_FILTER_SIZE)
		return;
	look->filter[length] = (char)key;
	look->filter[length + 1] = '\0';
}

static void remove_from_filter(struct top_look *look)
{
	const size_t length = strlen(look->filter);

	if (length)
		look->filter[length - 1] = '\0';
	else
		look->over = TOP_OVER_NOTHING;
}

static enum top_action key_in_filter(struct top_look *look, uint32_t key)
{
	if (key == TOP_KEY_ENTER || key == '\n' || key == '\r')
		look->over = TOP_OVER_NOTHING;
	else if (key == TOP_KEY_BACKSPACE)
		remove_from_filter(look);
	else if (key == TOP_KEY_ESCAPE) {
		look->filter[0] = '\0';
		look->over = TOP_OVER_NOTHING;
	} else {
		add_to_filter(look, key);
	}
	return TOP_GO_ON;
}

static enum top_action key_in_rows(struct top_look *look, const struct top_snapshot *snapshot,
				   uint32_t key)
{
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case TOP_KEY_ENTER:
		return count_of(look, look->pane) ? TOP_EXPLAIN : TOP_GO_ON;
	case TOP_KEY_TAB:
		look->pane = look->pane == TOP_PANE_OWNERS ? TOP_PANE_DEATHS : TOP_PANE_OWNERS;
		break;
	case TOP_KEY_ESCAPE:
		look->filter[0] = '\0';
		break;
	case 's':
		look->sort = (enum top_sort)((look->sort + 1) % TOP_SORTS);
		break;
	case 'p':
		look->is_paused = !look->is_paused;
		break;
	case '/':
		look->over = TOP_OVER_FILTER;
		break;
	case '?':
	case 'h':
		look->over = TOP_OVER_HELP;
		look->text_first = 0;
		break;
	default:
		select_row(look, snapshot,
			   moved(key, top_look_selected(look, snapshot, look->pane),
				 count_of(look, look->pane), look->page));
	}
	return TOP_GO_ON;
}

enum top_action top_look_key(struct top_look *look, const struct top_snapshot *snapshot,
			     uint32_t key)
{
	look->message[0] = '\0';
	if (look->over == TOP_OVER_FILTER)
		return key_in_filter(look, key);
	if (look->over != TOP_OVER_NOTHING)
		return key_in_text(look, meant(key));
	return key_in_rows(look, snapshot, meant(key));
}

void top_look_show(struct top_look *look, char *text)
{
	free(look->text);
	look->text = text;
	look->text_first = 0;
	look->over = text ? TOP_OVER_TEXT : TOP_OVER_NOTHING;
}
