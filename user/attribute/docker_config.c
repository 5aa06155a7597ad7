// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/docker_config.h"

#include <stdio.h>
#include <string.h>

#include "attribute/json_bound.h"
#include "attribute/json_names.h"

/* cri-dockerd: core/naming.go, k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT. If that agrees with the
 * labels, the container's own name is the first part. The container that holds a pod's namespaces
 * open has none.
 * open has none. */
static void shorten_name(const char *container, struct names *ret)
{
	char whole[sizeof(ret->name) + sizeof(ret->namespace) + sizeof(ret->pod_uid)];
	int length = snprintf(whole, sizeof(whole), "k8s_%s_%s_%s_%s_", container, ret->pod,
			      ret->namespace, ret->pod_uid);

	if (length < 0 || (size_t)length >= sizeof(whole) ||
	    strncmp(ret->name, whole, (size_t)length) != 0)
		return;
	(void)names_set(ret->name, sizeof(ret->name), ret->container);
}

/* cri-dockerd: core/docker_service.go, which gives the container that holds a pod's namespaces open
 * the name "POD". An image has labels of its own. If they leave the uid out, the pod cannot be
 * checked. */
static void take_labels(const json_t *labels, struct names *ret)
{
	const char *type = json_string_value(json_object_get(labels, "io.kubernetes.docker.type"));

	JSON_NAMES_TAKE(ret, pod_uid, labels, "io.kubernetes.pod.uid");
	if (!ret->pod_uid[0])
		return;
	JSON_NAMES_TAKE(ret, namespace, labels, "io.kubernetes.pod.namespace");
	JSON_NAMES_TAKE(ret, pod, labels, "io.kubernetes.pod.name");
	if (type && !strcmp(type, "podsandbox")) {
		(void)names_set(ret->sandbox, sizeof(ret->sandbox), "yes");
		shorten_name("POD", ret);
	} else {
		JSON_NAMES_TAKE(ret, container, labels, "io.kubernetes.container.name");
		shorten_name(ret->container, ret);
	}
}

bool docker_config_read(const char *text, size_t size, const char *id, struct names *ret)
{
	AUTO_JSON json_t *file = json_bound_load(text, size, JSON_BOUND_BYTES);
	const json_t *config = json_object_get(file, "Config");
	const char *name = json_string_value(json_object_get(file, "Name"));

	(void)id;
	if (!json_is_object(file))
		return false;
	/* "/web": the slash remains from the former links between containers */
	(void)names_set(ret->name, sizeof(ret->name), name && *name == '/' ? name + 1 : name);
	JSON_NAMES_TAKE(ret, image, config, "Image");
	take_labels(json_object_get(config, "Labels"), ret);
	return true;
}
