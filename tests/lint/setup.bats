#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/setup with test package lists and distributions; nothing is installed.

bats_require_minimum_version 1.5.0

setup() {
	list=$BATS_TEST_TMPDIR/packages
	os=$BATS_TEST_TMPDIR/os-release
	# Fake apt and dpkg: nothing is looked up outside, nothing is installed.
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	tool dpkg-query 'printf "%s\n" "ii  bash" "rc  removed" "un  never"'
	tool apt-get 'echo "apt-get $*" >>"$CALLS"; echo "E: no network"'
	tool apt-cache 'case $2 in never) echo "  Candidate: 1" ;; *) echo "  Candidate: (none)" ;; esac'
	tool id 'echo "${FAKE_UID:-0}"'
	export CALLS=$BATS_TEST_TMPDIR/calls LIST=$list OS_RELEASE=$os
	: >"$CALLS"
	echo 'ID=debian' >"$os"
}

tool() {
	printf '%s\n' '#!/bin/bash' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

list() {
	printf '%s\n' "$@" >"$list"
}

run_setup() {
	PATH=$bin:$PATH run "$BATS_TEST_DIRNAME/../../scripts/setup" "$@"
	echo "status $status: $output"
}

@test "nothing missing: silent, and apt is not called" {
	list '# a comment' '' 'build bash cmd:bash a shell'
	run_setup
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -s "$CALLS" ]
}

@test "a test tool that cannot be had is named with its cost, in one line, and is no failure" {
	list 'build bash cmd:bash a shell' 'test removed - looks into things' \
		'test never - does more'
	run_setup
	[ "$status" -eq 0 ]
	[ "$(grep -c 'cannot install' <<<"$output")" -eq 1 ]
	[[ "$output" == *"removed (looks into things); never (does more)"* ]]
	[ "$(grep -c 'apt-get.* update' "$CALLS")" -eq 1 ]
	# Packages without a candidate are not requested: they would make all the others fail.
	grep -q 'install .* never' "$CALLS"
	run grep 'install .* removed' "$CALLS"
	[ "$status" -eq 1 ]
}

@test "a build package that cannot be had fails" {
	list 'build removed - compiles things'
	run_setup
	[ "$status" -eq 1 ]
}

@test "'build' leaves test tools alone" {
	list 'build bash cmd:bash a shell' 'test removed - looks into things'
	run_setup build
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "not root: one line with what to do, and nothing is tried" {
	list 'build removed - compiles things' 'test never - does more'
	FAKE_UID=1000 run_setup
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *"removed never"*"sudo scripts/setup"* ]]
	[ ! -s "$CALLS" ]
}

@test "another distribution: missing things are named, nothing is installed" {
	printf '%s\n' 'ID=fedora' 'ID_LIKE="rhel centos"' >"$os"
	list 'build removed cmd:no-such-compiler compiles' 'build bash cmd:bash shell' \
		'test never pc:no-such-library tests'
	run_setup
	[ "$status" -eq 1 ]
	[[ "$output" == *"not found: no-such-compiler no-such-library"* ]]
	[[ "$output" == *"README"* ]]
	[ ! -s "$CALLS" ]
	list 'build bash cmd:bash shell'
	run_setup
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a relative of Debian is treated as Debian" {
	printf '%s\n' 'ID=ubuntu' 'ID_LIKE=debian' >"$os"
	list 'build removed - compiles things'
	run_setup
	[ -s "$CALLS" ]
}

@test "an unknown argument is bad usage" {
	list 'build bash cmd:bash a shell'
	run_setup everything
	[ "$status" -eq 2 ]
	[[ "$output" == *"everything"* ]]
}

@test "the shipped list is well formed: kind, package, probe, purpose" {
	run awk '!/^#/ && NF { if ($1 !~ /^(build|test)$/ || $3 !~ /^((cmd|pc|py|lib):.+|-)$/ || NF < 4) { print; bad = 1 } } END { exit bad }' \
		"$BATS_TEST_DIRNAME/../../scripts/packages"
	echo "$output"
	[ "$status" -eq 0 ]
}
