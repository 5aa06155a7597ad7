// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/naming.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "attribute/container_claims.h"
#include "attribute/container_files.h"
#include "attribute/container_watch.h"
#include "attribute/names_cache.h"
#include "base/clock.h"

/* As many as run on a node of the largest kind, twice. */
#define MOST_REMEMBERED 1024
/* Paths that are, or are not, some container's: they must not crowd the others out. */
#define MOST_PATHS 1024
/* A path can be another's later: what is known of it outlives its container by as much as its deaths are
 * told late. */
#define KEEP_PATHS_NS (60 * (uint64_t)NS_PER_S)
/* After this long what is known of a container is read anew: it may have another name now. */
#define FRESH_NS (10 * (uint64_t)NS_PER_S)
/* Where nothing was found, files may yet appear. */
#define FRESH_NOTHING_NS ((uint64_t)NS_PER_S)
/* The longest an event waits. */
#define PATIENCE_NS (NS_PER_S / 20)
/* The longest the start and the end of the program wait, for a machine that is merely busy. */
#define PATIENCE_AT_ENDS_NS NS_PER_S
/* After it was waited for in vain, this long nobody waits for what a mere path may be: cgroups come
 * and go by the thousand, and few of them are containers. */
#define HURRY_NS ((uint64_t)NS_PER_S)
/* After this long without an answer a file system hangs, and nobody waits until there is one. */
#define HANGS_NS ((uint64_t)NS_PER_S)
/* Files of a container that begins are written by then. */
#define SETTLED_MS 50
/* jansson goes down 2048 levels of a hostile file. */
#define STACK_SIZE (1U << 20)

struct naming {
	/* of the thread alone */
	struct node_files files;
	struct container_watch *watch;
	pthread_t thread;
	int wake_fd;

	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t answered;
	struct names_cache *cache, *paths;
	struct container_query question;
	bool asked; /* there is a question, and no answer yet */
	uint64_t asked_at;
	uint64_t patience_ns;
	struct timespec until; /* how long the questions of one event wait */
	uint64_t late_at;      /* when somebody last waited in vain; 0: never */
	bool watching, ending, ended;
	struct names answer;
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

static void wake(struct naming *naming)
{
	const uint64_t one = 1;
	ssize_t written;

	do
		written = write(naming->wake_fd, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
}

/* Reads without the lock: this may take as long as it likes. */
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

static void answer_question(struct naming *naming)
{
	struct container_query question;
	struct names names;
	bool asked;

	(void)pthread_mutex_lock(&naming->lock);
	asked = naming->asked;
	question = naming->question;
	(void)pthread_mutex_unlock(&naming->lock);
	if (!asked)
		return;
	look_up(naming, &question, &names);
	(void)pthread_mutex_lock(&naming->lock);
	naming->answer = names;
	naming->asked = false;
	(void)pthread_cond_signal(&naming->answered);
	(void)pthread_mutex_unlock(&naming->lock);
	container_watch_refresh(naming->watch);
}

static void learn_path(void *context, const char *path, const struct names *names)
{
	struct naming *naming = context;

	(void)pthread_mutex_lock(&naming->lock);
	names_cache_put(naming->paths, path, names, clock_boottime_ns());
	(void)pthread_mutex_unlock(&naming->lock);
}

/* A container has begun. Its files may not be written yet, or half: that is no trouble, and nothing to
 * remember, for it will be asked for again. */
static void learn(void *context, const char *id)
{
	struct naming *naming = context;
	struct container_query query = { 0 };
	uint64_t ignored = 0;
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
}

static void end_paths(void *context, const char *id)
{
	struct naming *naming = context;

	(void)pthread_mutex_lock(&naming->lock);
	names_cache_end(naming->paths, id, clock_boottime_ns());
	(void)pthread_mutex_unlock(&naming->lock);
}

static bool is_ending(struct naming *naming)
{
	bool ending;

	(void)pthread_mutex_lock(&naming->lock);
	ending = naming->ending;
	(void)pthread_mutex_unlock(&naming->lock);
	return ending;
}

/* With nothing to watch it is done as well. */
static void begin_watching(struct naming *naming)
{
	container_watch_refresh(naming->watch);
	(void)pthread_mutex_lock(&naming->lock);
	naming->watching = true;
	(void)pthread_cond_signal(&naming->answered);
	(void)pthread_mutex_unlock(&naming->lock);
}

static void *run(void *context)
{
	struct naming *naming = context;
	struct pollfd fds[] = {
		{ .fd = naming->wake_fd, .events = POLLIN },
		{ .fd = container_watch_fd(naming->watch), .events = POLLIN },
	};
	bool learning = false;

	begin_watching(naming);
	/* One new container at a time: an event that asks must not wait for all of them. */
	while (!is_ending(naming)) {
		int settled_ms = learning ? 0 : SETTLED_MS;
		uint64_t ignored;

		if (poll(fds, 2, container_watch_has_new(naming->watch) ? settled_ms : -1) < 0)
			continue;
		if (fds[0].revents && read(naming->wake_fd, &ignored, sizeof(ignored)) > 0) {
			answer_question(naming);
		} else if (fds[1].revents) {
			container_watch_take(naming->watch, end_paths, naming);
			learning = false;
		} else if (container_watch_has_new(naming->watch)) {
			learning = container_watch_tell(naming->watch, learn, naming);
		}
	}
	(void)pthread_mutex_lock(&naming->lock);
	naming->ended = true;
	(void)pthread_cond_signal(&naming->answered);
	(void)pthread_mutex_unlock(&naming->lock);
	return NULL;
}

static void release(struct naming *naming)
{
	container_watch_free(naming->watch);
	names_cache_free(naming->cache);
	names_cache_free(naming->paths);
	node_files_close(&naming->files);
	if (naming->wake_fd >= 0)
		(void)close(naming->wake_fd);
	free(naming);
}

/* Signals are the main thread's to take. */
static int start_thread(struct naming *naming)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int error;

	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&naming->thread, &attr, run, naming);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (!error)
		(void)pthread_setname_np(naming->thread, "killtrace-names");
	return -error;
}

