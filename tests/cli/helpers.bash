# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Loaded by the bats files of tests/cli and tests/golden: `load ../cli/helpers`.
# $KILLTRACE may name another binary, as a path.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
KILLTRACE=${KILLTRACE:-$ROOT/build/killtrace}

# kt ARGS...: runs killtrace; sets status, output (stdout) and stderr, as bats' run does. A run that
# hangs ends with status 124.
kt() {
	run --separate-stderr timeout --kill-after=5 "${KT_TIMEOUT:-30}" "$KILLTRACE" "$@"
	describe "killtrace $*"
}

# kt_as_nobody ARGS...: the same without any privilege, even if root runs the tests. The binary is
# copied: other users may not be able to enter the working copy, or bats' folder.
kt_as_nobody() {
	if [ "$(id -u)" != 0 ]; then
		kt "$@"
		return
	fi
	local place
	place=$(mktemp -d)
	chmod 755 "$place"
	install -m 755 "$KILLTRACE" "$place/killtrace"
	cd "$place" || return
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		timeout --kill-after=5 "${KT_TIMEOUT:-30}" "$place/killtrace" "$@"
	cd - >/dev/null || return
	rm -r "$place"
	describe "killtrace $* (as nobody)"
}

# Output for a failing test: bats prints it only then.
describe() {
	# shellcheck disable=SC2154  # set by run
	printf '%s\n' "$1: status $status" "--- stdout" "${output:0:4000}" "--- stderr" \
		"${stderr:0:4000}"
}

status_is() {
	[ "$status" -eq "$1" ]
}

# Data goes to stdout, messages to stderr: these check where a command writes.
stdout_is_empty() {
	[ -z "$output" ]
}

stderr_is_empty() {
	[ -z "$stderr" ]
}

# One line on stderr that contains all of these texts.
one_line_of_talk() {
	local text
	# shellcheck disable=SC2154  # set by run
	[ "${#stderr_lines[@]}" -eq 1 ] || return 1
	for text in "$@"; do
		[[ "$stderr" == *"$text"* ]] || return 1
	done
}

# bad_usage TEXT...: exit status 2, nothing on stdout, one line with these texts.
bad_usage() {
	status_is 2 && stdout_is_empty && one_line_of_talk "$@"
}

# No byte in either stream that controls a terminal.
no_control_bytes() {
	! printf '%s' "$output$stderr" | LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]'
}
