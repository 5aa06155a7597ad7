// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/docker_config.h"

#include <string.h>

#include "attribute/json_names.h"

/* cri-dockerd: core/docker_service.go, which calls what holds a pod's namespaces open container "POD". An
 * image has labels of its own, and a pod of which they leave the uid out can be checked by nobody. */
static void take_labels(const json_t *labels, struct names *ret)
{
	const char *type = json_string_value(json_object_get(labels, "io.kubernetes.docker.type"));

	JSON_NAMES_TAKE(ret, pod_uid, labels, "io.kubernetes.pod.uid");
	if (!ret->pod_uid[0])
		return;
	JSON_NAMES_TAKE(ret, namespace, labels, "io.kubernetes.pod.namespace");
	JSON_NAMES_TAKE(ret, pod, labels, "io.kubernetes.pod.name");
	if (type && !strcmp(type, "podsandbox"))
		(void)names_set(ret->sandbox, sizeof(ret->sandbox), "yes");
	else
		JSON_NAMES_TAKE(ret, container, labels, "io.kubernetes.container.name");
}

bool docker_config_read(const char *text, size_t size, const char *id, struct names *ret)
{
	AUTO_JSON json_t *file = json_loadb(text, size, 0, NULL);
	const json_t *config = json_object_get(file, "Config");
	const char *name = json_string_value(json_object_get(file, "Name"));

	(void)id;
	if (!json_is_object(file))
		return false;
	/* "/web": the slash is from the days of links between containers */
	(void)names_set(ret->name, sizeof(ret->name), name && *name == '/' ? name + 1 : name);
	JSON_NAMES_TAKE(ret, image, config, "Image");
	take_labels(json_object_get(config, "Labels"), ret);
	return true;
}
