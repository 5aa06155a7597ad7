#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# A check that cannot fail proves nothing. Each is run on a small good tree, which it must accept,
# and on that tree with one violation, which it must refuse with the file and the line.

bats_require_minimum_version 1.5.0

root=$BATS_TEST_DIRNAME/../..

setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/user/base" "$tree/user/source" "$tree/user/decode" "$tree/user/line" \
		"$tree/user/stdout" "$tree/bpf"
	cp "$root/.clang-format" "$root/.clang-tidy" "$tree"

	# Replaces the real Makefile: the two targets that the checks need.
	printf '%s\n' '# SPDX-License-Identifier: BSD-2-Clause' \
		'print-cflags:' $'\t@echo -std=gnu11 -Wall -Werror -Iuser -Ibpf -Ibuild/bpf' \
		'build/bpf/killtrace.skel.h build/bpf/type_names.h build/schema_json.h:' \
		$'\t@mkdir -p build/bpf && touch $@' >"$tree/Makefile"

	c_file user/main.c '#include "stdout/lines.h"' '' 'int main(void)' '{' \
		$'\treturn lines_count();' '}'
	c_file user/stdout/lines.c '#include "stdout/lines.h"' '#include "base/number.h"' '' \
		'int lines_count(void)' '{' $'\treturn number_three();' '}'
	header user/stdout/lines.h 'int lines_count(void);'
	header user/base/number.h 'static inline int number_three(void)' '{' $'\treturn 3;' '}'
	{
		echo '/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */'
		printf '%s\n' '#ifndef EVENT_H' '#define EVENT_H' '' 'struct event {' \
			$'\tint size;' '};' '' '#endif'
	} >"$tree/bpf/event.h"
	printf '%s\n' '#!/bin/sh' '# SPDX-License-Identifier: BSD-2-Clause' 'echo "$1"' \
		>"$tree/script"
}

# c_file PATH LINE...: a source below the tree; the first given line is its line 2.
c_file() {
	local path=$tree/$1
	shift
	printf '%s\n' '// SPDX-License-Identifier: BSD-2-Clause' "$@" >"$path"
}

header() {
	local path=$1 guard
	shift
	guard=$(tr 'a-z/.' 'A-Z__' <<<"$path")
	c_file "$path" "#ifndef $guard" "#define $guard" '' "$@" '' '#endif'
}

accepts() {
	run "$root/scripts/lint/$1" "$tree"
	echo "$1 on the good tree: $output"
	[ "$status" -eq 0 ]
}

# refuses CHECK PLACE: it fails, and its output has the place.
refuses() {
	run "$root/scripts/lint/$1" "$tree"
	echo "$1 on the bad tree (status $status): $output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"$2"* ]]
}

@test "a check without anything to look at fails" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	# Not the repository that may contain the tests.
	export GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR
	tree=$BATS_TEST_TMPDIR/empty
	for check in format columns tidy cppcheck leaks headers rooms kernel-log terminal \
		kernel-version marks spdx reuse places scripts commits manual top; do
		refuses "$check" "nothing to check"
	done
}

@test "format refuses another layout" {
	accepts format
	c_file user/base/wide.c 'int  wide( void ) { return 1; }'
	refuses format user/base/wide.c:2
}

@test "format refuses another layout of Python, also in a script without a suffix" {
	mkdir "$tree/scripts" "$tree/tests"
	for path in tests/wide.py scripts/wide; do
		printf '%s\n' '#!/usr/bin/python3' 'print("wide")' >"$tree/$path"
		accepts format
		echo 'print( 1)' >>"$tree/$path"
		refuses format "$path:1"
		rm "$tree/$path"
	done
}

