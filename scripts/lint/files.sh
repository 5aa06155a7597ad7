# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by every check in this directory. A check is called with the root of a source tree (the
# current directory without one), prints `path:line: what is wrong` for each finding, and exits
# with 1 when there is any. A check that finds nothing to look at fails too: a check that looked at
# nothing has proved nothing.

set -euo pipefail

check=${0##*/}
# shellcheck disable=SC2034  # used by the checks
lint_dir=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
# Under make, flags of the outer run (V=1, the jobserver) would leak into ours.
unset MAKEFLAGS MAKELEVEL MFLAGS

die() {
	echo "$check: $*" >&2
	exit 1
}

need() {
	command -v "$1" >/dev/null || die "$1 not found: run scripts/setup"
}

# find_files DIR... -- TESTS: like find(1), without what is generated or not ours, sorted.
find_files() {
	local dirs=()
	while [ "$1" != -- ]; do
		[ ! -d "$1" ] || dirs+=("$1")
		shift
	done
	shift
	[ "${#dirs[@]}" -gt 0 ] || return 0
	find "${dirs[@]}" \( -name build -o -name .git -o -name vmlinux -o -name __pycache__ \
		-o -name '.*_cache' -o -name node_modules -o -name compile_commands.json \) -prune \
		-o -type f "$@" -print | LC_ALL=C sort
}

# load DIR... -- TESTS: sets files[]; fails when there are none.
files=()
load() {
	mapfile -t files < <(find_files "$@")
	[ "${#files[@]}" -gt 0 ] || die "nothing to check"
}

# forbid WHY PATTERN FILE...: no line of these files may match the extended expression.
forbid() {
	local why=$1 pattern=$2 found
	shift 2
	# -I: a binary (a recording, an image) is not text that somebody wrote.
	found=$(grep -HInE -e "$pattern" -- "$@" || true)
	[ -n "$found" ] || return 0
	printf '%s\n' "$found" "$check: $why"
	return 1
}
