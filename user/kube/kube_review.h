/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the API server would take Events from this account, asked by a review of its own rights,
 * which every account may ask for. Nothing is created.
 */
#ifndef KT_KUBE_KUBE_REVIEW_H
#define KT_KUBE_KUBE_REVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "kube/kube_account.h"

enum kube_verdict {
	KUBE_ALLOWED,
	KUBE_NOT_ALLOWED,  /* the words are the verb that is missing */
	KUBE_NOT_ACCEPTED, /* the token */
	KUBE_NO_ANSWER,    /* the words say why */
	KUBE_ODD_ANSWER,   /* the words say which */
	KUBE_NOT_ASKED,    /* nothing could be sent: the words say why */
};

/* `words` has room for KUBE_REVIEW_WORDS bytes. It takes some seconds at most. */
#define KUBE_REVIEW_WORDS 320
enum kube_verdict kube_review(const struct kube_account *account, char words[KUBE_REVIEW_WORDS]);

/* The answer's own word: 1 allowed, 0 not, -1 it is no review. */
int kube_review_read(const char *body, size_t size);

#endif
