# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by the checks that parse C: sets cflags[] to the Makefile's flags for user/, and makes the
# generated headers that some of these files include.

cflags=()
set_cflags() {
	local line
	need make
	make -s --no-print-directory build/bpf/killtrace.skel.h build/bpf/type_names.h \
		build/schema_json.h >/dev/null ||
		die "the generated headers cannot be made"
	line=$(make -s --no-print-directory print-cflags) || die "make print-cflags failed"
	# The flags can be split at blanks. The version is a quoted string that changes with every
	# commit: a constant in its place avoids the quotes and the changes.
	read -ra cflags <<<"$line"
	cflags=("${cflags[@]/#-DKT_VERSION=*/-DKT_VERSION=\"lint\"}")
}
