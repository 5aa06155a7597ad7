#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/debian-root with a debootstrap that does nothing, slowly.

teardown() {
	kill -KILL ${maker:+"$maker"} 2>/dev/null || true
}

@test "what makes a Debian system ends with the script, however that ends" {
	[ "$(id -u)" = 0 ] || skip "not possible on this machine: needs root for namespaces"
	T=$BATS_TEST_TMPDIR
	mkdir "$T/bin" "$T/cache"
	printf '%s\n' '#!/bin/sh' "echo begun >'$T/begun'" 'exec sleep 1000' >"$T/bin/debootstrap"
	chmod +x "$T/bin/debootstrap"
	echo 'hello  a package' >"$T/list"
	for signal in TERM KILL; do
		rm -f "$T/begun"
		PATH=$T/bin:$PATH KILLTRACE_CACHE=$T/cache \
			"$BATS_TEST_DIRNAME/../../scripts/debian-root" "$T/list" 3>&- 2>/dev/null &
		made=$!
		for _ in {1..300}; do
			[ ! -s "$T/begun" ] || break
			sleep 0.1
		done
		maker=$(pgrep -P "$made" -x unshare)
		[ -n "$maker" ]
		inside=$(pgrep -P "$maker")
		kill -"$signal" "$made"
		wait "$made" || true
		for _ in {1..300}; do
			[ -e "/proc/$maker" ] || [ -e "/proc/$inside" ] || break
			sleep 0.1
		done
		[ ! -e "/proc/$maker" ]
		[ ! -e "/proc/$inside" ]
	done
	# the lock is free again, and nothing is taken for a system
	[ -z "$(find "$T/cache/roots" -mindepth 1 -maxdepth 1 -name 'list-*')" ]
	flock -n "$T/cache/roots/lock" true
}
