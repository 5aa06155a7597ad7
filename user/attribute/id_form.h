/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The forms in which runtimes and orchestrators write their ids. Each test takes a whole token: an
 * id that is the beginning of another is never mistaken for it.
 */
#ifndef KT_ATTRIBUTE_ID_FORM_H
#define KT_ATTRIBUTE_ID_FORM_H

#include "attribute/span.h"

/* 64 lowercase hex digits: every OCI runtime's random id. */
bool id_form_hex64(struct span id);
/* 25 of [0-9a-z]: BuildKit's. */
bool id_form_buildkit(struct span id);
/* 8-4-4-4-12 lowercase hex digits. */
bool id_form_uuid(struct span id);
/* 8-4-4-4-4: Garden shortens a uuid; Concourse gives it whole. */
bool id_form_garden(struct span id);
/* A uuid with dashes or underscores, or the 32 hex digits of a static pod. */
bool id_form_pod_uid(struct span id);
/* ALLOCATION-UUID.TASK: Nomad's. */
bool id_form_nomad_task(struct span id);
/* 32 hex digits, a dash, decimal digits: a container of an ECS task on Fargate. */
bool id_form_fargate(struct span id);
/* containerd's own rule for ids: words of [A-Za-z0-9] with single separators of [._-]. */
bool id_form_containerd(struct span id);
/* 1 to 128 printable bytes: names that people give. */
bool id_form_name(struct span id);
bool id_form_decimal(struct span id);
/* Host name characters, which are what machined accepts. */
bool id_form_machine(struct span id);

#endif
