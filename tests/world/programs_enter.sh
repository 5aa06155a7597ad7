#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes a Debian system ready to run programs, and holds its mounts.
#
# usage: programs_enter.sh ROOT PLACE     (as first process of a mount namespace)
#
# ROOT is not changed: writes go to a tmpfs at PLACE, an empty directory, and vanish with the mount
# namespace. Prints "ready" when PLACE/system can be the root of a process.
set -euo pipefail

root=$1 place=$2

mount -t tmpfs -o mode=755 tmpfs "$place"
mkdir "$place"/{written,work,system}
mount -t overlay -o "lowerdir=$root,upperdir=$place/written,workdir=$place/work" overlay "$place/system"
cd "$place/system"

mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp

echo ready
exec sleep infinity
