/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/runtimes.h"

#include "attribute/id_form.h"

struct runtime_rule {
	/* Around the id, in the component itself. */
	const char *prefix;
	const char *suffix;
	bool (*form)(struct span id);
	enum owner_kind kind;
	const char *runtime;
	/* Name of the component above, or of any component above. */
	const char *parent;
	const char *ancestor;
	/* The parent must be the first of the path: its name alone would be too common. */
	bool top;
	/* The prefix may have more before it, up to a dash: slices carry their parents' names. */
	bool after_dash;
	/* The id begins with this. */
	const char *id_starts;
	/* A component below of this name holds the runtime's helper, not what it runs. */
	const char *helper;
};

/*
 * Monitors need no rows: "crio-conmon-ID", "libpod-conmon-ID" and "lxc.monitor.NAME" fit none of
 * these, since what follows the prefix is no id.
 */
static const struct runtime_rule rules[] = {
	/* systemd driver: runc and crun name scopes PREFIX-ID.scope. */
	{ .prefix = "docker-", .suffix = ".scope", .form = id_form_hex64, .runtime = "docker" },
	{ .prefix = "docker-", .suffix = ".scope", .form = id_form_buildkit, .runtime = "buildkit" },
	{ .prefix = "cri-containerd-",
	  .suffix = ".scope",
	  .form = id_form_hex64,
	  .runtime = "containerd" },
	{ .prefix = "cri-containerd-", .form = id_form_hex64, .runtime = "containerd" },
	{ .prefix = "nerdctl-", .suffix = ".scope", .form = id_form_hex64, .runtime = "containerd" },
	{ .prefix = "crio-", .suffix = ".scope", .form = id_form_hex64, .runtime = "cri-o" },
	{ .prefix = "crio-", .form = id_form_hex64, .runtime = "cri-o" },
	{ .prefix = "libpod-", .suffix = ".scope", .form = id_form_hex64, .runtime = "podman" },
	{ .prefix = "libpod-payload-", .form = id_form_hex64, .runtime = "podman" },
	{ .prefix = "libpod-", .form = id_form_hex64, .runtime = "podman" },
	{ .prefix = "kata_", .form = id_form_hex64, .runtime = "kata" },
	{ .prefix = "runc-", .suffix = ".scope", .form = id_form_name, .runtime = "runc" },
	{ .prefix = "crun-", .suffix = ".scope", .form = id_form_name, .runtime = "crun" },

	/* Podman's pods; below libpod_parent a bare id is a pod's. */
	{ .prefix = "libpod_pod_",
	  .suffix = ".slice",
	  .form = id_form_hex64,
	  .kind = OWNER_PODMAN_POD,
	  .after_dash = true },
	{ .parent = "libpod_parent", .form = id_form_hex64, .kind = OWNER_PODMAN_POD },

	/* cgroupfs driver: the id is a component of its own. */
	{ .parent = "docker", .form = id_form_hex64, .runtime = "docker" },
	{ .parent = "buildkit", .form = id_form_buildkit, .runtime = "buildkit" },
	{ .parent = "kata_overhead", .form = id_form_hex64, .runtime = "kata" },
	{ .parent = "garden", .form = id_form_garden, .runtime = "garden" },
	{ .parent = "garden.service", .form = id_form_garden, .runtime = "garden" },
	{ .parent = "mesos", .form = id_form_uuid, .runtime = "mesos" },
	{ .ancestor = "ecs", .form = id_form_hex64, .runtime = "docker" },
	{ .ancestor = "ecs", .form = id_form_fargate, .runtime = "ecs" },

	/* containerd's default is /NAMESPACE/ID; these are the namespaces with known users. */
	{ .parent = "default", .top = true, .form = id_form_containerd, .runtime = "containerd" },
	{ .parent = "k8s.io", .top = true, .form = id_form_containerd, .runtime = "containerd" },
	{ .parent = "moby", .top = true, .form = id_form_hex64, .runtime = "docker" },

	{ .prefix = "lxc.payload.", .form = id_form_name, .runtime = "lxc" },
	{ .parent = "lxc.payload", .form = id_form_name, .runtime = "lxc" },
	{ .parent = "lxc", .form = id_form_name, .runtime = "lxc" },

	{ .suffix = ".scope", .form = id_form_nomad_task, .runtime = "nomad" },
	{ .parent = "nomad", .form = id_form_nomad_task, .runtime = "nomad" },
	{ .parent = "share", .form = id_form_nomad_task, .runtime = "nomad" },
	{ .parent = "reserve", .form = id_form_nomad_task, .runtime = "nomad" },
	{ .parent = "nomad", .form = id_form_uuid, .runtime = "nomad" },

	/* Any runtime below a parent cgroup of the administrator's choice. */
	{ .form = id_form_hex64 },
	{ .suffix = ".scope", .form = id_form_hex64 },

	/* Machines; libvirt puts its driver's name before the domain's. */
	{ .prefix = "machine-",
	  .suffix = ".scope",
	  .form = id_form_name,
	  .id_starts = "qemu\\x2d",
	  .kind = OWNER_MACHINE,
	  .runtime = "libvirt-qemu" },
	{ .prefix = "machine-",
	  .suffix = ".scope",
	  .form = id_form_name,
	  .id_starts = "lxc\\x2d",
	  .kind = OWNER_MACHINE,
	  .runtime = "libvirt-lxc" },
	{ .prefix = "machine-",
	  .suffix = ".scope",
	  .form = id_form_name,
	  .kind = OWNER_MACHINE,
	  .helper = "supervisor" },
	{ .prefix = "systemd-nspawn@",
	  .suffix = ".service",
	  .form = id_form_name,
	  .kind = OWNER_MACHINE,
	  .runtime = "systemd-nspawn",
	  .helper = "supervisor" },
	{ .prefix = "systemd-vmspawn@",
	  .suffix = ".service",
	  .form = id_form_name,
	  .kind = OWNER_MACHINE,
	  .runtime = "systemd-vmspawn" },
	{ .parent = "qemu.slice",
	  .suffix = ".scope",
	  .form = id_form_decimal,
	  .kind = OWNER_MACHINE,
	  .runtime = "qemu" },
};

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Moves to the last "-PREFIX" in the name, so that the prefix stands at its beginning. */
static struct span skip_to_dashed(struct span name, const char *prefix)
{
	struct span found = { name.s, 0 };

