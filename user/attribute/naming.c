// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/naming.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/container_claims.h"
#include "attribute/container_files.h"
#include "attribute/container_watch.h"
#include "attribute/names_cache.h"
#include "attribute/naming_query.h"
#include "attribute/parser.h"
#include "attribute/runtime_table.h"
#include "base/clock.h"
#include "base/worker.h"

/* Twice as many as run on a node of the largest kind. */
#define MOST_REMEMBERED 1024
/* Paths that are, or are not, a container's: they must not push the others out. */
#define MOST_PATHS 1024
/* A path can be used again: it is remembered for as long after its container as deaths are reported
 * late. */
#define KEEP_PATHS_NS (60 * (uint64_t)NS_PER_S)
/* After this time a container is read again: it may have another name now. */
#define FRESH_NS (10 * (uint64_t)NS_PER_S)
/* Some containers can be renamed, and the file is small. */
#define FRESH_RENAMABLE_NS (NS_PER_S / 4)
/* If nothing was found, files may still appear. */
#define FRESH_NOTHING_NS ((uint64_t)NS_PER_S)
/* The longest that an event waits. */
#define PATIENCE_NS (NS_PER_S / 20)
/* The longest that the start and the end of the program wait, for a machine that is merely busy. */
#define PATIENCE_AT_ENDS_NS ((uint64_t)NS_PER_S)
/* For this time after a wait in vain, no event waits for an answer about a mere path: cgroups come
 * and go by the thousand, and few of them are containers. */
#define HURRY_NS ((uint64_t)NS_PER_S)
/* After this time without an answer a file system hangs, and no event waits until there is one. */
#define HANGS_NS ((uint64_t)NS_PER_S)
/* Files of a new container are written by then. */
#define SETTLED_MS 50
/* jansson descends 2048 levels into a hostile file. */
#define STACK_SIZE (1U << 20)

struct naming {
	/* of the thread only */
	struct node_files files;
	struct container_watch *watch;
	bool learning; /* some new containers have not been learned yet */

	/* of the asking thread only */
	struct worker *worker;
	struct worker_job job;
	uint64_t until_ns; /* how long the questions of one event wait */
	uint64_t late_at;  /* when it last waited in vain; 0: never */

	pthread_mutex_t lock; /* for all fields below */
	struct names_cache *cache, *paths;
	uint64_t patience_ns;
	struct naming_troubles troubles;
};

#define KEY_SIZE sizeof(((struct container_query *)NULL)->path)

/* Returns ret. */
static const char *key_of(const struct container_query *query, char ret[KEY_SIZE])
{
	if (query->id[0])
		(void)snprintf(ret, KEY_SIZE, "%s%s%s", query->namespace,
			       query->namespace[0] ? "/" : "", query->id);
	else
		(void)snprintf(ret, KEY_SIZE, "%s",
			       query->pod_uid[0] ? query->pod_uid : query->path);
	return ret;
}

static struct names_cache *cache_of(struct naming *naming, const struct container_query *query)
{
	return query->path[0] ? naming->paths : naming->cache;
}

/* Reads without the lock: this may take any time. */
static void look_up(struct naming *naming, const struct container_query *query, struct names *ret)
{
	uint64_t unreadable = 0;
	char key[KEY_SIZE];

	(void)container_files_find(&naming->files, query, ret, &unreadable);
	(void)pthread_mutex_lock(&naming->lock);
	names_cache_put(cache_of(naming, query), key_of(query, key), ret, clock_boottime_ns());
	naming->troubles.unreadable += unreadable;
	(void)pthread_mutex_unlock(&naming->lock);
}

static void answer(void *context, const void *question, void *ret)
{
	look_up(context, question, ret);
}

/* Also done if nothing is watched. */
static void watch_more(void *context)
{
	const struct naming *naming = context;

	container_watch_refresh(naming->watch);
}

static void learn_path(void *context, const char *path, const struct names *names)
{
	struct naming *naming = context;

	(void)pthread_mutex_lock(&naming->lock);
	names_cache_put(naming->paths, path, names, clock_boottime_ns());
	(void)pthread_mutex_unlock(&naming->lock);
}

static uint64_t lost_by_parser(const struct naming *naming)
{
	return naming->files.parser ? parser_lost(naming->files.parser) : 0;
}

/* A container has begun. If its files are not written yet, or only half, this is neither an error
 * nor worth keeping: it will be asked for again. But a file that ends its reader is counted. */
