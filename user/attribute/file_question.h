/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked about one open file of another program, and the answer: text of others is parsed
 * here, wherever that is (attribute/parser.h).
 *
 * Ownership: plain data of fixed size, that can go from one process to another. Invariants: total;
 * bounded in time, in bytes read and in memory by the kind of file.
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
	FILE_STORAGE_LIST, /* of all containers: asks for an id */
	FILE_BUNDLE,       /* names.cgroup alone */
	/* configurations and states: cgroups, and the names that containerd's have */
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
	uint64_t size; /* that the file had when it was opened */
	char id[129];
	char namespace[256];
};

struct file_answer {
	int32_t error; /* 0 or -errno: -EBADMSG is no such file, -EFBIG one that is too large */
	struct names names; /* neither id nor runtime: who asks knows them */
	struct container_cgroups cgroups;
	char path[512];
};

/* False: an id does not fit. NULL is none. */
bool file_question_make(enum file_kind kind, const char *id, const char *namespace,
			struct file_question *ret);

/* Reads the file; does not close it. */
void file_question_answer(const struct file_question *question, int fd, struct file_answer *ret);

/* Takes an answer that anybody may have made, and keeps what an answer may be. False: it is none,
 * and *ret is untouched. */
bool file_answer_check(const struct file_answer *answer, struct file_answer *ret);

#endif