@test "manual refuses options and commands that only one side has" {
	mkdir -p "$tree/deploy/man"
	c_file user/options_table.c $'{ "cause", \'\\0\', POPT_ARG_ARGV },' \
		$'{ "output", \'o\', POPT_ARG_STRING },'
	c_file user/commands.c '.name = "trace",'
	page=$tree/deploy/man/killtrace.8
	printf '%s\n' '.Sh SYNOPSIS' '.Op Cm trace' '.Sh DESCRIPTION' '.It Fl -cause Ar cause' \
		'.It Fl o , -output Ar format' >"$page"
	accepts manual
	echo '.It Fl -colour' >>"$page"
	refuses manual 'there is no option --colour'
	sed -i '/colour/d; /output/d' "$page"
	refuses manual 'lacks the option --output'
	echo '.It Fl o , -output Ar format' >>"$page"
	sed -i 's/^\.Op Cm trace/.Cm trace | top/' "$page"
	refuses manual 'there is no command top'
	c_file user/commands.c '.name = "trace",' '.name = "top",' '.name = "why",'
	refuses manual 'lacks the command why'
}

@test "tidy refuses a multiplication widened too late" {
	accepts tidy
	c_file user/base/wide.c 'long wide(int a, int b);' 'long wide(int a, int b)' '{' \
		$'\treturn a * b;' '}'
	refuses tidy user/base/wide.c:5
}

@test "tidy refuses what the compiler warns of" {
	c_file user/base/unused.c 'int seven(void);' 'int seven(void)' '{' $'\tint unused;' \
		$'\treturn 7;' '}'
	refuses tidy user/base/unused.c:5
}

@test "tidy refuses a finding in one of our headers" {
	header user/base/number.h 'static inline long number_three(int a, int b)' '{' \
		$'\treturn a * b;' '}'
	refuses tidy user/base/number.h:7
}

@test "tidy looks again when only a header changed" {
	accepts tidy
	accepts tidy
	header user/base/number.h 'static inline long number_three(int a, int b)' '{' \
		$'\treturn a * b;' '}'
	refuses tidy user/base/number.h:7
}

@test "cppcheck refuses a read behind an array's end" {
	accepts cppcheck
	c_file user/base/behind.c 'int behind(void);' 'int behind(void)' '{' \
		$'\tint a[2] = { 1, 2 };' '' $'\treturn a[2];' '}'
	refuses cppcheck user/base/behind.c:7
}

@test "leaks refuses memory that one path forgets, and accepts a variable that frees itself" {
	accepts leaks
	cp "$root/user/base/cleanup.h" "$tree/user/base"
	c_file user/base/auto.c '#include "base/cleanup.h"' 'char *volatile seen;' \
		'int tidy_up(int n);' 'int tidy_up(int n)' '{' $'\tAUTO_FREE char *q = malloc(1);' \
		'' $'\tseen = q;' $'\treturn q && n;' '}'
	accepts leaks
	c_file user/base/forgets.c '#include <stdlib.h>' 'int forgets(int n);' \
		'int forgets(int n)' '{' $'\tchar *q = malloc(1);' '' $'\tif (!q || n)' \
		$'\t\treturn 1;' $'\tfree(q);' $'\treturn 0;' '}'
	refuses leaks user/base/forgets.c:8
}

@test "headers refuses one that needs another before it" {
	accepts headers
	header user/base/needy.h 'size_t needy(void);'
	refuses headers user/base/needy.h
}

@test "headers refuses one that cannot be included twice" {
	c_file user/base/twice.h 'struct twice {' $'\tint a;' '};'
	refuses headers user/base/twice.h
}

@test "columns refuses a line beyond the hundredth column, except a text in quotes" {
	local long
	printf -v long '%0100d' 0
	c_file user/source/long.c "int zeros = 0x${long};"
	refuses columns user/source/long.c:2
	c_file user/source/long.c $'\t\t\t\t\t\t\t\t\t\t\t\t\tint tabs;'
	refuses columns user/source/long.c:2
	c_file user/source/long.c "const char *const zeros = \"${long}\";"
	accepts columns
}

