# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by scripts that get packages from another suite of Debian than this machine's. Each suite
# has an apt root of its own in the cache, and the machine's own apt is not touched; apt checks
# signatures and hashes. The mirror is that of the machine's own sources, also for suites that it
# does not use. Indexes are updated after a day; if the mirror cannot be reached, the cache is used.
# $arch is Debian's name of the wanted architecture (default: amd64). KILLTRACE_CACHE is the cache
# (/var/cache/killtrace).

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${KILLTRACE_CACHE:-/var/cache/killtrace}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
fresh_minutes=1440
arch=amd64

say() { echo "${0##*/}: $*" >&2; }

# One at a time: the cache is shared.
lock_cache() {
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
}

write_sources() { # SUITE
	local main security codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	if ! main=$("$vm_dir/../debian-mirror" "$codename"); then
		say "this machine's apt has no Debian mirror to ask"
		return 1
	fi
	echo "deb [arch=$arch signed-by=$keyring] $main $1 main"
	case $1 in
	sid) return ;;
	*-backports) # needs the packages of the release as well
		echo "deb [arch=$arch signed-by=$keyring] $main ${1%-backports} main"
		return
		;;
	esac
	echo "deb [arch=$arch signed-by=$keyring] $main $1-updates main"
	security=$("$vm_dir/../debian-mirror" '*-security') || true
	[ -z "$security" ] || echo "deb [arch=$arch signed-by=$keyring] $security $1-security main"
}

# Sets options[] so that apt stays in the suite's own root. The machine's apt.conf (a proxy,
# credentials) stays in effect.
use_suite() { # SUITE
	root=$cache/apt/$1
	[ "$arch" = amd64 ] || root=$root-$arch
	mkdir -p "$root"/{lists,cache/archives}/partial
	[ -e "$root/status" ] || : >"$root/status"
	options=(-q -o "Dir::Etc::sourcelist=$root/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o "Dir::State::lists=$root/lists" -o "Dir::State::status=$root/status"
		-o "Dir::Cache=$root/cache" -o "APT::Architecture=$arch"
		-o "APT::Architectures=$arch" -o Acquire::Languages=none
		-o Acquire::Check-Valid-Until=false -o Acquire::Retries=2)
}

update_suite() { # SUITE
	write_sources "$1" >"$root/sources.list.new" || return 0
	if cmp -s "$root/sources.list.new" "$root/sources.list" &&
		[ -n "$(find "$root/updated" -mmin "-$fresh_minutes" 2>/dev/null)" ]; then
		return 0
	fi
	mv "$root/sources.list.new" "$root/sources.list"
	if apt-get "${options[@]}" -o APT::Update::Error-Mode=any update >"$root/log" 2>&1; then
		touch "$root/updated"
	else
		say "$1: apt-get update failed, going on with what is there: $(grep -m 1 '^[EW]:' "$root/log")"
	fi
}
