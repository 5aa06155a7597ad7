// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_answer.h"

#include <jansson.h>
#include <string.h>

static bool is_text(const json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && !strcmp(value, text);
}

/* A namespace that is being deleted takes nothing new; older servers say so in words only. */
static bool is_terminating(const json_t *status)
{
	const json_t *causes = json_object_get(json_object_get(status, "details"), "causes"), *one;
	const char *message = json_string_value(json_object_get(status, "message"));
	size_t i;

	json_array_foreach(causes, i, one)
		if (is_text(one, "reason", "NamespaceTerminating"))
			return true;
	return message && strstr(message, "because it is being terminated");
}

static enum kube_outcome by_body(const struct http_answer *answer)
{
	json_t *status = json_loadb(answer->body, answer->size, 0, NULL);
	enum kube_outcome outcome;

	if (answer->status == 409)
		outcome = is_text(status, "reason", "AlreadyExists") ? KUBE_THERE : KUBE_AGAIN;
	else
		outcome = is_terminating(status) ? KUBE_GONE : KUBE_FORBIDDEN;
	json_decref(status);
	return outcome;
}

enum kube_outcome kube_answer_outcome(const struct http_answer *answer)
{
	switch (answer->status) {
	case 0:
	case 408:
	case 429:
		return KUBE_AGAIN;
	case 401:
		return KUBE_DENIED;
	case 403:
	case 409:
		return by_body(answer);
	case 404:
	case 410:
		return KUBE_GONE;
	default:
		if (answer->status / 100 == 2)
			return KUBE_TAKEN;
		return answer->status / 100 == 5 ? KUBE_AGAIN : KUBE_REFUSED;
	}
}
