// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_review.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "http/http_client.h"

#define TIMEOUT_MS 5000
#define PATH "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

/* It runs alone: there is nothing to do meanwhile. */
static void wait_only(void *context)
{
	(void)context;
}

int kube_review_read(const char *body, size_t size)
{
	json_t *review = json_loadb(body, size, 0, NULL);
	const json_t *allowed = json_object_get(json_object_get(review, "status"), "allowed");
	const int result = json_is_boolean(allowed) ? json_is_true(allowed) : -1;

	json_decref(review);
	return result;
}

/* An Event is in the namespace of its pod: the right must be for all of them. */
static char *question(const char *verb)
{
	json_t *body = json_pack("{s:s,s:s,s:{s:{s:s,s:s}}}", "apiVersion",
				 "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview",
				 "spec", "resourceAttributes", "verb", verb, "resource", "events");
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	return text;
}

static enum kube_verdict judge(const struct http_answer *answer, const char *verb, char *words)
{
	int allowed;

	if (answer->status == 401)
		return KUBE_NOT_ACCEPTED;
	if (!answer->status) {
		text_for_terminal_again(answer->words ? answer->words : "no answer", words,
					KUBE_REVIEW_WORDS);
		return KUBE_NO_ANSWER;
	}
	allowed = answer->status / 100 == 2 ? kube_review_read(answer->body, answer->size) : -1;
	if (allowed < 0) {
		(void)snprintf(words, KUBE_REVIEW_WORDS, "it answers %ld to a review of rights",
			       answer->status);
		return KUBE_ODD_ANSWER;
	}
	(void)snprintf(words, KUBE_REVIEW_WORDS, "%s", verb);
	return allowed ? KUBE_ALLOWED : KUBE_NOT_ALLOWED;
}

static enum kube_verdict ask(const struct kube_account *account, struct http_client *http,
			     const char *verb, char *words)
{
	AUTO_FREE char *body = question(verb), *url = NULL;
	char *authorization = NULL;
	const char *headers[] = { NULL, "Accept: application/json",
				  "Content-Type: application/json" };
	struct http_answer answer = { 0 };
	int error = kube_account_header(account, &authorization);
	enum kube_verdict verdict;

	if (asprintf(&url, "%s" PATH, account->server) < 0)
		url = NULL;
	if (error || !body || !url) {
		(void)snprintf(words, KUBE_REVIEW_WORDS, "%s",
			       error == -EINVAL ? "the token's file has no token in it"
						: strerror(error ? -error : ENOMEM));
		verdict = KUBE_NOT_ASKED;
	} else {
		headers[0] = authorization;
		http_client_send(http,
				 &(struct http_request){ .method = "POST",
							 .url = url,
							 .headers = headers,
							 .header_count = ARRAY_SIZE(headers),
							 .body = body,
							 .size = strlen(body) },
				 wait_only, NULL, &answer);
		verdict = judge(&answer, verb, words);
	}
	kube_account_forget(authorization);
	return verdict;
}

enum kube_verdict kube_review(const struct kube_account *account, char words[KUBE_REVIEW_WORDS])
{
	static const char *const verbs[] = { "create", "patch" };
	atomic_uint_least64_t never = 0;
	struct http_client *http =
		http_client_new(&(struct http_manner){ .user_agent = "killtrace/" KT_VERSION,
						       .ca = account->ca,
						       .timeout_ms = TIMEOUT_MS },
				&never);
	enum kube_verdict verdict = KUBE_NOT_ASKED;

	(void)snprintf(words, KUBE_REVIEW_WORDS, "out of memory");
	for (size_t i = 0; http && i < ARRAY_SIZE(verbs); i++) {
		verdict = ask(account, http, verbs[i], words);
		if (verdict != KUBE_ALLOWED)
			break;
	}
	http_client_free(http);
	return verdict;
}
