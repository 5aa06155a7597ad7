/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/kube_pod.h"

#include "attribute/id_form.h"

#include <string.h>

static const struct qos_level {
	const char *cgroupfs;
	const char *systemd;
	const char *qos;
} levels[] = {
	{ .cgroupfs = "burstable", .systemd = "kubepods-burstable", .qos = "burstable" },
	{ .cgroupfs = "besteffort", .systemd = "kubepods-besteffort", .qos = "besteffort" },
	{ .cgroupfs = "kubepods", .systemd = "kubepods", .qos = "guaranteed" },
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/* The whole name, or its end after a dash. */
static bool is_or_follows_dash(struct span name, const char *text)
{
	size_t n = strlen(text);

	return span_is(name, text) ||
	       (span_ends(name, text) && name.n > n && name.s[name.n - n - 1] == '-');
}

static bool match_cgroupfs(struct span component, struct span parent, struct kube_pod *ret)
{
	if (!span_starts(component, "pod"))
		return false;
	ret->uid = span_drop(component, strlen("pod"));
	if (!id_form_pod_uid(ret->uid))
		return false;
	ret->qos = "";
	for (size_t i = 0; i < LEVELS; i++)
		if (span_is(parent, levels[i].cgroupfs))
			ret->qos = levels[i].qos;
	return true;
}

/* A uid is 36 or 32 bytes long, so the place of "-pod" is known from the end. */
static bool split_at_pod(struct span name, struct span *ret_head, struct span *ret_uid)
{
	static const size_t lengths[] = { 36, 32 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (name.n <= lengths[i])
			continue;

		struct span head = span_chop(name, lengths[i]);

		*ret_uid = span_drop(name, head.n);
		*ret_head = span_chop(head, strlen("-pod"));
		if (span_ends(head, "-pod") && id_form_pod_uid(*ret_uid))
			return true;
	}
	return false;
}

static bool match_systemd(struct span component, struct kube_pod *ret)
{
	struct span name = component, head;

	if (span_ends(name, ".slice"))
		name = span_chop(name, strlen(".slice"));
	if (!split_at_pod(name, &head, &ret->uid))
		return false;
	for (size_t i = 0; i < LEVELS; i++) {
		if (is_or_follows_dash(head, levels[i].systemd)) {
			ret->qos = levels[i].qos;
			return true;
		}
	}
	return false;
}

bool kube_pod_match(struct span component, struct span parent, struct kube_pod *ret)
{
	return match_cgroupfs(component, parent, ret) || match_systemd(component, ret);
}