static struct timespec within(long ns)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ns;
	until.tv_sec += until.tv_nsec / (long)NS_PER_S;
	until.tv_nsec %= (long)NS_PER_S;
	return until;
}

/* So that no container that begins from now on is missed; but no file system holds up the agent. */
static void wait_until_watching(struct naming *naming)
{
	struct timespec until = within(PATIENCE_AT_ENDS_NS);

	(void)pthread_mutex_lock(&naming->lock);
	while (!naming->watching &&
	       !pthread_cond_timedwait(&naming->answered, &naming->lock, &until))
		;
	(void)pthread_mutex_unlock(&naming->lock);
}

int naming_start(const char *host_root, struct naming **ret)
{
	struct naming *naming = calloc(1, sizeof(*naming));
	pthread_condattr_t attr;
	int error;

	if (!naming)
		return -ENOMEM;
	naming->files.root_fd = -1;
	naming->patience_ns = PATIENCE_NS;
	naming->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	naming->cache = names_cache_new(MOST_REMEMBERED, UINT64_MAX);
	naming->paths = names_cache_new(MOST_PATHS, KEEP_PATHS_NS);
	(void)pthread_mutex_init(&naming->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&naming->answered, &attr);
	(void)pthread_condattr_destroy(&attr);
	error = naming->wake_fd < 0 ? -errno : 0;
	if (!error && (!naming->cache || !naming->paths))
		error = -ENOMEM;
	if (!error)
		error = node_files_open(host_root, &naming->files);
	if (!error) {
		naming->watch = container_watch_new(&naming->files);
		error = start_thread(naming);
	}
	if (error) {
		release(naming);
		return error;
	}
	wait_until_watching(naming);
	*ret = naming;
	return 0;
}

void naming_stop(struct naming *naming)
{
	struct timespec until = within(PATIENCE_AT_ENDS_NS);
	bool ended;

	if (!naming)
		return;
	(void)pthread_mutex_lock(&naming->lock);
	naming->ending = true;
	wake(naming);
	while (!naming->ended && !pthread_cond_timedwait(&naming->answered, &naming->lock, &until))
		;
	ended = naming->ended;
	(void)pthread_mutex_unlock(&naming->lock);
	if (!ended)
		return; /* it hangs in a file system, and still uses all this */
	(void)pthread_join(naming->thread, NULL);
	release(naming);
}

/* The cgroup of a unit itself, and what lies above units, is systemd's, and no container's. */
static bool is_unit(const struct owner *owner, const char *path)
{
	const char *last = strrchr(path, '/');

	return !last || !last[1] || !strcmp(last + 1, owner->unit) ||
	       !strcmp(last + 1, owner->slice);
}

/* containerd puts a container at /NAMESPACE/ID where its client says nothing else. */
static void read_namespace(const char *path, struct container_query *ret)
{
	const char *slash = *path == '/' ? strchr(path + 1, '/') : NULL;
	size_t size = slash ? (size_t)(slash - path - 1) : 0;

	if (size && size < sizeof(ret->namespace) && !strcmp(slash + 1, ret->id) &&
	    !strcmp(ret->runtime, "containerd"))
		memcpy(ret->namespace, path + 1, size);
}

