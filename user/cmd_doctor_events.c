// SPDX-License-Identifier: BSD-2-Clause
/* The part of doctor about Kubernetes Events: whether the API server would take them. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd_doctor.h"
#include "http/http_client.h"
#include "kube/kube_account.h"
#include "kube/kube_review.h"

static void show_verdict(const struct doctor *doctor, const struct kube_account *account)
{
	char words[KUBE_REVIEW_WORDS];

	switch (kube_review(account, words)) {
	case KUBE_ALLOWED:
		doctor_row(doctor, "ok", "EVENTS", "%s lets this pod create and count them",
			   account->server);
		break;
	case KUBE_NOT_ALLOWED:
		doctor_row(doctor, "broken", "EVENTS",
			   "%s does not allow '%s' for events in every namespace; apply the role "
			   "of deploy/overlays/events",
			   account->server, words);
		break;
	case KUBE_NOT_ACCEPTED:
		doctor_row(doctor, "broken", "EVENTS",
			   "%s does not accept the token (401); see whether the service account "
			   "is still there",
			   account->server);
		break;
	case KUBE_NO_ANSWER:
		doctor_row(doctor, "broken", "EVENTS",
			   "%s: %s; let the network policy of the pod through to the API server",
			   account->server, words);
		break;
	case KUBE_ODD_ANSWER:
		doctor_row(
			doctor, "broken", "EVENTS",
			"%s: %s, so it is not known whether Events are allowed; ask again, or look "
			"at its own log",
			account->server, words);
		break;
	case KUBE_NOT_ASKED:
		doctor_row(doctor, "broken", "EVENTS",
			   "the service account's token cannot be read: %s; see the volumes of the "
			   "pod",
			   words);
		break;
	}
}

void doctor_events(const struct doctor *doctor)
{
	struct kube_account account;

	/* not in a pod */
	if (!getenv("KUBERNETES_SERVICE_HOST") || !getenv("KUBERNETES_SERVICE_PORT"))
		return;
	if (access(KUBE_ACCOUNT_DEFAULT "/token", F_OK)) {
		doctor_row(doctor, "ok", "EVENTS",
			   "none: this pod has no token; deploy/overlays/events gives it one");
		return;
	}
	if (http_client_missing()) {
		doctor_row(doctor, "broken", "EVENTS", "%s", http_client_missing());
		return;
	}
	if (!kube_account_read(NULL, &account)) {
		doctor_row(doctor, "broken", "EVENTS",
			   "the API server's address cannot be used: see the message");
		return;
	}
	show_verdict(doctor, &account);
	kube_account_done(&account);
}
