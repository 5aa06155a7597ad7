// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/file_question.h"

#include <errno.h>
#include <string.h>

#include "attribute/containerd_image.h"
#include "attribute/docker_config.h"
#include "attribute/docker_root.h"
#include "attribute/node_files.h"
#include "attribute/oci_config.h"
#include "attribute/podman_label.h"
#include "attribute/storage_list.h"
#include "base/cleanup.h"

/* Ten times the size of these files where they are large: parsed JSON takes several times its size.
 */
#define MOST_CONFIG (512U << 10)
#define MOST_LIST (2U << 20)
#define MOST_SETTINGS (64U << 10)
#define MOST_ERRNO 4095

static bool read_bundle(const char *text, size_t size, const char *id, struct names *ret)
{
	(void)id;
	return oci_config_read_cgroup(text, size, ret);
}

/* The kinds of files that are read whole; answer() handles the others. */
static const struct {
	size_t most;
	bool (*names)(const char *text, size_t size, const char *id, struct names *ret);
	bool (*cgroups)(const char *text, size_t size, struct container_cgroups *ret);
} texts[FILE_KINDS] = {
	[FILE_CONTAINERD] = { .most = MOST_CONFIG, .names = oci_config_read_containerd },
	[FILE_NERDCTL] = { .most = MOST_CONFIG, .names = oci_config_read_nerdctl },
	[FILE_CRIO] = { .most = MOST_CONFIG, .names = oci_config_read_crio },
	[FILE_DOCKER] = { .most = MOST_CONFIG, .names = docker_config_read },
	[FILE_STORAGE_LIST] = { .most = MOST_LIST, .names = storage_list_read },
	[FILE_BUNDLE] = { .most = MOST_CONFIG, .names = read_bundle },
	[FILE_CLAIM_CONTAINERD] = {
		.most = MOST_CONFIG,
		.names = oci_config_read_containerd,
		.cgroups = container_state_oci,
	},
	[FILE_CLAIM_NERDCTL] = {
		.most = MOST_CONFIG,
		.names = oci_config_read_nerdctl,
		.cgroups = container_state_oci,
	},
	[FILE_CLAIM_RUNC] = { .most = MOST_CONFIG, .cgroups = container_state_runc },
	[FILE_CLAIM_CRUN] = { .most = MOST_CONFIG, .cgroups = container_state_crun },
};

bool file_question_make(enum file_kind kind, const char *id, const char *namespace,
			struct file_question *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = kind;
	return names_set(ret->id, sizeof(ret->id), id) &&
	       names_set(ret->namespace, sizeof(ret->namespace), namespace);
}

static int read_whole(const struct file_question *question, int fd, size_t most, char **ret_text,
		      size_t *ret_size)
{
	return question->size > most
		       ? -EFBIG
		       : node_files_read_open(fd, (size_t)question->size, ret_text, ret_size);
}

static int answer_text(const struct file_question *question, int fd, struct file_answer *ret)
{
	const enum file_kind kind = question->kind;
	AUTO_FREE char *text = NULL;
	size_t size;
	int error = read_whole(question, fd, texts[kind].most, &text, &size);

	if (error)
		return error;
	if ((texts[kind].cgroups && !texts[kind].cgroups(text, size, &ret->cgroups)) ||
	    (texts[kind].names && !texts[kind].names(text, size, question->id, &ret->names)))
		return -EBADMSG;
	return 0;
}

static int answer_settings(const struct file_question *question, int fd, struct file_answer *ret)
{
	AUTO_FREE char *text = NULL;
	size_t size;
	int error = read_whole(question, fd, MOST_SETTINGS, &text, &size);

	return error ? error : docker_root_parse(text, size, ret->path, sizeof(ret->path));
}

static int answer(const struct file_question *question, int fd, struct file_answer *ret)
{
	switch (question->kind) {
	case FILE_DOCKER_SETTINGS:
		return answer_settings(question, fd, ret);
	case FILE_CONTAINERD_DATABASE:
		return containerd_image_read(fd, question->namespace, question->id, &ret->names);
	case FILE_PODMAN_SQLITE:
		return podman_label_read_sqlite(fd, question->size, question->id, &ret->names);
	case FILE_PODMAN_BOLT:
		return podman_label_read_bolt(fd, question->id, &ret->names);
	default:
		return question->kind < FILE_KINDS ? answer_text(question, fd, ret) : -EINVAL;
	}
}

/* If a file turns out to be invalid, nothing that was found in it counts. */
void file_question_answer(const struct file_question *question, int fd, struct file_answer *ret)
{
	int error;

	memset(ret, 0, sizeof(*ret));
	error = answer(question, fd, ret);
	if (error)
		*ret = (struct file_answer){ .error = error };
}

static bool take(char *ret, const char *text, size_t size)
{
	return memchr(text, '\0', size) && names_set(ret, size, text);
}

#define TAKE(member) take(clean.member, answer->member, sizeof(clean.member))

bool file_answer_check(const struct file_answer *answer, struct file_answer *ret)
{
	struct file_answer clean = { .error = answer->error };

	if (answer->error > 0 || answer->error < -MOST_ERRNO)
		return false;
	if (!TAKE(names.name) || !TAKE(names.image) || !TAKE(names.namespace) || !TAKE(names.pod) ||
	    !TAKE(names.pod_uid) || !TAKE(names.container) || !TAKE(names.sandbox) ||
	    !TAKE(names.unit) || !TAKE(names.cgroup) || !TAKE(cgroups.unified) ||
	    !TAKE(cgroups.memory) || !TAKE(path))
		return false;
	*ret = clean;
	return true;
}