/* False: nothing to ask for. */
static bool make_query(const struct owner *owner, const char *path, struct container_query *ret)
{
	bool is_outer = owner->enclosing_id[0] && !owner->enclosing_is_node;
	const char *id = is_outer ? owner->enclosing_id : owner->container_id;
	const char *runtime = is_outer ? owner->enclosing_runtime : owner->runtime;

	memset(ret, 0, sizeof(*ret));
	(void)names_set(ret->id, sizeof(ret->id), id);
	(void)names_set(ret->pod_uid, sizeof(ret->pod_uid), owner->pod_uid);
	(void)names_set(ret->runtime, sizeof(ret->runtime), runtime);
	read_namespace(path, ret);
	if (!ret->id[0] && !ret->pod_uid[0] && !is_unit(owner, path))
		(void)names_set(ret->path, sizeof(ret->path), path);
	return container_files_may_know(ret);
}

/* With the lock. Whether the last question is answered. */
static bool wait_for_answer(struct naming *naming, const struct timespec *until)
{
	if (naming->asked && clock_boottime_ns() - naming->asked_at > HANGS_NS)
		return false;
	while (naming->asked && !pthread_cond_timedwait(&naming->answered, &naming->lock, until))
		;
	return !naming->asked;
}

/* With the lock. */
static bool is_in_hurry(const struct naming *naming, const struct container_query *query)
{
	return query->path[0] && naming->late_at &&
	       clock_boottime_ns() - naming->late_at < HURRY_NS;
}

/* With the lock. */
static void ask(struct naming *naming, const struct container_query *query, struct names *ret)
{
	if (is_in_hurry(naming, query)) {
		naming->troubles.late++;
		return;
	}
	/* there may be one that nobody waited for to the end */
	if (wait_for_answer(naming, &naming->until)) {
		naming->question = *query;
		naming->asked = true;
		naming->asked_at = clock_boottime_ns();
		wake(naming);
		if (wait_for_answer(naming, &naming->until)) {
			names_fill(ret, &naming->answer);
			return;
		}
	}
	naming->late_at = clock_boottime_ns();
	naming->troubles.late++;
}

/* One that was known is told as it was when it is not there any more. */
static void find(struct naming *naming, const struct container_query *query, struct names *ret)
{
	struct names known;
	char key[KEY_SIZE];
	uint64_t when, now = clock_boottime_ns();
	bool heard =
		names_cache_get(cache_of(naming, query), key_of(query, key), now, &known, &when);

	if (!heard || now - when > (names_any(&known) ? FRESH_NS : FRESH_NOTHING_NS))
		ask(naming, query, ret);
	names_fill(ret, &known);
	/* what was learned when it began, when nobody knew whose namespace it is in */
	if (query->namespace[0] && !names_any(ret) &&
	    names_cache_get(naming->cache, query->id, now, &known, &when))
		names_fill(ret, &known);
}

/* An image's labels stand beside cri-dockerd's, and Podman copies an image's annotations to where CRI-O
 * has its own: there the path, too, must say that it is a pod. containerd keeps the kubelet's apart. */
static bool is_pods(const struct owner *owner, const struct container_query *query,
		    const struct names *names)
{
	return owner->pod_uid[0] || !strcmp(names->runtime, "containerd") ||
	       !strcmp(query->runtime, "cri-o");
}

void naming_begin(struct naming *naming)
{
	if (!naming)
		return;
	(void)pthread_mutex_lock(&naming->lock);
	naming->until = within((long)naming->patience_ns);
	(void)pthread_mutex_unlock(&naming->lock);
}

/* Whether the node that is a container itself is known, or is within one that may be. Then we are outside
 * of it, and the files of what is within are not here: whatever they are called there, here it can be
 * another's name. */
static bool find_node(struct naming *naming, const struct owner *owner, struct names *ret)
{
	struct container_query query = { 0 };

	(void)names_set(query.id, sizeof(query.id), owner->enclosing_id);
	(void)names_set(query.runtime, sizeof(query.runtime), owner->enclosing_runtime);
	if (!container_files_may_know(&query))
		return owner->node_is_nested;
	(void)pthread_mutex_lock(&naming->lock);
	find(naming, &query, ret);
	(void)pthread_mutex_unlock(&naming->lock);
	names_drop_pod(ret);
	return names_any(ret) || owner->node_is_nested;
}

static void find_innermost(struct naming *naming, const struct owner *owner, const char *path,
			   struct names *ret)
{
	struct container_query query;

	if (!make_query(owner, path, &query))
		return;
	(void)pthread_mutex_lock(&naming->lock);
	find(naming, &query, ret);
	(void)pthread_mutex_unlock(&naming->lock);
	/* the files of another pod's container: rather no name than a wrong one */
	if (owner->pod_uid[0] && ret->pod_uid[0] && strcmp(owner->pod_uid, ret->pod_uid) != 0)
		memset(ret, 0, sizeof(*ret));
	if (!is_pods(owner, &query, ret))
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
	if (!owner->enclosing_is_node || !find_node(naming, owner, ret))
		find_innermost(naming, owner, path, ret);
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
