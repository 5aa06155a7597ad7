// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/oci_config.h"

#include <string.h>

#include "attribute/json_bound.h"
#include "attribute/json_names.h"

static void mark_sandbox(const json_t *notes, const char *key, struct names *ret)
{
	const char *type = json_string_value(json_object_get(notes, key));

	if (type && !strcmp(type, "sandbox"))
		(void)names_set(ret->sandbox, sizeof(ret->sandbox), "yes");
}

/* nerdctl's labels are annotations. */
static void take_nerdctl(const json_t *notes, struct names *ret)
{
	JSON_NAMES_TAKE(ret, name, notes, "nerdctl/name");
}

/* containerd: pkg/cri/annotations/annotations.go, 1.4 to 2.x */
static void take_containerd(const json_t *notes, struct names *ret)
{
	JSON_NAMES_TAKE(ret, namespace, notes, "io.kubernetes.cri.sandbox-namespace");
	JSON_NAMES_TAKE(ret, pod, notes, "io.kubernetes.cri.sandbox-name");
	JSON_NAMES_TAKE(ret, pod_uid, notes, "io.kubernetes.cri.sandbox-uid");
	JSON_NAMES_TAKE(ret, container, notes, "io.kubernetes.cri.container-name");
	JSON_NAMES_TAKE(ret, name, notes, "io.kubernetes.cri.container-name");
	JSON_NAMES_TAKE(ret, image, notes, "io.kubernetes.cri.image-name");
	mark_sandbox(notes, "io.kubernetes.cri.container-type", ret);
	/* any user may use the kubelet's namespace */
	if (!ret->name[0] && !ret->sandbox[0])
		take_nerdctl(notes, ret);
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
	mark_sandbox(notes, "io.kubernetes.cri-o.ContainerType", ret);
	/* a sandbox has the labels of a container, with the name "POD" */
	if (ret->sandbox[0]) {
		memset(ret->container, 0, sizeof(ret->container));
		memset(ret->name, 0, sizeof(ret->name));
	}
}

static void take_nothing(const json_t *notes, struct names *ret)
{
	(void)notes;
	(void)ret;
}

static bool read_notes(const char *text, size_t size,
		       void (*take)(const json_t *notes, struct names *ret), struct names *ret)
{
	AUTO_JSON json_t *config = json_bound_load(text, size, JSON_BOUND_BYTES);

	if (!json_is_object(config))
		return false;
	take(json_object_get(config, "annotations"), ret);
	JSON_NAMES_TAKE(ret, cgroup, json_object_get(config, "linux"), "cgroupsPath");
	return true;
}

bool oci_config_read_containerd(const char *text, size_t size, const char *id, struct names *ret)
{
	(void)id;
	return read_notes(text, size, take_containerd, ret);
}

bool oci_config_read_crio(const char *text, size_t size, const char *id, struct names *ret)
{
	(void)id;
	return read_notes(text, size, take_crio, ret);
}

bool oci_config_read_nerdctl(const char *text, size_t size, const char *id, struct names *ret)
{
	(void)id;
	return read_notes(text, size, take_nerdctl, ret);
}

bool oci_config_read_cgroup(const char *text, size_t size, struct names *ret)
{
	return read_notes(text, size, take_nothing, ret);
}