	for (size_t i = 1; i < name.n; i++)
		if (name.s[i - 1] == '-' && span_starts(span_drop(name, i), prefix))
			found = span_drop(name, i);
	return found;
}

static bool names_id(const struct runtime_rule *rule, struct span component, struct span *ret_id)
{
	const char *prefix = text_of(rule->prefix), *suffix = text_of(rule->suffix);
	struct span id = component;

	if (rule->after_dash)
		id = skip_to_dashed(id, prefix);
	if (!span_starts(id, prefix) || !span_ends(id, suffix))
		return false;
	id = span_chop(span_drop(id, strlen(prefix)), strlen(suffix));
	if (!rule->form(id) || !span_starts(id, text_of(rule->id_starts)))
		return false;
	*ret_id = id;
	return true;
}

static bool has_ancestor(const struct path_place *place, const char *name)
{
	const char *at = place->path;
	struct span component;

	while (span_next_component(&at, &component) && component.s != place->component.s)
		if (span_is(component, name))
			return true;
	return false;
}

static bool stands_right(const struct runtime_rule *rule, const struct path_place *place)
{
	if (rule->top && place->depth != 1)
		return false;
	if (rule->helper && span_is(place->child, rule->helper))
		return false;
	return !rule->ancestor || has_ancestor(place, rule->ancestor);
}

bool runtime_match(const struct path_place *place, struct runtime_match *ret)
{
	struct span id;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct runtime_rule *rule = &rules[i];

		/* What most rows fail at comes first. */
		if (rule->parent && !span_is(place->parent, rule->parent))
			continue;
		if (place->is_scope && !rule->suffix)
			continue;
		if (!names_id(rule, place->component, &id) || !stands_right(rule, place))
			continue;
		*ret = (struct runtime_match){ rule->kind, id, text_of(rule->runtime) };
		return true;
	}
	return false;
}