@test "columns refuses a long line of any language, except a long text in quotes" {
	local path long words before
	printf -v long '%0100d' 0
	words=$(printf 'echo "$%s" ' {1..20})
	mkdir "$tree/tests" "$tree/scripts"
	for path in tests/x.py tests/x.bats tests/x.bash scripts/x.sh scripts/x.mk scripts/x.awk \
		tests/x.go tests/x.rs tests/x.java scripts/bash-script scripts/python-script; do
		case $path in
		*/bash-script) before='#!/bin/bash' ;;
		*) before='#!/usr/bin/python3' ;;
		esac
		printf '%s\n' "$before" "say('$long')" >"$tree/$path"
		accepts columns
		printf '%s\n' "$before" "# $long" >"$tree/$path"
		refuses columns "$path:2"
		# Many short texts are no reason to go beyond.
		printf '%s\n' "$before" "$words" >"$tree/$path"
		refuses columns "$path:2"
		rm "$tree/$path"
	done
	printf '"""%s %s"""\n' "$long" "$long" >"$tree/tests/x.py"
	refuses columns tests/x.py:1
	rm "$tree/tests/x.py"
	echo "# $long" >>"$tree/Makefile"
	refuses columns Makefile:6
}

@test "headers refuses a wire contract that does not stand alone" {
	echo 'struct late { missing_t a; };' >>"$tree/bpf/event.h"
	refuses headers bpf/event.h
}

@test "rooms refuses a later room" {
	accepts rooms
	c_file user/base/number.c '#include "stdout/lines.h"'
	refuses rooms user/base/number.c:2
}

@test "rooms accepts the wire contract where records are decoded" {
	c_file user/decode/record.c '#include "event.h"'
	accepts rooms
}

@test "rooms refuses the wire contract after decode" {
	c_file user/stdout/raw.c '#include "event.h"'
	refuses rooms user/stdout/raw.c:2
}

@test "rooms refuses the skeleton outside source" {
	c_file user/source/load.c '#include "killtrace.skel.h"'
	accepts rooms
	c_file user/stdout/load.c '#include "killtrace.skel.h"'
	refuses rooms user/stdout/load.c:2
}

@test "rooms refuses a path that is not relative to user/" {
	c_file user/stdout/up.c '#include "../base/number.h"'
	refuses rooms user/stdout/up.c:2
	rm "$tree/user/stdout/up.c"
	c_file user/stdout/near.c '#include "lines.h"'
	refuses rooms user/stdout/near.c:2
}

@test "rooms refuses a later room's types that come in through a header" {
	header user/stdout/page.h 'struct page {' $'\tint lines;' '};'
	header user/decode/early.h 'struct line;' 'void early(struct line *line);'
	accepts rooms
	header user/decode/early.h 'struct page;' 'void early(struct page *page);'
	refuses rooms user/decode/early.h:5
	rm "$tree/user/decode/early.h"
	header user/view.h 'struct view {' $'\tint rows;' '};'
	c_file user/stdout/late.c 'int rows(const struct view *view);'
	refuses rooms user/stdout/late.c:2
}

@test "rooms refuses an unknown room" {
	mkdir "$tree/user/attic"
	c_file user/attic/old.c ''
	refuses rooms user/attic/old.c:1
	rm -r "$tree/user/attic"
	c_file user/main.c '#include "attic/old.h"'
	refuses rooms user/main.c:2
}

@test "rooms lets only the composing files know every room" {
	c_file user/cmd_trace.c '#include "stdout/lines.h"'
	c_file user/pipeline.h '#include "stdout/lines.h"'
	c_file user/line/schema.c '#include "schema_json.h"'
	c_file user/options.c '#include "base/number.h"'
	accepts rooms
	c_file user/shortcut.c '#include "stdout/lines.h"'
	refuses rooms user/shortcut.c:2
	c_file user/shortcut.c '#include "schema_json.h"'
	refuses rooms user/shortcut.c:2
}

@test "kernel-log refuses every way to the kernel's log" {
	accepts kernel-log
	for way in 'open("/dev/kmsg", 0)' 'fopen("/proc/kmsg", "r")' 'klogctl(3, 0, 0)' \
		'popen("dmesg", "r")' 'syslog(3, 0, 0)' 'syscall(SYS_syslog)' \
		'int SYSLOG_ACTION_READ'; do
		c_file user/source/log.c "$way;"
		refuses kernel-log user/source/log.c:2
	done
	rm "$tree/user/source/log.c"
	echo '/* dmesg has it */' >"$tree/bpf/log.bpf.c"
	refuses kernel-log bpf/log.bpf.c:1
}

@test "kernel-log accepts a system call's name in a table" {
	c_file user/source/names.c 'static const char *const names[] = { "syslog", "backlog" };'
	accepts kernel-log
}

