// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/kubelet_logs.h"

#include <string.h>

#include "attribute/span.h"

/* Takes what is before the first underscore. */
static bool take_part(struct span *rest, char *ret, size_t size)
{
	const char *end = memchr(rest->s, '_', rest->n);
	struct span part = { rest->s, end ? (size_t)(end - rest->s) : 0 };

	if (!part.n || !span_copy(part, ret, size))
		return false;
	*rest = span_drop(*rest, part.n + 1);
	return true;
}

static bool is_last_part(struct span part)
{
	return part.n && !memchr(part.s, '_', part.n);
}

bool kubelet_logs_match_container(const char *file, const char *id, struct names *ret)
{
	static const char suffix[] = ".log";
	struct span rest = { file, strlen(file) };
	struct names found = { 0 };

	if (!span_ends(rest, suffix))
		return false;
	rest = span_chop(rest, strlen(suffix));
	if (!span_ends(rest, id))
		return false;
	rest = span_chop(rest, strlen(id));
	if (!span_ends(rest, "-"))
		return false;
	rest = span_chop(rest, 1);
	if (!take_part(&rest, found.pod, sizeof(found.pod)) ||
	    !take_part(&rest, found.namespace, sizeof(found.namespace)) || !is_last_part(rest) ||
	    !span_copy(rest, found.container, sizeof(found.container)))
		return false;
	(void)span_copy(rest, found.name, sizeof(found.name));
	*ret = found;
	return true;
}

bool kubelet_logs_match_pod(const char *folder, const char *uid, struct names *ret)
{
	struct span rest = { folder, strlen(folder) };
	struct names found = { 0 };

	if (!take_part(&rest, found.namespace, sizeof(found.namespace)) ||
	    !take_part(&rest, found.pod, sizeof(found.pod)) || !is_last_part(rest) ||
	    !span_is(rest, uid) || !span_copy(rest, found.pod_uid, sizeof(found.pod_uid)))
		return false;
	*ret = found;
	return true;
}