static void learn(void *context, const char *id)
{
	struct naming *naming = context;
	struct container_query query = { 0 };
	uint64_t ignored = 0, lost = lost_by_parser(naming);
	struct names names = { 0 };

	if (strlen(id) >= sizeof(query.id))
		return;
	memcpy(query.id, id, strlen(id));
	if (container_files_find(&naming->files, &query, &names, &ignored)) {
		(void)pthread_mutex_lock(&naming->lock);
		names_cache_put(naming->cache, id, &names, clock_boottime_ns());
		(void)pthread_mutex_unlock(&naming->lock);
	}
	container_claims_learn(&naming->files, id, learn_path, naming, &ignored);
	(void)pthread_mutex_lock(&naming->lock);
	naming->troubles.unreadable += lost_by_parser(naming) - lost;
	(void)pthread_mutex_unlock(&naming->lock);
}

static void end_paths(void *context, const char *id)
{
	struct naming *naming = context;

	(void)pthread_mutex_lock(&naming->lock);
	names_cache_end(naming->paths, id, clock_boottime_ns());
	(void)pthread_mutex_unlock(&naming->lock);
}

/* One new container at a time: an event with a question must not wait for all of them. */
static void work(void *context, bool is_readable)
{
	struct naming *naming = context;

	if (is_readable) {
		container_watch_take(naming->watch, end_paths, naming);
		naming->learning = false;
	} else if (container_watch_has_new(naming->watch)) {
		naming->learning = container_watch_tell(naming->watch, learn, naming);
	}
}

static int wait_ms(void *context)
{
	const struct naming *naming = context;

	if (!container_watch_has_new(naming->watch))
		return -1;
	return naming->learning ? 0 : SETTLED_MS;
}

static void release(struct naming *naming)
{
	container_watch_free(naming->watch);
	names_cache_free(naming->cache);
	names_cache_free(naming->paths);
	parser_stop(naming->files.parser);
	node_files_close(&naming->files);
	(void)pthread_mutex_destroy(&naming->lock);
	free(naming);
}

/* Once it runs, no container that begins later is missed. */
static int start_worker(struct naming *naming)
{
	naming->job = (struct worker_job){
		.name = "killtrace-names",
		.stack_size = STACK_SIZE,
		.question_size = sizeof(struct container_query),
		.answer_size = sizeof(struct names),
		.hangs_ns = HANGS_NS,
		.begin = watch_more,
		.answer = answer,
		.answered = watch_more,
		.work = work,
		.wait_ms = wait_ms,
		.fd = container_watch_fd(naming->watch),
	};
	return worker_start(&naming->job, naming, PATIENCE_AT_ENDS_NS, &naming->worker);
}

int naming_start(const char *host_root, struct parser *parser, struct naming **ret)
{
	struct naming *naming = calloc(1, sizeof(*naming));
	int error;

	if (!naming)
		return -ENOMEM;
	naming->files.root_fd = -1;
	naming->patience_ns = PATIENCE_NS;
	naming->cache = names_cache_new(MOST_REMEMBERED, UINT64_MAX);
	naming->paths = names_cache_new(MOST_PATHS, KEEP_PATHS_NS);
	(void)pthread_mutex_init(&naming->lock, NULL);
	error = naming->cache && naming->paths ? 0 : -ENOMEM;
	if (!error)
		error = node_files_open(host_root, &naming->files);
	if (!error) {
		naming->files.parser = parser;
		naming->watch = container_watch_new(&naming->files);
		error = start_worker(naming);
	}
	if (error) {
		naming->files.parser = NULL;
		release(naming);
		return error;
	}
	*ret = naming;
	return 0;
}

void naming_stop(struct naming *naming)
{
	/* a thread that hangs in a file system still uses all of this */
	if (naming && worker_stop(naming->worker, PATIENCE_AT_ENDS_NS))
		release(naming);
}

static bool is_in_hurry(const struct naming *naming, const struct container_query *query)
{
	return query->path[0] && naming->late_at &&
	       clock_boottime_ns() - naming->late_at < HURRY_NS;
}

static void ask(struct naming *naming, const struct container_query *query, struct names *ret)
{
	struct names answer;

	if (!is_in_hurry(naming, query)) {
		if (worker_ask(naming->worker, query, naming->until_ns, &answer)) {
			names_fill(ret, &answer);
			return;
		}
		naming->late_at = clock_boottime_ns();
	}
	(void)pthread_mutex_lock(&naming->lock);
	naming->troubles.late++;
	(void)pthread_mutex_unlock(&naming->lock);
}

