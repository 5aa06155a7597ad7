/* SPDX-License-Identifier: BSD-2-Clause */
/* The message of an Event: the sentence about the death, and what to type next. */
#ifndef KT_KUBE_KUBE_MESSAGE_H
#define KT_KUBE_KUBE_MESSAGE_H

#include "kube/kube_event.h"

/* Nothing is in it that is not in the JSON line. */
void kube_message_write(const struct event *event, char ret[KUBE_MESSAGE_MOST + 1]);

#endif
