// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* A regular file, from where it ended before the death; a rotated one from its start. NULL: it
 * cannot be read, errno says why. */
static FILE *open_at(const char *path, const struct stat *before)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat st;

	if (!file) {
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		(void)fclose(file);
		return NULL;
	}
	if (st.st_ino == before->st_ino && st.st_dev == before->st_dev &&
	    st.st_size >= before->st_size)
		(void)fseeko(file, before->st_size, SEEK_SET);
	return file;
}

void evidence_look_json(const struct agent_place *place, const struct stat *before,
			const struct evidence_death *death, struct evidence_row *row)
{
	AUTO_FCLOSE FILE *file = open_at(place->path, before);
	AUTO_FREE char *line = NULL;
	size_t room = 0;

	(void)snprintf(row->note, sizeof(row->note), "this death is not there");
	if (!file)
		(void)snprintf(row->note, sizeof(row->note), "it cannot be read: %s",
			       strerror(errno));
	while (file && row->state == EVIDENCE_MISSING && getline(&line, &room, file) > 0)
		row->state = evidence_of_line(line, death, row->note, sizeof(row->note));
}
