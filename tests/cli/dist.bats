#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The archive of the sources, and what is built from it: the same bytes, whoever makes them where.

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

# build NAME: unpacks the archive and builds it without a cache; sets tree. Without optimisation, to
# save time.
build() {
	mkdir -p "$T/$1"
	tar xzf "$archive" -C "$T/$1"
	tree=$(echo "$T/$1"/killtrace-*)
	CCACHE_DISABLE=1 make --silent -j2 -C "$tree" OPT=-O0 all
}

@test "an archive is packed and built in two folders" {
	copy one
	first=$archive
	copy another/of-a-longer-name
	cmp "$first" "$archive"

	build here
	one=$tree
	build there/deeper
	for file in build/killtrace build/bpf/killtrace.bpf.o build/bpf/stuck.o; do
		cmp "$one/$file" "$tree/$file"
		# neither in debug information nor in BTF, which the kernel gets
		never grep -qaF "$T" "$tree/$file"
	done

	# it knows its commit without git
	[ ! -e "$tree/.git" ]
	commit=$(git -C "$T/one" rev-parse HEAD)
	run "$tree/build/killtrace" --version
	[[ "${lines[0]}" == "killtrace $(cat "$ROOT/scripts/version")"* ]]
	[ "${lines[1]}" = "commit $commit" ]
	[ "$tree" = "$T/there/deeper/killtrace-${lines[0]#killtrace }" ]
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
