// SPDX-License-Identifier: BSD-2-Clause
/* The part of doctor about the host. Each row is ok, degraded, broken or unknown, with what to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attribute/runtime_table.h"
#include "base/cleanup.h"
#include "cmd_doctor.h"
#include "history/history_limits.h"
#include "history/history_read.h"
#include "provoke/agent.h"
#include "source/feed_client.h"

/* The agent writes its metrics at least once a minute. */
#define OLDEST_METRICS_S 180
#define MOST_SERIES 8

static void show_cgroups(const struct doctor *doctor)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char unified[256] = "", memory[256] = "";
	struct mntent *mount;

	while (mounts && (mount = getmntent(mounts))) {
		if (!unified[0] && !strcmp(mount->mnt_type, "cgroup2"))
			(void)snprintf(unified, sizeof(unified), "%s", mount->mnt_dir);
		if (!memory[0] && !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, "memory"))
			(void)snprintf(memory, sizeof(memory), "%s", mount->mnt_dir);
	}
	if (mounts)
		(void)endmntent(mounts);
	if (!unified[0] && !memory[0])
		doctor_row(doctor, "degraded", "CGROUPS",
			   "none is mounted here: what filled a limit is less exact; mount "
			   "/sys/fs/cgroup into this container");
	else
		doctor_row(doctor, "ok", "CGROUPS", "%s%s%s%s%s", unified[0] ? "v2 at " : "",
			   unified, unified[0] && memory[0] ? ", " : "",
			   memory[0] ? "memory controller of v1 at " : "", memory);
}

/* A runtime is here if one of its folders is; *ret_unreadable is a folder that cannot be read. */
static bool has_runtime(const struct runtime *runtime, const char **ret_unreadable)
{
	bool found = false;

	for (const struct runtime_file *at = runtime->names; at && at->folder; at++) {
		if (*at->folder != '/' || access(at->folder, F_OK))
			continue;
		found = true;
		if (access(at->folder, R_OK | X_OK))
			*ret_unreadable = at->folder;
	}
	return found;
}

static void show_owners(const struct doctor *doctor)
{
	const bool has_systemd = !access("/run/systemd/system", F_OK);
	const char *unreadable = NULL;
	char names[256] = "";
	size_t used = 0;

	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		if (at->name && has_runtime(at, &unreadable) && used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", at->name);
	if (unreadable)
		doctor_row(doctor, "degraded", "OWNERS",
			   "'%s' cannot be read: its containers have ids and no names; run this as "
			   "root, or see --host-root of the agent",
			   unreadable);
	else
		doctor_row(doctor, "ok", "OWNERS", "systemd %s; files of container runtimes: %s",
			   has_systemd ? "yes" : "no", used ? names : "none");
}

/* True: it runs, and *ret says where it writes. */
static bool show_agent(const struct doctor *doctor, struct agent *ret)
{
	struct feed_client feed;
	int error = feed_connect(FEED_DEFAULT, &feed);

	if (error == -EACCES) {
		doctor_row(doctor, "degraded", "AGENT", "only root can see whether one runs");
		return false;
	}
	if (error && access("/run/systemd/system", F_OK)) {
		doctor_row(doctor, "degraded", "AGENT",
			   "none answers at %s (%s): start 'killtrace daemon'; one that runs "
			   "without --socket, as in a pod, cannot be seen",
			   FEED_DEFAULT, strerror(-error));
		return false;
	}
	if (error) {
		doctor_row(doctor, "broken", "AGENT",
			   "none at %s (%s): nobody records the deaths of this node; systemctl "
			   "enable --now killtrace",
			   FEED_DEFAULT, strerror(-error));
		return false;
	}
	(void)close(feed.fd);
	error = agent_read(feed.pid, ret);
	if (error)
		doctor_row(doctor, "degraded", "AGENT",
			   "process %d; where it writes cannot be read: %s", (int)feed.pid,
			   strerror(-error));
	else
		doctor_row(doctor, "ok", "AGENT", "process %d, with %s", (int)feed.pid, feed.hooks);
	return !error;
}

static void show_history(const struct doctor *doctor, const struct agent *agent)
{
	const char *name = agent->history.name ? agent->history.name : HISTORY_PATH;
	struct history_reader *reader;
	int failure =
		history_open(agent->history.path ? agent->history.path : HISTORY_PATH, &reader);

	if (!failure)
		doctor_row(doctor, "ok", "HISTORY", "%s", name);
	else if (failure == -HISTORY_MISSING)
		doctor_row(
			doctor, "broken", "HISTORY",
			"none at %s: history and why have nothing to report; add --history %s to "
			"the options of the agent",
			name, HISTORY_PATH);
	else
		doctor_row(doctor, "broken", "HISTORY", "%s cannot be read: %s", name,
			   failure == -HISTORY_NEWER ? "a newer killtrace wrote it; use that one"
			   : failure == -HISTORY_FOREIGN ? "it is another program's database"
							 : history_error(reader));
	history_free(reader);
}

/* Series of the agent's metrics that should be 0 and are not. */
static bool show_series(const struct doctor *doctor, FILE *file, const char *what,
			const char *prefix, const char *advice)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	unsigned int count = 0;

	rewind(file);
	while (getline(&line, &room, file) > 0) {
		const char *value = strchr(line, '}');

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, prefix, strlen(prefix)) != 0 || !value || !strcmp(value, "} 0") ||
		    count++ >= MOST_SERIES)
			continue;
		doctor_row(doctor, "degraded", what, "%s; %s", line, advice);
	}
	return count > 0;
}

