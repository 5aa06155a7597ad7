/* SPDX-License-Identifier: BSD-2-Clause */
/* The meaning of the API server's answer for a request about an Event. */
#ifndef KT_KUBE_KUBE_ANSWER_H
#define KT_KUBE_KUBE_ANSWER_H

#include "http/http_client.h"

enum kube_outcome {
	KUBE_TAKEN,
	KUBE_THERE,     /* an Event of this name exists: an earlier request had arrived */
	KUBE_GONE,      /* the Event or its namespace is not there (any more) */
	KUBE_DENIED,    /* the token is not accepted; another one may be */
	KUBE_FORBIDDEN, /* by a role, a quota or an admission plugin */
	KUBE_AGAIN,     /* the same request later */
	KUBE_REFUSED,   /* it will never be accepted */
};

/* The answer can come from anything that listens there. */
enum kube_outcome kube_answer_outcome(const struct http_answer *answer);

#endif
