// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/runtime_table.h"

#include <string.h>

#include "attribute/id_form.h"
#include "base/cleanup.h"

#define TASKS "/io.containerd.runtime.v2.task"
#define METADATA "/io.containerd.metadata.v1.bolt/meta.db"
#define MICROK8S "/var/snap/microk8s/common"
#define SNAP_DOCKER "/var/snap/docker"
#define PODMAN_KEEPS "/var/lib/containers/storage"
#define PODMAN_RUNS "/run/containers/storage"

#define FORMS (const struct runtime_form[])
#define FILES (const struct runtime_file[])
#define DATABASES (const struct runtime_database[])
#define WORDS (const char *const[])

#define CONTAINERD_NAMES(at)                                                                     \
	{                                                                                        \
		at TASKS, "config.json", FILE_CONTAINERD, FILE_BY_NAMESPACE_AND_ID, FILE_NERDCTL \
	}
#define DOCKER_NAMES(at, how)                             \
	{                                                 \
		at, "config.v2.json", FILE_DOCKER, how, 0 \
	}
#define PODMAN_NAMES(at, list)                                             \
	{                                                                  \
		at "-containers", list, FILE_STORAGE_LIST, FILE_FOR_ALL, 0 \
	}
#define BUNDLE(at, config)                             \
	{                                              \
		at, config, FILE_BUNDLE, FILE_BY_ID, 0 \
	}
#define CLAIM(at, state, kind)                 \
	{                                      \
		at, state, kind, FILE_BY_ID, 0 \
	}

/*
 * Monitors need no rows: "crio-conmon-ID", "libpod-conmon-ID" and "lxc.monitor.NAME" match none of
 * these, since no id follows the prefix.
 */