static uint64_t fresh_ns(const struct names *known)
{
	if (!names_any(known))
		return FRESH_NOTHING_NS;
	return runtime_named(known->runtime)->renames ? (uint64_t)FRESH_RENAMABLE_NS : FRESH_NS;
}

static bool recall(struct naming *naming, struct names_cache *cache, const char *key,
		   struct names *ret, uint64_t *ret_when)
{
	bool is_known;

	(void)pthread_mutex_lock(&naming->lock);
	is_known = names_cache_get(cache, key, clock_boottime_ns(), ret, ret_when);
	(void)pthread_mutex_unlock(&naming->lock);
	return is_known;
}

/* If the container is gone, its last known names are reported. */
static void find(struct naming *naming, const struct container_query *query, struct names *ret)
{
	struct names known;
	char key[KEY_SIZE];
	uint64_t when;

	if (!recall(naming, cache_of(naming, query), key_of(query, key), &known, &when) ||
	    clock_boottime_ns() - when > fresh_ns(&known))
		ask(naming, query, ret);
	names_fill(ret, &known);
	/* learned when it began, when its namespace was not known yet */
	if (query->namespace[0] && !names_any(ret) &&
	    recall(naming, naming->cache, query->id, &known, &when))
		names_fill(ret, &known);
}

void naming_begin(struct naming *naming)
{
	if (!naming)
		return;
	(void)pthread_mutex_lock(&naming->lock);
	naming->until_ns = clock_monotonic_ns() + naming->patience_ns;
	(void)pthread_mutex_unlock(&naming->lock);
}

/* Whether the node that is a container itself is known, or is within one that may be. Then we are
 * outside of it, and the files of containers within it are not here: the same id can have another
 * name here. */
static bool find_node(struct naming *naming, const struct owner *owner, const char *path,
		      struct names *ret)
{
	struct container_query query = { 0 };
	bool is_known;

	(void)names_set(query.id, sizeof(query.id), owner->enclosing_id);
	(void)names_set(query.runtime, sizeof(query.runtime), owner->enclosing_runtime);
	if (!container_files_may_know(&query))
		return owner->node_is_nested;
	find(naming, &query, ret);
	is_known = names_any(ret);
	if (!naming_query_fits(&query, owner, path, ret))
		memset(ret, 0, sizeof(*ret));
	names_drop_pod(ret);
	return is_known || owner->node_is_nested;
}

static void find_innermost(struct naming *naming, const struct owner *owner, const char *path,
			   struct names *ret)
{
	struct container_query query;

	if (!naming_query_make(owner, path, &query))
		return;
	find(naming, &query, ret);
	if (!naming_query_fits(&query, owner, path, ret))
		memset(ret, 0, sizeof(*ret));
	/* the files of a container of another pod: no name is better than a wrong one */
	if (owner->pod_uid[0] && ret->pod_uid[0] && strcmp(owner->pod_uid, ret->pod_uid) != 0)
		memset(ret, 0, sizeof(*ret));
	if (!naming_query_is_pods(owner, &query, ret))
		names_drop_pod(ret);
	if (owner->enclosing_is_node && names_any(ret))
		(void)names_set(ret->id, sizeof(ret->id), owner->container_id);
}

void naming_find(struct naming *naming, const struct owner *owner, const char *path,
		 struct names *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!naming || owner->have_owner_uid)
		return;
	if (!owner->enclosing_is_node || !find_node(naming, owner, path, ret))
		find_innermost(naming, owner, path, ret);
	memset(ret->cgroup, 0, sizeof(ret->cgroup));
}

void naming_read_troubles(struct naming *naming, struct naming_troubles *ret)
{
	(void)pthread_mutex_lock(&naming->lock);
	*ret = naming->troubles;
	(void)pthread_mutex_unlock(&naming->lock);
}

void naming_fresh_losses(struct naming *naming, struct naming_troubles *seen, struct losses *ret)
{
	struct naming_troubles now;

	*ret = (struct losses){ 0 };
	if (!naming)
		return;
	naming_read_troubles(naming, &now);
	ret->count[LOSS_NAMES_UNREADABLE] = now.unreadable - seen->unreadable;
	ret->count[LOSS_NAMES_LATE] = now.late - seen->late;
	*seen = now;
}

void naming_set_patience(struct naming *naming, uint64_t ns)
{
	(void)pthread_mutex_lock(&naming->lock);
	naming->patience_ns = ns;
	(void)pthread_mutex_unlock(&naming->lock);
}