/* Old metrics show what was wrong then, and not that all is well. */
static void show_losses(const struct doctor *doctor, FILE *file, bool is_old)
{
	if (!show_series(doctor, file, "LOSSES", "killtrace_lost_total{",
			 "killtrace(8) says what each reason means, and a larger --ring helps "
			 "against ring_full") &&
	    !is_old)
		doctor_row(doctor, "ok", "LOSSES", "the agent has lost nothing");
	if (!show_series(doctor, file, "SINKS", "killtrace_sink_errors_total{",
			 "the messages of the agent say why: journalctl -u killtrace") &&
	    !is_old)
		doctor_row(doctor, "ok", "SINKS", "no attempt to write has failed");
}

/* Returns the open file, or NULL. */
static FILE *show_metrics(const struct doctor *doctor, const struct agent_place *place,
			  bool *ret_is_old)
{
	AUTO_CLOSE int folder = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(folder, "killtrace.prom", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat st;

	if (!file || fstat(fd, &st)) {
		doctor_row(doctor, "broken", "METRICS", "%s/killtrace.prom: %s; make the folder",
			   place->name, strerror(errno));
		if (file)
			(void)fclose(file);
		else if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	*ret_is_old = time(NULL) - st.st_mtime > OLDEST_METRICS_S;
	if (*ret_is_old)
		doctor_row(
			doctor, "broken", "METRICS",
			"%s/killtrace.prom was not written for %lld s; the messages of the agent "
			"say why: journalctl -u killtrace",
			place->name, (long long)(time(NULL) - st.st_mtime));
	else
		doctor_row(doctor, "ok", "METRICS", "%s/killtrace.prom", place->name);
	show_losses(doctor, file, *ret_is_old);
	return file;
}

void doctor_host(const struct doctor *doctor)
{
	struct agent agent = { 0 };
	const bool runs = show_agent(doctor, &agent);
	AUTO_FCLOSE FILE *metrics = NULL;
	bool is_old = false;

	show_history(doctor, &agent);
	if (agent.textfile.path)
		metrics = show_metrics(doctor, &agent.textfile, &is_old);
	else if (runs)
		doctor_row(
			doctor, "degraded", "LOSSES",
			"not known: the agent writes no metrics; add --textfile DIR to its options");
	doctor_ring(doctor, metrics, is_old, runs);
	show_cgroups(doctor);
	show_owners(doctor);
	agent_done(&agent);
}
