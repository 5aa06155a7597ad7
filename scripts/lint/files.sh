# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by every check in this directory. A check is called with the root of a source tree
# (default: the current directory), prints `path:line: what is wrong` for each finding, and exits
# with 1 if there is any. A check without files to look at fails too: it has proved nothing.

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

# find_files DIR... -- TESTS: like find(1), without generated and foreign files, sorted.
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

# load DIR... -- TESTS: sets files[]; fails if there are none.
files=()
load() {
	mapfile -t files < <(find_files "$@")
	[ "${#files[@]}" -gt 0 ] || die "nothing to check"
}

# forbid WHY PATTERN FILE...: no line of these files may match the extended expression.
forbid() {
	local why=$1 pattern=$2 found
	shift 2
	# -I: a binary (a recording, an image) is not source text.
	found=$(grep -HInE -e "$pattern" -- "$@" || true)
	[ -n "$found" ] || return 0
	printf '%s\n' "$found" "$check: $why"
	return 1
}
