// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/oci_config.h"

#include <string.h>

#include "attribute/json_names.h"

/* containerd: pkg/cri/annotations/annotations.go, 1.4 to 2.x */
static void take_containerd(const json_t *notes, struct names *ret)
{
	JSON_NAMES_TAKE(ret, namespace, notes, "io.kubernetes.cri.sandbox-namespace");
	JSON_NAMES_TAKE(ret, pod, notes, "io.kubernetes.cri.sandbox-name");
	JSON_NAMES_TAKE(ret, pod_uid, notes, "io.kubernetes.cri.sandbox-uid");
	JSON_NAMES_TAKE(ret, container, notes, "io.kubernetes.cri.container-name");
	JSON_NAMES_TAKE(ret, name, notes, "io.kubernetes.cri.container-name");
	JSON_NAMES_TAKE(ret, image, notes, "io.kubernetes.cri.image-name");
}

/* The kubelet's labels, which CRI-O keeps under their own names, and CRI-O's annotations
 * (pkg/annotations/internal.go). */
static void take_crio(const json_t *notes, struct names *ret)
{
	JSON_NAMES_TAKE(ret, namespace, notes, "io.kubernetes.pod.namespace");
	JSON_NAMES_TAKE(ret, pod, notes, "io.kubernetes.pod.name");
	JSON_NAMES_TAKE(ret, pod_uid, notes, "io.kubernetes.pod.uid");
	JSON_NAMES_TAKE(ret, container, notes, "io.kubernetes.container.name");
	JSON_NAMES_TAKE(ret, name, notes, "io.kubernetes.container.name");
	JSON_NAMES_TAKE(ret, image, notes, "io.kubernetes.cri-o.ImageName");
}

static bool is_sandbox(const json_t *notes, const char *key)
{
	const char *type = json_string_value(json_object_get(notes, key));

	return type && !strcmp(type, "sandbox");
}

bool oci_config_read(const char *text, size_t size, const char *id, struct names *ret)
{
	AUTO_JSON json_t *config = json_loadb(text, size, 0, NULL);
	const json_t *notes = json_object_get(config, "annotations");
	struct names other = { 0 };

	(void)id;
	if (!json_is_object(config))
		return false;
	take_containerd(notes, ret);
	take_crio(notes, &other);
	names_fill(ret, &other);
	if (is_sandbox(notes, "io.kubernetes.cri.container-type") ||
	    is_sandbox(notes, "io.kubernetes.cri-o.ContainerType"))
		(void)names_set(ret->sandbox, sizeof(ret->sandbox), "yes");
	/* nerdctl's labels are annotations too */
	if (!ret->name[0])
		JSON_NAMES_TAKE(ret, name, notes, "nerdctl/name");
	return true;
}
