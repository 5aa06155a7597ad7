// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/say.h"

#define BEARER "Authorization: Bearer "
/* Tokens take one or two KiB. */
#define LONGEST_TOKEN (16U << 10)
#define LONGEST_HOST 253
#define HIGHEST_PORT 65535

/* A name or an IP address; a name of an interface after an address ("%eth0") is none of them. */
static bool is_host(const char *host)
{
	static const char bytes[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:";
	const size_t length = host ? strlen(host) : 0;

	return length && length <= LONGEST_HOST && strspn(host, bytes) == length;
}

static bool is_port(const char *port)
{
	uint64_t number;

	return port && number_parse(port, &number) && number && number <= HIGHEST_PORT;
}

static bool join(char **ret, const char *folder, const char *name)
{
	if (asprintf(ret, "%s/%s", folder, name) < 0)
		*ret = NULL;
	return *ret;
}

bool kube_account_read(const char *folder, struct kube_account *ret)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	struct kube_account account = { 0 };
	const bool is_v6 = host && strchr(host, ':');

	if (!is_host(host) || !is_port(port)) {
		say("--kubernetes-events needs the API server in KUBERNETES_SERVICE_HOST and "
		    "KUBERNETES_SERVICE_PORT: run it in a pod, where both are set");
		return false;
	}
	if (!folder)
		folder = KUBE_ACCOUNT_DEFAULT;
	if (asprintf(&account.server, "https://%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
		     port) < 0)
		account.server = NULL;
	if (!account.server || !join(&account.token, folder, "token") ||
	    !join(&account.ca, folder, "ca.crt")) {
		kube_account_done(&account);
		say("--kubernetes-events: out of memory");
		return false;
	}
	*ret = account;
	return true;
}

void kube_account_done(struct kube_account *account)
{
	free(account->server);
	free(account->token);
	free(account->ca);
	*account = (struct kube_account){ 0 };
}

/* The descriptor of a plain file, or -errno. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	return -EINVAL;
}

bool kube_account_check(const struct kube_account *account)
{
	const char *const paths[] = { account->token, account->ca };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		AUTO_CLOSE int fd = open_file(paths[i]);

		if (fd >= 0)
			continue;
		say("cannot read '%s' (--kubernetes-events): %s; give the pod a service account "
		    "and set automountServiceAccountToken: true",
		    paths[i], strerror(-fd));
		return false;
	}
	return true;
}

/* A header may carry visible ASCII. Returns the length; 0: it is no token. */
static size_t token_length(const char *text, size_t size)
{
	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return 0;
	return size;
}

int kube_account_header(const struct kube_account *account, char **ret)
{
	static const size_t begin = sizeof(BEARER) - 1;
	AUTO_CLOSE int fd = open_file(account->token);
	char *header;
	size_t size = 0;
	ssize_t got = 0;

	if (fd < 0)
		return fd;
	header = malloc(begin + LONGEST_TOKEN + 1);
	if (!header)
		return -ENOMEM;
	memcpy(header, BEARER, begin);
	while (size < LONGEST_TOKEN &&
	       (got = read(fd, header + begin + size, LONGEST_TOKEN - size)) > 0)
		size += (size_t)got;
	size = got < 0 || size == LONGEST_TOKEN ? 0 : token_length(header + begin, size);
	header[begin + size] = '\0';
	if (!size) {
		explicit_bzero(header, begin + LONGEST_TOKEN + 1);
		free(header);
		return got < 0 ? -EIO : -EINVAL;
	}
	*ret = header;
	return 0;
}

void kube_account_forget(char *header)
{
	if (header)
		explicit_bzero(header, strlen(header));
	free(header);
}
