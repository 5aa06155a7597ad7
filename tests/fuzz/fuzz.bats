#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# A short search for inputs that crash a reader. $KT_FUZZ_SECONDS makes it longer; 12 for each
# target take less than three minutes of one processor.

@test "hostile inputs bring no reader down" {
	targets=("$BATS_TEST_DIRNAME"/*_fuzz.c)
	run "$BATS_TEST_DIRNAME/run"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${#targets[@]}" -ge 21 ]
	[ "$(grep -c ' [1-9][0-9]* runs, nothing wrong$' <<<"$output")" -eq "${#targets[@]}" ]
}

@test "every target has inputs to start from, and together they are small" {
	for target in "$BATS_TEST_DIRNAME"/*_fuzz.c; do
		target=$(basename "$target" _fuzz.c)
		[ -n "$(find "$BATS_TEST_DIRNAME/corpus/$target" -type f)" ]
	done
	size=$(find "$BATS_TEST_DIRNAME/corpus" -type f -printf '%s\n' |
		awk '{ sum += $1 } END { print sum }')
	echo "$size bytes"
	[ "$size" -lt 204800 ]
}

@test "every seed that make_seeds writes is there" {
	make --no-print-directory -s -C "$BATS_TEST_DIRNAME/../.." -f tests/fuzz/fuzz.mk \
		build/fuzz/make_seeds
	"$BATS_TEST_DIRNAME/../../build/fuzz/make_seeds" "$BATS_TEST_TMPDIR/seeds"
	(cd "$BATS_TEST_TMPDIR/seeds" && find . -type f) >"$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -ge 40 ]
	# not byte for byte: seeds of records follow the scenarios, which change with every new
	# cause
	while read -r name; do
		[ -s "$BATS_TEST_DIRNAME/corpus/$name" ] || { echo "$name" && false; }
	done <"$BATS_TEST_TMPDIR/names"
}