static const struct runtime runtimes[] = {
	{
		.name = "containerd",
		.forms =
			FORMS{
				{ id_form_hex64, .prefix = "cri-containerd-", .suffix = ".scope" },
				{ id_form_hex64, .prefix = "cri-containerd-" },
				{ id_form_hex64, .prefix = "nerdctl-", .suffix = ".scope" },
				/* the default is /NAMESPACE/ID: namespaces with known users */
				{ id_form_containerd, FORM_PLACED, .parent = "default",
				  .top = true },
				{ id_form_containerd, FORM_PLACED, .parent = "k8s.io", .top = true },
				{ id_form_hex64, FORM_PLACED, .parent = "moby", .top = true,
				  .runtime = "docker" },
				{ 0 },
			},
		.names =
			FILES{
				CONTAINERD_NAMES("/run/containerd"),
				/* of k3s and RKE2, of k0s, and of MicroK8s */
				CONTAINERD_NAMES("/run/k3s/containerd"),
				CONTAINERD_NAMES("/run/k0s/containerd"),
				CONTAINERD_NAMES(MICROK8S "/run/containerd"),
				/* of Bottlerocket's host containers */
				CONTAINERD_NAMES("/run/host-containerd"),
				{ 0 },
			},
		.claims =
			FILES{
				{ "/run/containerd" TASKS, "config.json", FILE_CLAIM_CONTAINERD,
				  FILE_BY_NAMESPACE_AND_ID, FILE_CLAIM_NERDCTL },
				{ 0 },
			},
		.images =
			DATABASES{
				{ "/var/lib/containerd" METADATA, FILE_CONTAINERD_DATABASE,
				  "/run/containerd" TASKS },
				{ "/var/lib/rancher/k3s/agent/containerd" METADATA,
				  FILE_CONTAINERD_DATABASE, "/run/k3s/containerd" TASKS },
				/* RKE2's */
				{ "/var/lib/rancher/rke2/agent/containerd" METADATA,
				  FILE_CONTAINERD_DATABASE, "/run/k3s/containerd" TASKS },
				{ "/var/lib/k0s/containerd" METADATA, FILE_CONTAINERD_DATABASE,
				  "/run/k0s/containerd" TASKS },
				{ MICROK8S "/var/lib/containerd" METADATA, FILE_CONTAINERD_DATABASE,
				  MICROK8S "/run/containerd" TASKS },
				{ "/var/lib/host-containerd" METADATA, FILE_CONTAINERD_DATABASE,
				  "/run/host-containerd" TASKS },
				{ 0 },
			},
		.watched =
			WORDS{
				"/run/containerd" TASKS "/k8s.io",
				"/run/containerd" TASKS "/moby",
				"/run/containerd" TASKS "/default",
				"/run/host-containerd" TASKS "/default",
				"/run/k3s/containerd" TASKS "/k8s.io",
				"/run/k0s/containerd" TASKS "/k8s.io",
				MICROK8S "/run/containerd" TASKS "/k8s.io",
				NULL,
			},
		.units = WORDS{ "containerd", "k3s", "rke2", "k0s", "snap.microk8s", NULL },
		.programs = WORDS{ "containerd", "containerd-shim", NULL },
		.has_namespaces_in_paths = true,
		.has_pods_in_files = true,
	},
	{
		.name = "cri-o",
		.forms =
			FORMS{
				{ id_form_hex64, .prefix = "crio-", .suffix = ".scope" },
				{ id_form_hex64, .prefix = "crio-" },
				{ 0 },
			},
		.names =
			FILES{
				{ PODMAN_RUNS "/overlay-containers", "userdata/config.json",
				  FILE_CRIO, FILE_BY_ID, 0 },
				{ 0 },
			},
		.watched = WORDS{ PODMAN_RUNS "/overlay-containers", NULL },
		.units = WORDS{ "crio", NULL },
		.programs = WORDS{ "crio", "conmon", NULL },
		.same_files_as = "podman",
		.has_pods_only = true,
	},
	{
		.name = "docker",
		.forms =
			FORMS{
				{ id_form_hex64, .prefix = "docker-", .suffix = ".scope" },
				{ id_form_hex64, FORM_PLACED, .parent = "docker" },
				{ 0 },
			},
		.names =
			FILES{
				DOCKER_NAMES("/var/lib/docker/containers", FILE_BY_ID),
				DOCKER_NAMES(SNAP_DOCKER "/common/var-lib-docker/containers",
					     FILE_BY_ID),
				DOCKER_NAMES("/etc/docker/daemon.json", FILE_MOVED),
				DOCKER_NAMES(SNAP_DOCKER "/current/config/daemon.json", FILE_MOVED),
				{ 0 },
			},
		.bundles =
			FILES{
				BUNDLE("/run/containerd" TASKS "/moby", "config.json"),
				/* where dockerd has its own containerd; of the snap */
				BUNDLE("/run/docker/containerd/daemon" TASKS "/moby", "config.json"),
				BUNDLE("/run/snap.docker/containerd/daemon" TASKS "/moby",
				       "config.json"),
				{ 0 },
			},
		.watched =
			WORDS{
				"/run/docker/containerd/daemon" TASKS "/moby",
				"/run/snap.docker/containerd/daemon" TASKS "/moby",
				"/var/lib/docker/containers",
				SNAP_DOCKER "/common/var-lib-docker/containers",
				NULL,
			},
		.units = WORDS{ "docker", NULL },
		.programs = WORDS{ "dockerd", NULL },
		.renames = true,
	},
	{
		.name = "buildkit",
		.forms =
			FORMS{
				{ id_form_buildkit, .prefix = "docker-", .suffix = ".scope" },
				{ id_form_buildkit, FORM_PLACED, .parent = "buildkit" },
				{ 0 },
			},
	},
	{
		.name = "podman",
		.forms =
			FORMS{
				{ id_form_hex64, .prefix = "libpod-", .suffix = ".scope" },
				{ id_form_hex64, .prefix = "libpod-payload-" },
				{ id_form_hex64, .prefix = "libpod-" },
				/* its pods; below libpod_parent a bare id is a pod's */
				{ id_form_hex64, .kind = OWNER_PODMAN_POD, .prefix = "libpod_pod_",
				  .suffix = ".slice", .after_dash = true },
				{ id_form_hex64, .kind = OWNER_PODMAN_POD,
				  .parent = "libpod_parent" },
				{ 0 },
			},
		.names =
			FILES{
				PODMAN_NAMES(PODMAN_KEEPS "/overlay", "containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/vfs", "containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/btrfs", "containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/zfs", "containers.json"),
				/* of containers that are gone after a boot, "podman run --rm" among
				   them */
				PODMAN_NAMES(PODMAN_RUNS "/overlay", "volatile-containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/overlay", "volatile-containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/vfs", "volatile-containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/btrfs", "volatile-containers.json"),
				PODMAN_NAMES(PODMAN_KEEPS "/zfs", "volatile-containers.json"),
				{ 0 },
			},
		.bundles =
			FILES{
				BUNDLE(PODMAN_RUNS "/overlay-containers", "userdata/config.json"),
				BUNDLE(PODMAN_RUNS "/vfs-containers", "userdata/config.json"),
				BUNDLE(PODMAN_RUNS "/btrfs-containers", "userdata/config.json"),
				BUNDLE(PODMAN_RUNS "/zfs-containers", "userdata/config.json"),
				{ 0 },
			},
		.labels =
			DATABASES{
				{ PODMAN_KEEPS "/db.sql", FILE_PODMAN_SQLITE, NULL },
				{ PODMAN_KEEPS "/libpod/bolt_state.db", FILE_PODMAN_BOLT, NULL },
				{ 0 },
			},
		.programs = WORDS{ "podman", NULL },
	},
	{
		.name = "kata",
		.forms =
			FORMS{
				{ id_form_hex64, .prefix = "kata_" },
				{ id_form_hex64, FORM_PLACED, .parent = "kata_overhead" },
				{ 0 },
			},
		.lives_elsewhere = true,
	},
	/* the systemd driver of runc and crun names scopes PREFIX-ID.scope, and these are their own
	   prefixes */
	{
		.name = "runc",
		.forms = FORMS{ { id_form_name, .prefix = "runc-", .suffix = ".scope" }, { 0 } },
		.claims = FILES{ CLAIM("/run/runc", "state.json", FILE_CLAIM_RUNC), { 0 } },
		.programs = WORDS{ "runc", NULL },
	},
	{
		.name = "crun",
		.forms = FORMS{ { id_form_name, .prefix = "crun-", .suffix = ".scope" }, { 0 } },
		.claims = FILES{ CLAIM("/run/crun", "status", FILE_CLAIM_CRUN), { 0 } },
		.programs = WORDS{ "crun", NULL },
	},
	{
		/* writes what runc writes */
		.name = "youki",
		.claims = FILES{ CLAIM("/run/youki", "state.json", FILE_CLAIM_RUNC), { 0 } },
		.programs = WORDS{ "youki", NULL },
	},
	{
		.name = "garden",
		.forms =
			FORMS{
				{ id_form_garden, FORM_PLACED, .parent = "garden" },
				{ id_form_garden, FORM_PLACED, .parent = "garden.service" },
				/* Guardian moves those that use more CPU time than they may; a
				   second one has a tag */
				{ id_form_garden, FORM_PLACED, .parent = "good",
				  .ancestor_starts = "garden" },
				{ id_form_garden, FORM_PLACED, .parent = "bad",
				  .ancestor_starts = "garden" },
				{ id_form_garden, FORM_PLACED, .parent_starts = "garden-" },
				{ 0 },
			},
	},
	{
		.name = "mesos",
		.forms = FORMS{ { id_form_uuid, FORM_PLACED, .parent = "mesos" }, { 0 } },
	},
	{
		.name = "ecs",
		.forms =
			FORMS{
				{ id_form_hex64, FORM_PLACED, .ancestor = "ecs",
				  .runtime = "docker" },
				{ id_form_fargate, FORM_PLACED, .ancestor = "ecs" },
				{ 0 },
			},
	},
	{
		.name = "lxc",
		.forms =
			FORMS{
				{ id_form_name, FORM_PLACED, .prefix = "lxc.payload." },
				{ id_form_name, FORM_PLACED, .parent = "lxc.payload" },
				{ id_form_name, FORM_PLACED, .parent = "lxc" },
				{ 0 },
			},
	},
	{
		.name = "nomad",
		.forms =
			FORMS{
				{ id_form_nomad_task, FORM_PLACED, .suffix = ".scope" },
				{ id_form_nomad_task, FORM_PLACED, .parent = "nomad" },
				{ id_form_nomad_task, FORM_PLACED, .parent = "share" },
				{ id_form_nomad_task, FORM_PLACED, .parent = "reserve" },
				{ id_form_uuid, FORM_PLACED, .parent = "nomad" },
				{ 0 },
			},
	},
	{
		/* any runtime, below a parent cgroup that the administrator chose */
		.forms =
			FORMS{
				{ .id = id_form_hex64, .rank = FORM_BARE },
				{ id_form_hex64, FORM_BARE, .suffix = ".scope" },
				{ 0 },
			},
	},
	{
		/* libvirt puts its driver's name before the domain's */
		.name = "libvirt-qemu",
		.forms =
			FORMS{
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE, "machine-", ".scope",
				  .id_starts = "qemu\\x2d" },
				/* where systemd is not: below /machine, or partitions of the
				   administrator's */
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE,
				  .suffix = ".libvirt-qemu" },
				{ 0 },
			},
	},
	{
		.name = "libvirt-lxc",
		.forms =
			FORMS{
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE, "machine-", ".scope",
				  .id_starts = "lxc\\x2d" },
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE,
				  .suffix = ".libvirt-lxc" },
				{ 0 },
			},
	},
	{
		/* any machine of systemd-machined */
		.forms =
			FORMS{
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE, "machine-", ".scope",
				  .helper = "supervisor" },
				{ 0 },
			},
	},
	{
		.name = "systemd-nspawn",
		.forms =
			FORMS{
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE, "systemd-nspawn@",
				  ".service", .helper = "supervisor" },
				{ 0 },
			},
	},
	{
		.name = "systemd-vmspawn",
		.forms =
			FORMS{
				{ id_form_name, FORM_MACHINE, OWNER_MACHINE,
				  .prefix = "systemd-vmspawn@", .suffix = ".service" },
				{ 0 },
			},
	},
	{
		.name = "qemu",
		.forms =
			FORMS{
				{ id_form_decimal, FORM_MACHINE, OWNER_MACHINE, .suffix = ".scope",
				  .parent = "qemu.slice" },
				{ 0 },
			},
	},
	{
		/* runs no containers itself, but orders their ends */
		.programs = WORDS{ "kubelet", NULL },
		/* the folders above are made in it with the first container */
		.watched = WORDS{ "/run", NULL },
	},
};

const struct runtime *runtime_next(const struct runtime *before)
{
	const struct runtime *next = before ? before + 1 : runtimes;

	return next < runtimes + ARRAY_SIZE(runtimes) ? next : NULL;
}

const struct runtime *runtime_named(const char *name)
{
	static const struct runtime unknown;

	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		if (at->name && !strcmp(at->name, name))
			return at;
	return &unknown;
}
