// SPDX-License-Identifier: BSD-2-Clause
#include "top/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Deaths by the second in which they came. */
struct rate {
	uint64_t newest_s;
	uint32_t counts[TOP_SECONDS];
};

struct top_model {
	pthread_mutex_t lock;
	struct top_snapshot now; /* deaths are in a ring there, which a look puts in order */
	struct rate rate, rates[TOP_OWNERS];
	char *owner_lines[TOP_OWNERS], *lines[TOP_DEATHS];
	uint64_t numbers; /* of deaths that were listed */
};

struct top_model *top_model_new(void)
{
	struct top_model *model = calloc(1, sizeof(*model));

	if (model)
		(void)pthread_mutex_init(&model->lock, NULL);
	return model;
}

void top_model_free(struct top_model *model)
{
	if (!model)
		return;
	for (size_t i = 0; i < TOP_OWNERS; i++)
		free(model->owner_lines[i]);
	for (size_t i = 0; i < TOP_DEATHS; i++)
		free(model->lines[i]);
	(void)pthread_mutex_destroy(&model->lock);
	free(model);
}

/* Seconds without deaths count, too. */
static void rate_move(struct rate *rate, uint64_t second)
{
	uint64_t gap;

	if (second <= rate->newest_s)
		return;
	gap = second - rate->newest_s;
	for (uint64_t i = 1; i <= gap && i <= TOP_SECONDS; i++)
		rate->counts[(rate->newest_s + i) % TOP_SECONDS] = 0;
	rate->newest_s = second;
}

static void rate_add(struct rate *rate, uint64_t second, uint64_t deaths)
{
	uint32_t *count;

	rate_move(rate, second);
	count = &rate->counts[rate->newest_s % TOP_SECONDS];
	*count = deaths > UINT32_MAX - *count ? UINT32_MAX : *count + (uint32_t)deaths;
}

/* The second that is not over counts, so that nothing comes late. */
static uint64_t rate_sum(const struct rate *rate, unsigned int seconds)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < seconds && i <= rate->newest_s; i++)
		sum += rate->counts[(rate->newest_s - i) % TOP_SECONDS];
	return sum;
}

/* FNV-1a: names that an attacker makes collide share a row, and nothing else happens. */
static uint64_t id_of(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3U;
	return hash ? hash : 1;
}

