#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Every check of scripts/lint/ on this tree. checks-can-fail.bats shows that each one can fail.
# `make test-quick` leaves the slow ones out.

bats_require_minimum_version 1.8.0

root=$BATS_TEST_DIRNAME/../..

check() {
	"$root/scripts/lint/$1" "$root"
}

@test "C is laid out as .clang-format says, Python as black does" {
	check format
}

# bats test_tags=slow
@test "clang-tidy finds nothing" {
	check tidy
}

@test "cppcheck finds nothing" {
	check cppcheck
}

# bats test_tags=slow
@test "gcc's analyser finds no leak" {
	check leaks
}

@test "the manual page lists the options and commands that are there" {
	check manual
}

@test "every header compiles on its own" {
	check headers
}

@test "includes follow the order of the rooms" {
	check rooms
}

@test "numbers in text of others are read to their end" {
	check numbers
}

@test "kernel log text is not even named" {
	check kernel-log
}

@test "text for people leaves at two places" {
	check terminal
}

@test "nothing depends on a kernel version number" {
	check kernel-version
}

@test "nothing is left in the top folder" {
	check top
}

@test "unfinished marks have an issue" {
	check marks
}

@test "every source says its licence" {
	check spdx
}

@test "every file has a licence, and each licence its text" {
	git -c safe.directory='*' -C "$root" rev-parse -q --verify HEAD >/dev/null 2>&1 ||
		skip "not a git checkout"
	check reuse
}

@test "no working copy's path and no registry's host" {
	check places
}

@test "no line of code is too long" {
	check columns
}

@test "shell scripts pass shellcheck" {
	check scripts
}

@test "commits say what and why" {
	git -c safe.directory='*' -C "$root" rev-parse -q --verify HEAD >/dev/null 2>&1 ||
		skip "not a git checkout"
	check commits
}
