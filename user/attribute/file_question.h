/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A question about one open file of another program, and the answer: foreign text is parsed here,
 * in whichever process this runs (attribute/parser.h).
 *
 * Ownership: plain data of fixed size, which can be sent from one process to another. Invariants:
 * total; bounded in time, in bytes read and in memory by the kind of file.
 */
#ifndef KT_ATTRIBUTE_FILE_QUESTION_H
#define KT_ATTRIBUTE_FILE_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "attribute/container_state.h"
#include "attribute/names.h"

enum file_kind {
	/* configurations by a runtime: names */
	FILE_CONTAINERD,
	FILE_NERDCTL,
	FILE_CRIO,
	FILE_DOCKER,
	FILE_STORAGE_LIST, /* of all containers: needs an id */
	FILE_BUNDLE,       /* only names.cgroup */
	/* configurations and states: cgroups, and the names in those of containerd */
	FILE_CLAIM_CONTAINERD,
	FILE_CLAIM_NERDCTL,
	FILE_CLAIM_RUNC,
	FILE_CLAIM_CRUN,
	/* settings: path */
	FILE_DOCKER_SETTINGS,
	/* databases, by id: the image (and by namespace), the unit */
	FILE_CONTAINERD_DATABASE,
	FILE_PODMAN_SQLITE,
	FILE_PODMAN_BOLT,
	FILE_KINDS
};

/* Unused bytes are 0. */
struct file_question {
	uint32_t kind;
	uint64_t size; /* of the file when it was opened */
	char id[129];
	char namespace[256];
};

struct file_answer {
	int32_t error; /* 0 or -errno: -EBADMSG: the file is invalid; -EFBIG: it is too large */
	struct names names; /* neither id nor runtime: the caller knows them */
	struct container_cgroups cgroups;
	char path[512];
};

/* False: an id does not fit. NULL stands for none. */
bool file_question_make(enum file_kind kind, const char *id, const char *namespace,
			struct file_question *ret);

/* Reads the file; does not close it. */
void file_question_answer(const struct file_question *question, int fd, struct file_answer *ret);

/* Checks an answer from an untrusted source, and copies only what an answer may hold. False: it is
 * invalid, and *ret is untouched. */
bool file_answer_check(const struct file_answer *answer, struct file_answer *ret);

#endif
