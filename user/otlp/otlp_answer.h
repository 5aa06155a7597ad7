/* SPDX-License-Identifier: BSD-2-Clause */
/* The meaning of a collector's answer for the request, by the specification of OTLP/HTTP. */
#ifndef KT_OTLP_OTLP_ANSWER_H
#define KT_OTLP_OTLP_ANSWER_H

#include "http/http_client.h"

enum otlp_outcome {
	OTLP_TAKEN,
	OTLP_AGAIN,   /* the same request later */
	OTLP_REFUSED, /* it will never be accepted */
};

enum otlp_outcome otlp_answer_outcome(const struct http_answer *answer);

/* How many of the request's records are refused by an answer that accepts it: at most `records`. */
uint64_t otlp_answer_rejected(const struct http_answer *answer, unsigned int records);

#endif
