// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/output.h"
#include "base/say.h"
#include "metrics/kernel_oom.h"

#define NAME "killtrace.prom"
#define STATE "killtrace.state"
/* The collector only reads *.prom. */
#define NEW_NAME ".killtrace.prom.new"
#define NEW_STATE ".killtrace.state.new"
#define OURS "# Written by killtrace; see killtrace(8).\n"

#define HEARTBEAT_S 60
/* Each time it is written costs two syncs of the disk. */
#define GATHER_MS 1000
/* A thousand workloads are smaller, however long their names and whatever is in them. */
#define MOST_STATE (4U << 20)

struct textfile {
	struct outlet outlet;
	const char *directory;
	struct metrics *metrics;
	dev_t device;   /* of the folder, which has no other writer while we live */
	ino_t inode;    /* 0: there is none yet */
	char words[96]; /* outlet.trouble */
};

static int open_folder(const struct textfile *textfile)
{
	int fd = open(textfile->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Complete and on the disk before it gets its name. */
static int replace(int folder, const char *new_name, const char *name, const char *text,
		   size_t size)
{
	AUTO_CLOSE int fd = -1;
	size_t written = 0;
	int error;

	(void)unlinkat(folder, new_name, 0);
	fd = openat(folder, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	error = output_write_from(fd, text, size, &written);
	/* the collector runs as another user, whatever our umask is */
	if (!error && (fchmod(fd, 0644) || fsync(fd)))
		error = -errno;
	if (!error && renameat(folder, new_name, folder, name))
		error = -errno;
	if (error)
		(void)unlinkat(folder, new_name, 0);
	return error;
}

/* Whether the existing file may be replaced: there is none, or it begins like ours. */
static int check_ours(int folder)
{
	char head[sizeof(OURS)] = "";
	struct stat st;
	AUTO_CLOSE int fd = openat(folder, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -EEXIST;
	if (st.st_size && (read(fd, head, sizeof(OURS) - 1) != (ssize_t)sizeof(OURS) - 1 ||
			   strcmp(head, OURS) != 0))
		return -EEXIST;
	return 0;
}

/* To be freed; NULL when out of memory. */
static char *metrics_text(const struct textfile *textfile, size_t *ret_size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_size);

	if (!file)
		return NULL;
	(void)fputs(OURS, file);
	metrics_write(textfile->metrics, file);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

static char *state_text(const struct textfile *textfile)
{
	json_t *saved = metrics_save(textfile->metrics);
	char *text = saved ? json_dumps(saved, JSON_COMPACT) : NULL;

	json_decref(saved);
	return text;
}

/*
 * Counters must never go back once they were shown, whenever the agent ends. The text is made
 * before the state, since deaths are counted meanwhile, and it is shown after the state is safe.
 */
static int write_both(const struct textfile *textfile, int folder)
{
	size_t size = 0;
	AUTO_FREE char *shown = metrics_text(textfile, &size);
	AUTO_FREE char *state = state_text(textfile);
	int error = shown && state ? 0 : -ENOMEM;

	if (!error)
		error = replace(folder, NEW_STATE, STATE, state, strlen(state));
	return error ? error : replace(folder, NEW_NAME, NAME, shown, size);
}

/* The folder may be younger than this agent. If no lock can be made, nothing is protected. */
static int make_sure_to_be_alone(struct textfile *textfile, int folder)
{
	struct stat st;
	pid_t pid;

	if (fstat(folder, &st))
		return -errno;
	if (st.st_ino == textfile->inode && st.st_dev == textfile->device)
		return 0;
	if (lock_beside(textfile->directory, &pid) == -EBUSY && pid != getpid()) {
		(void)snprintf(textfile->words, sizeof(textfile->words),
			       "another agent (pid %d) writes there", (int)pid);
		textfile->outlet.trouble = textfile->words;
		return -EBUSY;
	}
	textfile->device = st.st_dev;
	textfile->inode = st.st_ino;
	return 0;
}

static int textfile_flush(struct outlet *outlet)
{
	struct textfile *textfile = (struct textfile *)outlet;
	AUTO_CLOSE int folder = open_folder(textfile);
	int error = folder < 0 ? folder : check_ours(folder);

	textfile->outlet.trouble = NULL;
	if (!error)
		error = make_sure_to_be_alone(textfile, folder);
	if (error)
		return error;
	kernel_oom_count(textfile->metrics);
	return write_both(textfile, folder);
}

/* The counts are already in the metrics: all that matters here is that there is something new. */
static int textfile_deliver(struct outlet *outlet, const struct event *event)
{
	(void)outlet;
	(void)event;
	return 0;
}

static void textfile_free(struct outlet *outlet)
{
	free(outlet);
}

static void take_up(const struct textfile *textfile)
{
	AUTO_CLOSE int folder = open_folder(textfile);
	AUTO_CLOSE int fd =
		folder < 0 ? -1
			   : openat(folder, STATE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	json_t *saved;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	if (st.st_size > MOST_STATE) {
		say("counters start at 0: %s/" STATE " is larger than any of ours, ignoring",
		    textfile->directory);
		return;
	}
	saved = json_loadfd(fd, 0, NULL);
	if (!metrics_load(textfile->metrics, saved))
		say_detail("counters start at 0: %s/" STATE " is not of this boot",
			   textfile->directory);
	json_decref(saved);
}

struct outlet *textfile_new(const char *directory, struct metrics *metrics)
{
	static const struct outlet_ops ops = {
		.name = "textfile",
		.deliver = textfile_deliver,
		.flush = textfile_flush,
		.free = textfile_free,
	};
	struct textfile *textfile = calloc(1, sizeof(*textfile));

	if (!textfile)
		return NULL;
	textfile->outlet = (struct outlet){ .ops = &ops,
					    .place = directory,
					    .heartbeat_s = HEARTBEAT_S,
					    .gather_ms = GATHER_MS,
					    .safe_when_flushed = true,
					    .sums_up = true };
	textfile->directory = directory;
	textfile->metrics = metrics;
	take_up(textfile);
	kernel_oom_count(metrics);
	return (struct outlet *)textfile;
}
