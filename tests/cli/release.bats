#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The archive with the static binary: what it contains, the same bytes twice, and what it installs.

setup_file() {
	load helpers
	export STATIC=${KILLTRACE%/*}/killtrace-static
	export PACKED=$BATS_FILE_TMPDIR/build NAME
	NAME=killtrace-1.2.3-linux-$(uname -m)
	[ ! -s "$STATIC.map" ] || pack
}

setup() {
	load helpers
	load tracing
	[ -s "$STATIC.map" ] || skip 'not built: make static'
	tar xzf "$PACKED/$NAME.tar.gz" -C "$T"
	tree=$T/$NAME
}

pack() {
	mkdir -p "$PACKED"
	ln -sf "$(realpath "$STATIC")" "$(realpath "$STATIC.map")" "$PACKED"
	"$ROOT/scripts/release" "$PACKED" 1.2.3
}

@test "the same files give the same archive, and its sum is beside it" {
	cp "$PACKED/$NAME.tar.gz" "$T/first"
	(umask 077 && pack)
	cmp "$T/first" "$PACKED/$NAME.tar.gz"
	(cd "$PACKED" && sha256sum -c SHA256SUMS)
}

@test "the list of packages is what the linker used, each with its licence" {
	# The other part of the map: the sections that were placed, and where they come from.
	awk '/^Linker script and memory map/ { placed = 1 } placed' "$STATIC.map" |
		grep -oE '/[^ ()]+\.a\(' | tr -d '(' | sort -u | xargs realpath | sort -u |
		xargs -n 1 basename >"$T/placed"
	[ "$(wc -l <"$T/placed")" -gt 10 ]
	jq -r '.packages[].comment | ltrimstr("linked: ") | split(", ")[] | select(endswith(".a"))' \
		"$tree/sbom.spdx.json" | sort -u >"$T/listed"
	diff <(sort -u "$T/placed") "$T/listed"
	for package in $(jq -r '.packages[].name' "$tree/sbom.spdx.json"); do
		[ -s "$tree/licenses/$package" ]
	done
	for library in bpf elf seccomp cap-ng jansson popt z sqlite3 dw iberty c; do
		grep -qx "lib$library.a" "$T/listed"
	done
}

@test "a file of no package is an error, not a gap" {
	sed 's|^/[^ (]*/libbpf\.a(|/nowhere/libbpf.a(|' "$STATIC.map" >"$T/map"
	run "$ROOT/scripts/sbom-static" "$T/map" "$T/list"
	[ "$status" -ne 0 ]
	[[ "$output" == *libbpf.a* ]]
}

@test "it installs below its prefix, and only there" {
	DESTDIR=$T/root PREFIX=/opt run "$tree/install"
	[ "$status" -eq 0 ]
	"$T/root/opt/sbin/killtrace" --version
	grep -q '^ExecStart=/opt/sbin/killtrace ' "$T/root/opt/lib/systemd/system/killtrace.service"
	[ "$(ls "$T/root")" = opt ]
	[ "$(find "$T/root" -type f | wc -l)" = 7 ]
	# again, over a program that runs
	"$T/root/opt/sbin/killtrace" replay - </dev/zero >/dev/null 2>&1 3>&- &
	pid=$!
	DESTDIR=$T/root PREFIX=/opt "$tree/install"
	kill "$pid" 2>/dev/null || true
	wait "$pid" || true
	run "$tree/install" --force
	[ "$status" -eq 2 ]
}
