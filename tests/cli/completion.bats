#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Completion in the shells themselves, from the files that are installed: TAB on a real terminal.

setup_file() {
	export PREFIX=$BATS_FILE_TMPDIR/usr
	tree=$(cd "$(dirname "$BATS_TEST_FILENAME")/../.." && pwd)
	# what is built is installed as it is
	make --silent -C "$tree" --assume-old=all install PREFIX="$PREFIX" >/dev/null
}

setup() {
	load helpers
	load tracing
}

# types SHELL TEXT RESULT: TAB after the text makes these arguments of it.
types() {
	run "$ROOT/tests/cli/type-tab.py" "$1" "$PREFIX" "$2"
	echo "$1: '$2' became '$output'"
	[ "$status" -eq 0 ] && [ "$output" = "$3" ]
}

# completes SHELL
completes() {
	needs_tool "$1"
	types "$1" 'killtrace his' 'history'
	types "$1" 'killtrace --cau' '--cause'
	types "$1" 'killtrace --cause seg' '--cause segfault'
	types "$1" 'killtrace history --cause=seg' 'history --cause=segfault'
	types "$1" 'killtrace replay -o ot' 'replay -o otlp'
	types "$1" 'killtrace provoke rlimit-c' 'provoke rlimit-cpu'
	types "$1" 'killtrace help schem' 'help schema'
	# refused, so not offered; an option of another command
	types "$1" 'killtrace provoke oop' 'provoke oop'
	types "$1" 'killtrace schema --cau' 'schema --cau'
	mkdir -p "$T/folder"
	touch "$T/folder-file"
	types "$1" "killtrace daemon --textfile $T/fold" "daemon --textfile $T/folder/"
	types "$1" "killtrace replay $T/folder-" "replay $T/folder-file"
}

@test "bash completes commands, options and values" {
	[ -e /usr/share/bash-completion/bash_completion ] || cannot_run 'needs bash-completion'
	completes bash
}

@test "zsh completes commands, options and values" {
	completes zsh
}

@test "fish completes commands, options and values" {
	completes fish
}

@test "what is printed is valid in its shell" {
	for shell in bash zsh fish; do
		needs_tool "$shell"
		kt completion "$shell"
		status_is 0
		stderr_is_empty
		"$shell" -n <(printf '%s\n' "$output")
	done
	kt completion bash
	shellcheck --shell=bash - <<<"$output"
	kt completion zhs
	bad_usage "'zhs'" "'zsh'"
	kt completion
	bad_usage SHELL
}
