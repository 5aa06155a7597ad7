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
	# The flags can be split at blanks. Only some objects get the version, as quoted strings.
	read -ra cflags <<<"$line"
	cflags+=('-DKT_VERSION="lint"' '-DKT_COMMIT="lint"' '-DKT_BUILT_WITH="lint"')
}
