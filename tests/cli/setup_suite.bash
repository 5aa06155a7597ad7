# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs before the first and after the last test of this folder: no test leaves a program, a pin, a
# control group or a mount.

leftovers() {
	PYTHONPATH=$(dirname "${BASH_SOURCE[0]}")/../kernel PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 -c "$@"
}

setup_suite() {
	leftovers 'import json, leftovers; print(json.dumps(leftovers.state()))' >"$BATS_SUITE_TMPDIR/had"
}

teardown_suite() {
	local left
	left=$(leftovers 'import json, leftovers, sys
print(leftovers.left(json.load(open(sys.argv[1]))))' "$BATS_SUITE_TMPDIR/had")
	[ -z "$left" ] || {
		echo "# left behind: $left" >&3
		return 1
	}
}
