/* SPDX-License-Identifier: BSD-2-Clause */
/* What a collector's answer means for the request, by the specification of OTLP/HTTP. */
#ifndef KT_OTLP_OTLP_ANSWER_H
#define KT_OTLP_OTLP_ANSWER_H

#include "otlp/otlp_http.h"

enum otlp_outcome {
	OTLP_TAKEN,
	OTLP_AGAIN,   /* later, the same */
	OTLP_REFUSED, /* it will never be taken */
};

enum otlp_outcome otlp_answer_outcome(const struct otlp_answer *answer);

/* How many of the request's records an answer that takes it refuses: at most `records`. */
uint64_t otlp_answer_rejected(const struct otlp_answer *answer, unsigned int records);

#endif
