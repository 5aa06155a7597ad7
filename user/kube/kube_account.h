/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the API server is, and as whom it is asked: from the environment and the files that the
 * kubelet gives every pod.
 *
 * The token is secret: nothing here or in the callers shows it. The kubelet replaces its file
 * before it expires, so it is read for each request. The file is a symbolic link into a folder that
 * only the kubelet changes; its place is the administrator's choice, never that of a traced
 * process.
 */
#ifndef KT_KUBE_KUBE_ACCOUNT_H
#define KT_KUBE_KUBE_ACCOUNT_H

#include <stdbool.h>

#define KUBE_ACCOUNT_DEFAULT "/var/run/secrets/kubernetes.io/serviceaccount"

struct kube_account {
	char *server; /* "https://10.96.0.1:443" */
	char *token;  /* paths */
	char *ca;
};

/* `folder` NULL: the default. True: *ret is to be freed with kube_account_done(). False: a message
 * said what is missing. */
bool kube_account_read(const char *folder, struct kube_account *ret);
void kube_account_done(struct kube_account *account);

/* Whether both files can be read now. False: a message said which one cannot. */
bool kube_account_check(const struct kube_account *account);

/* "Authorization: Bearer …", to be freed with kube_account_forget(). 0, or -errno; -EINVAL: the file
 * has no token in it. */
int kube_account_header(const struct kube_account *account, char **ret);
/* NULL is fine. */
void kube_account_forget(char *header);

#endif