@test "terminal refuses every other way to the terminal" {
	accepts terminal
	for way in 'printf("%s\n", name)' '(void)printf("x")' 'puts(name)' 'fputs(name, stderr)' \
		'perror(name)' '(void)fprintf(stderr, "%s", name)' 'fwrite(name, 1, 2, stdout)' \
		'dprintf(1, "%s", name)' 'warn("%s", name)'; do
		c_file user/stdout/talk.c "$way;"
		refuses terminal user/stdout/talk.c:2
	done
	c_file user/stdout/talk.c '(void)snprintf(text, size, "%s", name); fprintf(file, "%s", name);'
	accepts terminal
	c_file user/base/say.c '(void)fprintf(stderr, "%s", clean);'
	accepts terminal
}

@test "numbers refuses every other way to read one" {
	for way in 'strtol(text, NULL, 10)' 'n = strtoull(text, &end, 10)' 'atoi(text)' \
		'atoll(text)' 'sscanf(text, "%d", &n)' 'fscanf(file, "%d", &n)' \
		'strtoimax(text, NULL, 10)'; do
		c_file user/base/count.c "$way;"
		refuses numbers user/base/count.c:2
	done
	c_file user/base/count.c 'number_parse(text, &n); strtod(text, NULL); my_atoi(text);'
	accepts numbers
}

@test "kernel-version refuses a comparison" {
	accepts kernel-version
	for way in '#if LINUX_VERSION_CODE < 1' 'int v = KERNEL_VERSION(6, 1, 0);' \
		'#include <linux/version.h>' 'sscanf(name.release, "%d.%d", &a, &b);' \
		'if (strverscmp(uts->release, "6.1") < 0)'; do
		c_file user/source/version.c "$way"
		refuses kernel-version user/source/version.c:2
	done
	rm "$tree/user/source/version.c"
	echo 'extern int LINUX_KERNEL_VERSION __kconfig;' >"$tree/bpf/version.bpf.h"
	refuses kernel-version bpf/version.bpf.h:1
}

@test "kernel-version accepts a release that is shown" {
	c_file user/source/shown.c 'printf("kernel %s\n", name.release);'
	accepts kernel-version
}

@test "top refuses what a program has left there" {
	rm "$tree/script"
	accepts top
	touch "$tree/isolate-0x1-v8.log"
	refuses top isolate-0x1-v8.log:1
}

@test "marks refuses one without an issue" {
	accepts marks
	for mark in 'TO''DO' 'FIX''ME' 'X''XX' 'HA''CK'; do
		c_file user/base/mark.c "/* $mark: later */"
		refuses marks user/base/mark.c:2
		c_file user/base/mark.c "/* $mark(somebody): later */"
		refuses marks user/base/mark.c:2
	done
}

@test "marks accepts one with an issue, and a template's letters" {
	c_file user/base/mark.c '/* TO''DO(#12): later */' '/* /tmp/name.XXXXXX */'
	accepts marks
}

@test "spdx refuses a source without a licence" {
	accepts spdx
	for name in bare.c bare.py bare.sh bare.go bare.bats; do
		echo '' >"$tree/$name"
		refuses spdx "$name:1"
		rm "$tree/$name"
	done
	printf '#!/bin/sh\n' >"$tree/script"
	refuses spdx script:1
}

@test "spdx refuses the other side's licence" {
	c_file bpf/only.bpf.c ''
	refuses spdx bpf/only.bpf.c:1
	rm "$tree/bpf/only.bpf.c"
	echo '// SPDX-License-Identifier: GPL-2.0-only' >"$tree/user/base/gpl.c"
	refuses spdx user/base/gpl.c:1
	rm "$tree/user/base/gpl.c"
	mkdir -p "$tree/tests/vm/module"
	echo '// SPDX-License-Identifier: BSD-2-Clause' >"$tree/tests/vm/module/driver.c"
	refuses spdx tests/vm/module/driver.c:1
}

