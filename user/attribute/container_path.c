/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/container_path.h"

#include "attribute/id_form.h"
#include "attribute/kube_pod.h"
#include "attribute/owner.h"
#include "attribute/runtimes.h"
#include "attribute/unit_name.h"

#include <stdio.h>
#include <string.h>

/* The kernel's limit for one component. */
#define COMPONENT_LONGEST 255

static void copy_text(const char *text, char *ret, size_t size)
{
	span_copy((struct span){ text, strlen(text) }, ret, size);
}

static void push_container_outwards(struct owner *ret)
{
	if (!ret->container_id[0])
		return;
	ret->enclosing_is_node = ret->node_is_nested = false;
	memcpy(ret->enclosing_id, ret->container_id, sizeof(ret->enclosing_id));
	memcpy(ret->enclosing_runtime, ret->runtime, sizeof(ret->enclosing_runtime));
	memset(ret->container_id, 0, sizeof(ret->container_id));
	memset(ret->runtime, 0, sizeof(ret->runtime));
}

static void enter_pod(const struct kube_pod *pod, struct owner *ret)
{
	bool is_within = ret->container_id[0], is_nested = ret->enclosing_id[0];

	push_container_outwards(ret);
	if (is_within) {
		ret->enclosing_is_node = true;
		ret->node_is_nested = is_nested;
	}
	span_copy(pod->uid, ret->pod_uid, sizeof(ret->pod_uid));
	for (char *c = ret->pod_uid; *c; c++)
		if (*c == '_')
			*c = '-';
	copy_text(pod->qos, ret->qos, sizeof(ret->qos));
}

static void enter_container(const struct runtime_match *match, struct owner *ret)
{
	push_container_outwards(ret);
	span_copy(match->id, ret->container_id, sizeof(ret->container_id));
	copy_text(match->runtime, ret->runtime, sizeof(ret->runtime));
}

static void enter_machine(const struct runtime_match *match, struct owner *ret)
{
	char name[sizeof(ret->machine)];

	if (!unit_name_unescape(match->id, name, sizeof(name)) ||
	    !id_form_machine((struct span){ name, strlen(name) }))
		return;
	copy_text(name, ret->machine, sizeof(ret->machine));
	if (!ret->container_id[0])
		copy_text(match->runtime, ret->runtime, sizeof(ret->runtime));
}

static void enter(const struct runtime_match *match, struct owner *ret)
{
	switch (match->kind) {
	case OWNER_CONTAINER:
		enter_container(match, ret);
		break;
	case OWNER_MACHINE:
		enter_machine(match, ret);
		break;
	case OWNER_PODMAN_POD:
		span_copy(match->id, ret->podman_pod, sizeof(ret->podman_pod));
		break;
	}
}

/* False: what follows is named by a pod, which can use any name. */
static bool visit(const struct path_place *place, struct owner *ret)
{
	struct runtime_match match;
	struct kube_pod pod;

	if (place->component.n > COMPONENT_LONGEST)
		return true;
	if (kube_pod_match(place->component, place->parent, &pod)) {
		if (ret->pod_uid[0])
			return false;
		enter_pod(&pod, ret);
	} else if (runtime_match(place, &match)) {
		enter(&match, ret);
	}
	return true;
}

/* Cuts at the first colon: false if there is none, or one side of it is empty. */
static bool cut_at_colon(struct span a, struct span *ret_before, struct span *ret_after)
{
	const char *colon = memchr(a.s, ':', a.n);

	if (!colon || colon == a.s || colon + 1 == a.s + a.n)
		return false;
	*ret_before = (struct span){ a.s, (size_t)(colon - a.s) };
	*ret_after = span_drop(a, ret_before->n + 1);
	return true;
}

/*
 * "SLICE:PREFIX:ID" is the notation for a systemd cgroup. If a runtime's driver does not match the
 * kubelet's, it makes one directory of it, where PREFIX-ID.scope below SLICE was meant.
 */
static bool visit_unsplit(const struct path_place *place, struct owner *ret, bool *ret_goes_on)
{
	struct path_place part = *place;
	struct span slice, rest, prefix, id;
	char scope[COMPONENT_LONGEST + sizeof("-.scope")];

	if (place->component.n > COMPONENT_LONGEST ||
	    !cut_at_colon(place->component, &slice, &rest) || !span_ends(slice, ".slice") ||
	    !cut_at_colon(rest, &prefix, &id))
		return false;

	part.component = slice;
	*ret_goes_on = visit(&part, ret);
	if (!*ret_goes_on)
		return true;

	snprintf(scope, sizeof(scope), "%.*s-%.*s.scope", (int)prefix.n, prefix.s, (int)id.n, id.s);
	part.parent = slice;
	part.is_scope = true;
	part.component = (struct span){ scope, strlen(scope) };
	*ret_goes_on = visit(&part, ret);
	return true;
}

void container_path_read(const char *path, struct owner *ret)
{
	struct path_place place = { .path = path, .component = { "", 0 } };
	const char *at = path;
	bool goes_on = true;
	struct span next;

	for (bool more = span_next_component(&at, &next); more && goes_on; place.depth++) {
		place.parent = place.component;
		place.component = next;
		more = span_next_component(&at, &next);
		place.child = next;
		if (!visit_unsplit(&place, ret, &goes_on))
			goes_on = visit(&place, ret);
	}
}
