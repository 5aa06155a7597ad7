#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# compile_commands.json, as clangd and similar tools read it.

bats_require_minimum_version 1.5.0

root=$BATS_TEST_DIRNAME/../..

setup_file() {
	export COMMANDS=$BATS_FILE_TMPDIR/compile_commands.json
	"$root/scripts/compile-commands" make "$COMMANDS" all unit-tests
}

@test "every source of the program and of the unit tests has a command" {
	cd "$root"
	# those that only the static binary has
	find bpf user -name '*.c' ! -name no_client.c ! -name no_listener.c \
		! -name libdw_static.c ! -name debuginfod_none.c ! -name curses_static.c \
		>"$BATS_TEST_TMPDIR/all"
	find tests/unit -name '*_test.c' >>"$BATS_TEST_TMPDIR/all"
	sort "$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/want"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/want")" -gt 100 ]
	jq -r '.[].file' "$COMMANDS" | sort >"$BATS_TEST_TMPDIR/have"
	run comm -23 "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/have"
	echo "without a command: $output"
	[ -z "$output" ]
}

@test "a command compiles its file, with the version that is a string of strings" {
	local file argv i
	for file in bpf/exit.bpf.c user/main.c; do
		mapfile -d '' -t argv < <(jq -j --arg file "$file" \
			'.[] | select(.file == $file) | .arguments[] | . + "\u0000"' "$COMMANDS")
		[ "${#argv[@]}" -gt 5 ]
		cd "$(jq -r --arg file "$file" '.[] | select(.file == $file) | .directory' \
			"$COMMANDS")"
		for i in "${!argv[@]}"; do
			[ "${argv[i]}" != -o ] || argv[i + 1]=$BATS_TEST_TMPDIR/out
		done
		rm -f "$BATS_TEST_TMPDIR/out"
		"${argv[@]}"
		[ -s "$BATS_TEST_TMPDIR/out" ]
	done
}

@test "a target that make does not know is an error" {
	run -1 "$root/scripts/compile-commands" make "$BATS_TEST_TMPDIR/none.json" no-such-target
	[[ "$output" == *"no-such-target failed"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/none.json" ]
}