/* Whole characters only; the text is valid UTF-8. */
static void copy(const char *text, char *ret, size_t size)
{
	size_t length = strlen(text);

	if (length >= size) {
		length = size - 1;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(ret, text, length);
	ret[length] = '\0';
}

/* The owner that is missed least: the one with the fewest deaths, of these the oldest. */
static unsigned int least(const struct top_snapshot *now)
{
	unsigned int worst = 0;

	for (unsigned int i = 1; i < now->owner_count; i++)
		if (now->owners[i].deaths < now->owners[worst].deaths ||
		    (now->owners[i].deaths == now->owners[worst].deaths &&
		     now->owners[i].last_ns < now->owners[worst].last_ns))
			worst = i;
	return worst;
}

static unsigned int make_room(struct top_model *model)
{
	struct top_snapshot *now = &model->now;
	unsigned int place;

	if (now->owner_count < TOP_OWNERS)
		return now->owner_count++;
	place = least(now);
	now->missing.owners++;
	now->missing.deaths += now->owners[place].deaths;
	return place;
}

static unsigned int find_owner(struct top_model *model, const char *name)
{
	const uint64_t id = id_of(name);
	unsigned int place = 0;

	while (place < model->now.owner_count && model->now.owners[place].id != id)
		place++;
	if (place < model->now.owner_count)
		return place;
	place = make_room(model);
	free(model->owner_lines[place]);
	model->owner_lines[place] = NULL;
	model->rates[place] = (struct rate){ 0 };
	model->now.owners[place] =
		(struct top_owner){ .id = id, .first_ns = INT64_MAX, .last_ns = INT64_MIN };
	copy(name, model->now.owners[place].name, TOP_NAME_SIZE);
	return place;
}

/* NULL: it is too long, or there is no memory; there is no explanation then. */
static char *keep(const struct top_news *news)
{
	return news->size <= TOP_LINE_MOST ? strndup(news->line, news->size) : NULL;
}

static void note_newest(struct top_model *model, unsigned int place, const struct row *row,
			const struct top_news *news)
{
	struct top_owner *owner = &model->now.owners[place];

	owner->last_ns = news->last_ns;
	owner->class = row->class;
	owner->routine = row->routine;
	copy(row->process, owner->process, sizeof(owner->process));
	copy(row->reason, owner->reason, sizeof(owner->reason));
	free(model->owner_lines[place]);
	model->owner_lines[place] = keep(news);
}

static void count(struct top_model *model, const struct row *row, const struct top_news *news,
		  uint64_t second)
{
	const unsigned int place = find_owner(model, row->owner);
	struct top_owner *owner = &model->now.owners[place];
	const enum cause cause = cause_by_name(row->cause);

	owner->deaths += news->deaths;
	owner->causes[cause] += news->deaths;
	model->now.deaths += news->deaths;
	model->now.causes[cause] += news->deaths;
	rate_add(&model->rates[place], second, news->deaths);
	rate_add(&model->rate, second, news->deaths);
	if (news->first_ns < owner->first_ns)
		owner->first_ns = news->first_ns;
	if (news->last_ns >= owner->last_ns)
		note_newest(model, place, row, news);
}

static void list(struct top_model *model, const struct row *row, const struct top_news *news)
{
	const size_t place = (size_t)(model->numbers++ % TOP_DEATHS);
	struct top_death *death = &model->now.list[place];

	*death = (struct top_death){
		.number = model->numbers,
		.time_ns = news->last_ns,
		.repeats = row->repeats,
		.class = row->class,
		.routine = row->routine,
	};
	copy(row->cause, death->cause, sizeof(death->cause));
	copy(row->owner, death->owner, sizeof(death->owner));
	copy(row->process, death->process, sizeof(death->process));
	copy(row->reason, death->reason, sizeof(death->reason));
	free(model->lines[place]);
	model->lines[place] = keep(news);
	if (model->now.death_count < TOP_DEATHS)
		model->now.death_count++;
}

int top_model_add(struct top_model *model, const struct top_news *news, uint64_t now_ns)
{
	struct row row;
	int error = row_of_line(news->line, news->size, &row);

	(void)pthread_mutex_lock(&model->lock);
	if (error)
		model->now.missing.unreadable++;
	if (!error && news->counts)
		count(model, &row, news, now_ns / (uint64_t)NS_PER_S);
	if (!error && news->is_listed)
		list(model, &row, news);
	(void)pthread_mutex_unlock(&model->lock);
	if (!error)
		row_done(&row);
	return error;
}

void top_model_add_losses(struct top_model *model, const struct losses *losses)
{
	(void)pthread_mutex_lock(&model->lock);
	losses_add(&model->now.missing.losses, losses);
	(void)pthread_mutex_unlock(&model->lock);
}

void top_model_set_hidden(struct top_model *model, uint64_t routine, uint64_t others)
{
	(void)pthread_mutex_lock(&model->lock);
	model->now.missing.routine = routine;
	model->now.missing.others = others;
	(void)pthread_mutex_unlock(&model->lock);
}

void top_model_set_reading(struct top_model *model, bool is_reading)
{
	(void)pthread_mutex_lock(&model->lock);
	model->now.is_reading = is_reading;
	(void)pthread_mutex_unlock(&model->lock);
}

static void look_at_rates(struct top_model *model, uint64_t second)
{
	rate_move(&model->rate, second);
	model->now.second = rate_sum(&model->rate, 1);
	model->now.ten_seconds = rate_sum(&model->rate, 10);
	model->now.minute = rate_sum(&model->rate, TOP_SECONDS);
	for (unsigned int i = 0; i < model->now.owner_count; i++) {
		rate_move(&model->rates[i], second);
		model->now.owners[i].minute = rate_sum(&model->rates[i], TOP_SECONDS);
	}
}

void top_model_look(struct top_model *model, uint64_t now_ns, struct top_snapshot *ret)
{
	const struct top_snapshot *now = &model->now;

	(void)pthread_mutex_lock(&model->lock);
	look_at_rates(model, now_ns / (uint64_t)NS_PER_S);
	memcpy(ret, now, offsetof(struct top_snapshot, owners));
	memcpy(ret->owners, now->owners, now->owner_count * sizeof(now->owners[0]));
	for (unsigned int i = 0; i < now->death_count; i++)
		ret->list[i] = now->list[(model->numbers - 1 - i) % TOP_DEATHS];
	(void)pthread_mutex_unlock(&model->lock);
}

char *top_model_line_of_death(struct top_model *model, uint64_t number)
{
	const size_t place = (size_t)((number - 1) % TOP_DEATHS);
	char *line = NULL;

	(void)pthread_mutex_lock(&model->lock);
	if (number && model->now.list[place].number == number && model->lines[place])
		line = strdup(model->lines[place]);
	(void)pthread_mutex_unlock(&model->lock);
	return line;
}

char *top_model_line_of_owner(struct top_model *model, uint64_t id)
{
	char *line = NULL;

	(void)pthread_mutex_lock(&model->lock);
	for (unsigned int i = 0; i < model->now.owner_count; i++)
		if (model->now.owners[i].id == id && model->owner_lines[i])
			line = strdup(model->owner_lines[i]);
	(void)pthread_mutex_unlock(&model->lock);
	return line;
}
