#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# What a guest with a driver that breaks does: victims of the driver die under tracers with all
# evidence, with what a locked-down kernel leaves, and with next to none. Run by scripts/vm/run,
# which brings this directory back:
#
#   release                 of its kernel
#   <mode>.json, .err       what each tracer told
#   recording               raw records
#   testimony               what the victims know of their deaths
#   left                    what BPF has left in the kernel after all tracers have ended
VICTIMS='oops-null oops-gp oops-bug oops-null-thread oops-gp-thread oops-bug-thread stuck stuck-oom'

# shellcheck source=tracers.sh
. /bin/tracers.sh

uname -r >release
insmod /bin/kt_break.ko || exit 1
trace default
trace no-oops
trace no-extras
start_and_wait recording killtrace-static record recording
# shellcheck disable=SC2086 # several words
zoo $VICTIMS >testimony
echo "zoo ended with $?"
end_tracers
