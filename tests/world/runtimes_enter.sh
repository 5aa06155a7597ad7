#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes a Debian system ready for container runtimes, and stays as its first process.
#
# usage: runtimes_enter.sh ROOT PLACE yes|no     (first process of a mount, pid and net namespace)
#
# ROOT is not changed: writes go to a tmpfs at PLACE, an empty directory, and vanish with the mount
# namespace. The last argument says whether the v2 tree of a hybrid layout is visible: crun would
# mistake such a layout for v2. Prints "ready" when the system can be entered.
set -euo pipefail

root=$1 place=$2 unified=$3

mount -t tmpfs -o mode=755 tmpfs "$place"
mkdir "$place"/{written,work,system,storage}
mount -t overlay -o "lowerdir=$root,upperdir=$place/written,workdir=$place/work" overlay "$place/system"
cd "$place/system"

mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
if [ "$unified" = no ] && [ -d sys/fs/cgroup/unified ]; then
	umount sys/fs/cgroup/unified
fi
# An overlay cannot lie on another overlay, and images are unpacked into overlays.
for directory in containers containerd docker; do
	mkdir -p "$place/storage/$directory" "var/lib/$directory"
	mount --bind "$place/storage/$directory" "var/lib/$directory"
done

echo ready
# Reaps the processes that monitors and shims leave behind.
exec chroot . tini -s -- sleep infinity
