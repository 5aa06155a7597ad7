// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MOST_ARGUMENTS (64U << 10)

struct words {
	char text[MOST_ARGUMENTS + 1];
	size_t size;
};

static int read_words(pid_t pid, struct words *ret)
{
	char path[32];
	AUTO_CLOSE int fd = -1;
	ssize_t more;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret->size = 0;
	while (ret->size < MOST_ARGUMENTS &&
	       (more = read(fd, ret->text + ret->size, MOST_ARGUMENTS - ret->size)) > 0)
		ret->size += (size_t)more;
	ret->text[ret->size] = '\0';
	return 0;
}

static const char *next_word(const struct words *words, const char *word)
{
	const char *next = word + strlen(word) + 1;

	return next < words->text + words->size ? next : NULL;
}

/* "": it is there, as the last word. NULL: it is not. The last one counts, as for popt. */
static const char *value_of(const struct words *words, const char *option)
{
	const size_t length = strlen(option);
	const char *found = NULL;

	for (const char *word = words->text; word; word = next_word(words, word)) {
		if (strncmp(word, option, length) != 0)
			continue;
		if (word[length] == '=')
			found = word + length + 1;
		else if (!word[length])
			found = next_word(words, word) ? next_word(words, word) : "";
	}
	return found;
}

static int open_link(pid_t pid, const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* False: out of memory. Standard output and what is not given are no place. */
static bool take(struct agent *agent, const char *value, struct agent_place *ret)
{
	if (!value || !*value || !strcmp(value, "-"))
		return true;
	ret->name = strdup(value);
	if (asprintf(&ret->path, "/proc/self/fd/%d/%s",
		     *value == '/' ? agent->root_fd : agent->folder_fd, value) < 0)
		ret->path = NULL;
	return ret->name && ret->path;
}

int agent_read(pid_t pid, struct agent *ret)
{
	AUTO_FREE struct words *words = calloc(1, sizeof(*words));
	struct agent agent = { 0 };
	int error = words ? read_words(pid, words) : -ENOMEM;

	if (error)
		return error;
	agent.root_fd = open_link(pid, "root");
	agent.folder_fd = open_link(pid, "cwd");
	if (agent.root_fd < 0 || agent.folder_fd < 0)
		error = -errno;
	else if (!take(&agent, value_of(words, "--history"), &agent.history) ||
		 !take(&agent, value_of(words, "--textfile"), &agent.textfile) ||
		 !take(&agent, value_of(words, "--json"), &agent.json))
		error = -ENOMEM;
	agent.journal = value_of(words, "--journal") != NULL;
	agent.otlp = value_of(words, "--otlp") != NULL;
	if (error)
		agent_done(&agent);
	else
		*ret = agent;
	return error;
}

bool agent_set(struct agent_place *place, const char *path)
{
	if (!path)
		return true;
	free(place->name);
	free(place->path);
	place->name = strdup(path);
	place->path = strdup(path);
	return place->name && place->path;
}

static void free_place(struct agent_place *place)
{
	free(place->name);
	free(place->path);
}

void agent_done(struct agent *agent)
{
	free_place(&agent->history);
	free_place(&agent->textfile);
	free_place(&agent->json);
	if (agent->root_fd > 0)
		(void)close(agent->root_fd);
	if (agent->folder_fd > 0)
		(void)close(agent->folder_fd);
	*agent = (struct agent){ 0 };
}