@test "reuse refuses a licence without its text, and a file without a licence" {
	mkdir "$tree/LICENSES" "$tree/.reuse"
	cp "$root/.reuse/dep5" "$tree/.reuse"
	cp "$root"/LICENSES/* "$tree/LICENSES"
	accepts reuse
	echo '// SPDX-''License-Identifier: MIT' >"$tree/user/base/mit.c"
	refuses reuse user/base/mit.c
	rm -r "$tree/user/base/mit.c" "$tree/.reuse"
	echo 1 >"$tree/recording.json"
	refuses reuse recording.json
}

@test "places refuses a working copy's path" {
	accepts places
	for path in '/wo''rk/main/build' '/wo''rkspace/killtrace' '/home/''anna/src/killtrace' \
		'../sha''red/design.md'; do
		printf 'see %s\n' "$path" >"$tree/notes.md"
		refuses places notes.md:1
	done
}

@test "places accepts the path in what an editor is given" {
	echo '{ "directory": "/wo''rk/main" }' >"$tree/compile_commands.json"
	accepts places
}

@test "places refuses a registry's host" {
	for host in 'dock''er.io/library/busybox' 'https://qu''ay.io/x' 'registry.''k8s.io/pause' \
		'http://deb.''debian.org/debian'; do
		printf 'image: %s\n' "$host" >"$tree/pod.yaml"
		refuses places pod.yaml:1
	done
}

# commit SUBJECT [BODY]: makes another commit in the tree.
commit() {
	git -C "$tree" -c user.name=Anna -c user.email=anna@example.org -c commit.gpgsign=false \
		commit -q --allow-empty --no-verify -m "$1" ${2:+-m "$2"}
}

# repository: makes the tree a repository, with an exempt first commit and a good second one.
repository() {
	git -C "$tree" init -q
	commit 'An old commit.'
	KT_COMMITS_SINCE=$(git -C "$tree" rev-parse HEAD)
	export KT_COMMITS_SINCE
	commit 'base: count what is left' 'Nobody saw that it was left out.'
}

@test "commits refuses a subject that is long, has no room or is no imperative" {
	repository
	accepts commits
	for subject in 'Count what is left' 'base: the rest is counted' \
		'base: counted what is left' 'base: counts what is left' \
		'base: counting what is left' 'base: 3 more counters' 'base: count' \
		"base: count $(printf '%061d' 0)"; do
		commit "$subject" 'Nobody saw that it was left out.'
		refuses commits "$subject"
		[ "$(grep -c : <<<"$output")" = 1 ]
		git -C "$tree" reset -q --soft HEAD~
	done
	commit "base, source: feed $(printf '%053d' 0)" 'It has 72 characters.'
	commit 'base: focus on what is left' 'It only looks like another form.'
	accepts commits
}

@test "commits refuses one without a reason" {
	repository
	commit 'base: count what is left'
	refuses commits 'no body that says why: base: count what is left'
	git -C "$tree" reset -q --soft HEAD~
	commit 'base: count the rest' 'Signed-off-by: Anna <anna@example.org>'
	refuses commits 'no body that says why: base: count the rest'
}

@test "commits looks at what a shallow clone has" {
	repository
	git clone -q --depth 1 "file://$tree" "$BATS_TEST_TMPDIR/good"
	commit 'base: the rest is counted' 'Nobody saw that it was left out.'
	git clone -q --depth 1 "file://$tree" "$BATS_TEST_TMPDIR/bad"
	tree=$BATS_TEST_TMPDIR/good
	accepts commits
	tree=$BATS_TEST_TMPDIR/bad
	refuses commits 'base: the rest is counted'
}

@test "commits looks at the last one where the history is another" {
	repository
	commit 'base: the rest is counted' 'Nobody saw that it was left out.'
	KT_COMMITS_SINCE=0123456789abcdef0123456789abcdef01234567
	refuses commits 'base: the rest is counted'
	commit 'base: count the rest anew' 'The last subject was not an imperative.'
	accepts commits
}

@test "scripts refuses an unquoted variable" {
	accepts scripts
	printf '%s\n' '#!/bin/sh' 'rm -r $1' >"$tree/script"
	refuses scripts script:2
}

@test "scripts refuses a bats file that shellcheck refuses" {
	printf '%s\n' '#!/usr/bin/env bats' '@test "one" {' $'\trm -r $tree' '}' >"$tree/one.bats"
	refuses scripts one.bats:3
}
