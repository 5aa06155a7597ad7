#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The archive of the sources, and the packages built from it: the same bytes, whoever makes them
# where and when.

setup() {
	load helpers
	load tracing
	git -C "$ROOT" -c safe.directory='*' rev-parse HEAD >/dev/null 2>&1 ||
		skip 'this copy of the sources has no git'
}

# copy NAME: clones the sources, and packs an archive there; sets archive.
copy() {
	git -c safe.directory='*' clone --quiet "$ROOT" "$T/$1"
	make --silent -C "$T/$1" dist
	archive=$(echo "$T/$1"/build/killtrace-*.tar.gz)
}

# deb FOLDER: builds the package there, without a cache; sets package.
deb() {
	local errors=$T/deb.err
	CCACHE_DISABLE=1 "${@:2}" make --silent -C "$1" deb >"$errors" 2>&1 || cat "$errors"
	package=$(echo "$1"/build/killtrace_*.deb)
	[ -s "$package" ]
}

@test "an archive is packed in two folders, and a Debian package built in two, on two days" {
	needs_tool dpkg-deb
	needs_tool dh
	needs_tool faketime
	copy one
	first=$archive
	copy another/of-a-longer-name
	cmp "$first" "$archive"

	deb "$T/one"
	first=$package
	mkdir -p "$T/there/deeper"
	tar xzf "$archive" -C "$T/there/deeper"
	tree=$(echo "$T"/there/deeper/killtrace-*)
	# the archive has no git
	[ ! -e "$tree/.git" ]
	deb "$tree" faketime -f +2d
	cmp "$first" "$package"
	[ "${first##*/}" = "${package##*/}" ]
	cmp "${first/killtrace_/killtrace-dbgsym_}" "${package/killtrace_/killtrace-dbgsym_}"

	dpkg-deb -x "$package" "$T/root"
	program=$T/root/usr/sbin/killtrace
	# neither in debug information nor in BTF, which the kernel gets
	dpkg-deb -x "${package/killtrace_/killtrace-dbgsym_}" "$T/root"
	never grep -rqaF -e "$T" -e "${TMPDIR:-/tmp}/tmp." "$T/root"

	# it knows its commit
	commit=$(git -C "$T/one" rev-parse HEAD)
	run "$program" --version
	[[ "${lines[0]}" == "killtrace $(cat "$ROOT/scripts/version")"* ]]
	[ "${lines[1]}" = "commit $commit" ]
	[ "$tree" = "$T/there/deeper/killtrace-${lines[0]#killtrace }" ]

	# what dpkg-buildflags asks for has come to the binary
	readelf -lWd "$program" >"$T/headers"
	grep -q GNU_RELRO "$T/headers"
	grep -Eq 'FLAGS_1.* NOW.* PIE' "$T/headers"
	nm -D "$program" | grep -q ' U __stack_chk_fail'
	nm -D "$program" | grep -q ' U __snprintf_chk'
	[ "$(uname -m)" != x86_64 ] || [ "$(objdump -d "$program" | grep -c endbr64)" -gt 500 ]

	# the unit names the place where the program is
	unit=$(find "$T/root" -name killtrace.service)
	grep -q '^ExecStart=/usr/sbin/killtrace ' "$unit"
	dpkg-deb -f "$package" Recommends | grep -Eq 'libcurl4.*libmicrohttpd.*libdw1.*libncursesw6'
	needs_tool lintian
	run lintian --allow-root --fail-on error,warning,info "$package"
	echo "$output"
	[ "$status" -eq 0 ]
}

# image FOLDER: builds the image there from the program in it, as `make image` does.
image() {
	local licences=("$ROOT"/{LICENSE,LICENSES/BSD-2-Clause.txt,LICENSES/GPL-2.0-only.txt})
	read -ra libraries < <(sed -n 's/^IMAGE_LIBRARIES := //p' "$ROOT/Makefile")
	[ "${#libraries[@]}" -gt 1 ]
	"$ROOT/scripts/closure" "$1/image-root" "$1/killtrace" "${libraries[@]}"
	find "$1" -exec touch -d "${2:-now}" {} +
	"$ROOT/scripts/image" "$ROOT/deploy/container/Containerfile" localhost/killtrace:latest 1 \
		"$1/image.tar" "$1/image-root" "${licences[@]}"
}

@test "an image is built in two folders, from files of two days and with two masks" {
	needs_tool buildah
	mkdir -p "$T/one" "$T/another/of-a-longer-name"
	cp "$KILLTRACE" "$T/one/killtrace"
	cp "$KILLTRACE" "$T/another/of-a-longer-name/killtrace"
	image "$T/one"
	(umask 077 && image "$T/another/of-a-longer-name" '2 days')
	cmp "$T/one/image.tar" "$T/another/of-a-longer-name/image.tar"
	# the program, its libraries and their licences
	tar xf "$T/one/image.tar" -C "$T"
	blobs=$T/blobs/sha256
	manifest=$(jq -r '.manifests[0].digest | sub("sha256:"; "")' "$T/index.json")
	for layer in $(jq -r '.layers[].digest | sub("sha256:"; "")' "$blobs/$manifest"); do
		tar tzf "$blobs/$layer"
	done >"$T/listed"
	grep -qx killtrace "$T/listed"
	grep -q 'libcurl.so.4$' "$T/listed"
}

@test "a copy without git and archive says that it does not know its commit" {
	mkdir -p "$T/copy"
	cp -r "$ROOT/scripts" "$T/copy"
	version=$(cat "$ROOT/scripts/version")
	[ "$("$T/copy/scripts/describe")" = "$version unknown" ]
	# not the commit of a repository that it lies in
	git -C "$T" init --quiet
	[ "$("$T/copy/scripts/describe")" = "$version unknown" ]
}

@test "a tag is the version itself, and a change is marked" {
	git -c safe.directory='*' clone --quiet "$ROOT" "$T/tagged"
	cp "$ROOT/scripts/describe" "$ROOT/scripts/version" "$T/tagged/scripts/"
	cd "$T/tagged"
	version=$(cat scripts/version)
	git add -A
	git -c user.name=x -c user.email=x commit --quiet --allow-empty -m x
	commit=$(git rev-parse HEAD)
	[ "$(scripts/describe)" = "$version-g${commit:0:12} $commit" ]
	git tag "v$version"
	[ "$(scripts/describe)" = "$version $commit" ]
	echo >>README.md
	[ "$(scripts/describe)" = "$version-g${commit:0:12}-dirty $commit-dirty" ]
}
