#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes of a Debian system one that container runtimes can work in, and stays as its first process.
#
# usage: runtimes_enter.sh ROOT PLACE yes|no     (first process of a mount, pid and net namespace)
#
# ROOT is left as it is: what is written lies on a tmpfs at PLACE, an empty directory, and is gone
# with the mount namespace. The last word tells whether the v2 tree of a hybrid layout is shown:
# crun takes such a layout for v2. Prints "ready" when the system can be entered.
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
# An overlay cannot lie on an overlay, and images are unpacked into such.
for directory in containers containerd docker; do
	mkdir -p "$place/storage/$directory" "var/lib/$directory"
	mount --bind "$place/storage/$directory" "var/lib/$directory"
done

echo ready
# It reaps what monitors and shims leave behind.
exec chroot . tini -s -- sleep infinity
