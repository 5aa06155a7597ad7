#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The man page describes exactly the metrics that the program has.

setup() {
	load helpers
	T=$BATS_TEST_TMPDIR
}

described() {
	sed -n '/^\.Sh METRICS/,/^\.Sh ENVIRONMENT/s/^\.It Va //p' \
		"$BATS_TEST_DIRNAME/../../deploy/man/killtrace.8" | sort
}

@test "the man page describes every metric that is written" {
	"$KILLTRACE" replay --all --textfile "$T" \
		"$BATS_TEST_DIRNAME/../golden/synthetic-oom.ktrec" 2>"$T/err"
	sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$T/killtrace.prom" | sort >"$T/written"
	[ "$(wc -l <"$T/written")" -ge 10 ]
	# only an agent writes these: about its time, its process for container files, its ring
	printf '%s\n' killtrace_kernel_oom_kills_total killtrace_container_reader_up \
		killtrace_ring_size_bytes killtrace_ring_highest_bytes |
		sort -u "$T/written" - | diff - <(described)
}

@test "the man page describes every metric that the program names" {
	strings -a "$KILLTRACE" |
		grep -oE '\bkilltrace_[a-z_]+_(total|seconds|bytes|info|attached|up)\b' |
		grep -v '^killtrace_bpf_' |
		sort -u | diff - <(described)
}
