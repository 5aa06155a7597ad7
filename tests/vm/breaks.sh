#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Run in a guest with a driver that breaks: victims of the driver die under tracers with all
# evidence, with the evidence on a locked-down kernel, and with almost none. Run by scripts/vm/run,
# which brings this directory back:
#
#   release                 the kernel's
#   <mode>.json, .err       what each tracer printed
#   recording               raw records
#   testimony               what the victims know about their deaths
#   left                    BPF objects that are left when all tracers have ended
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
