#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A bounded look for inputs that bring a reader down; tests/fuzz/run RUNS looks longer.

@test "hostile inputs bring no reader down" {
	run "$BATS_TEST_DIRNAME/run" 10000
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c 'nothing wrong' <<<"$output")" -eq 9 ]
}
